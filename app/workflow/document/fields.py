"""Builds the fields of a document, the columns of its records, and what a step asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.workflow.document.bound import OnForm
from app.workflow.document.comparisons import comparisons
from app.workflow.document.context import FORM, GUARD, OF_FORM, Context
from app.workflow.document.shapes import shown
from app.workflow.kinds import KINDS
from app.workflow.mistakes import N_, unknown
from app.workflow.parts import NOW, TODAY, Choice, Field, FieldGroup, Records
from app.workflow.texts import Words
from app.workflow.values import InvalidValue, parse

Raw = Mapping[str, Any]


def build_fields(context: Context) -> None:
    """Fills the context's fields and records."""
    declared = context.raw.get("fields", {})
    for key, words in declared.items():
        context.fields[key] = _field(context, key, words, f"fields.{key}", declared)
    for key, words in context.raw.get("records", {}).items():
        columns = words.get("fields", {})
        built = tuple(
            replace(_field(context, column, raw, f"records.{key}.fields.{column}", {**declared, **columns}),
                    required=raw.get("required", False))
            for column, raw in columns.items()
        )  # fmt: skip
        at, keys = f"records.{key}", [column.key for column in built]
        days = [column.key for column in built if column.type in ("date", "datetime")]
        context.records[key] = Records(
            key,
            words.get("label", key),
            built,
            context.name(words.get("calendar"), "column with a day", f"{at}.calendar", days),
            context.names(
                words.get("calendar_states"), "state", f"{at}.calendar_states", context.raw.get("states", {})
            ),
            context.name(words.get("counted"), "column", f"{at}.counted", keys),
            words.get("recorded_in", ""),
        )


def _field(context: Context, key: str, words: Raw, at: str, siblings: Raw) -> Field:
    choices = _choices(context, words, at, siblings)
    reference = words.get("reference")
    written = words.get("type") or ("reference" if reference else "list" if "documents" in words else "")
    kind = KINDS[written or ("choice" if choices else "text")]
    known = {*context.around.references, *context.around.sops}
    if reference and reference not in known:
        unknown(context.mistakes, f"{at}.reference", "reference", reference, known)
    field = Field(
        key, words.get("label", key), kind.type, choices=choices, reference=reference, format=kind.format,
        help=words.get("help", ""), default=words.get("default"), minimum=words.get("minimum"),
        maximum=words.get("maximum"), stored=words.get("stored", True),
        confidential_to=context.roles(words, at), ticked=words.get("ticked"), group=_group(context, words, at),
        remembered=words.get("remembered", False),
    )  # fmt: skip
    if not context.type_unknown(key):
        _agree(context, field, words, at)
    return field


def _group(context: Context, words: Raw, at: str) -> FieldGroup | None:
    groups, written = context.raw.get("field_groups", {}), words.get("group")
    if context.mistakes.told_in(f"field_groups.{written}"):
        return None
    key = context.name(written, "group of fields", f"{at}.group", groups)
    if key is None:
        return None
    context.used.add(f"field_groups.{key}")
    return FieldGroup(key, groups[key])


#: The types with which a word of a field goes.
GO_WITH = {
    "choices": ("choice", "list"), "documents": ("list",), "reference": ("reference",),
    "minimum": ("integer", "money"), "maximum": ("integer", "money"),
}  # fmt: skip


def _agree(context: Context, field: Field, words: Raw, at: str) -> None:
    """Whether the words of a field go together."""
    for word, allowed in GO_WITH.items():
        if word in words and words[word] != {} and field.type not in allowed:
            context.mistakes.add(f"{at}.{word}", N_("does not go with the type “%(type)s”"), type=field.kind.key)
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        context.mistakes.add(f"{at}.minimum", N_("is larger than the maximum"))
    unsure = "documents" in words and context.unsure("document", "")
    if words.get("choices") == {} or (field.type in ("choice", "list") and not field.choices and not unsure):
        context.mistakes.add(f"{at}.choices", N_("offers no choices"))
    if field.type == "reference" and not field.reference:
        context.mistakes.add(f"{at}.reference", N_("refers to nothing"))
    if "ticked" in words and words.get("choices") != {}:
        _ticked(context, field, at)
    if field.remembered and words.get("choices") != {} and field.type not in ("choice", "reference"):
        context.misplaced(f"{at}.remembered", field)
    if "default" in words and not context.type_unknown(field.key):
        _default(context, field, at)


def _ticked(context: Context, field: Field, at: str) -> None:
    if field.type != "choice":
        context.misplaced(f"{at}.ticked", field)
    elif field.choices:
        context.name(field.ticked, "choice", f"{at}.ticked", [choice.key for choice in field.choices])


def _default(context: Context, field: Field, at: str) -> None:
    """Whether the field takes what a new form begins with."""
    if (field.type, field.default) in (("date", TODAY), ("datetime", NOW)):
        return
    kind = {"whole": int, "truth": bool}.get(field.kind.storage, str)
    if field.choices and field.default not in (keys := [choice.key for choice in field.choices]):
        unknown(context.mistakes, f"{at}.default", "choice", shown(field.default), keys)
        return
    try:
        taken = type(field.default) is kind and parse(field, field.default) is not None
    except InvalidValue:
        taken = False
    if not taken:
        context.mistakes.add(f"{at}.default", N_("“%(value)s” is no answer to a field of the type “%(type)s”"),
                             value=shown(field.default), type=field.kind.key)  # fmt: skip


def _choices(context: Context, words: Raw, at: str, siblings: Raw) -> tuple[Choice, ...]:
    if "documents" in words:
        labels = context.labels("documents")
        keys = context.names(words["documents"], "document", f"{at}.documents", labels)
        return tuple(Choice(key, labels[key]) for key in keys)
    written = words.get("choices")
    if isinstance(written, str):
        found = siblings.get(written, {}).get("choices")
        if not isinstance(found, dict):
            offering = [key for key, of in siblings.items() if isinstance(of.get("choices"), dict)]
            unknown(context.mistakes, f"{at}.choices", "field with choices", written, offering)
            return ()
        written = found
    return tuple(Choice(key, label) for key, label in (written or {}).items())


def asked(context: Context, step: Raw, at: str) -> tuple[Field, ...]:
    """The fields of a step's form. Those of the records that it writes come before the case's own of the same key."""
    records = context.records.get(step.get("records", ""))
    columns = {column.key: replace(column, required=False) for column in (records.columns if records else ())}
    known: dict[str, Field] = {**context.fields, **{r.key: _rows(r) for r in context.records.values()}, **columns}
    written = step.get("records", "")
    unsure = (written not in context.records and written != "") or context.mistakes.told_in(f"{at}.records")
    unsure = unsure or context.mistakes.parts_unknown or context.mistakes.told_in("records")
    built: list[Field] = []
    conditions: list[tuple[int, Any, str]] = []
    compared: list[tuple[int, Raw, str]] = []
    for nth, entry in enumerate(step.get("asks", ())):
        where = f"{at}.asks[{nth}]"
        words: Raw = _short(entry) if isinstance(entry, str) else entry
        key = words.get("field", "")
        if key not in known:
            if key and not unsure:
                unknown(context.mistakes, where, "field", key, known)
            continue
        if key in context.raw.get("fields", {}) and context.raw["fields"][key].get("computed") and key not in columns:
            context.mistakes.add(where, N_("“%(field)s” is computed, so no form asks for it"), field=key)
        if any(field.key == key for field in built):
            context.mistakes.add(where, N_("asks for “%(field)s” twice"), field=key)
            continue
        required = words.get("required", False)
        built.append(_as_asked(context, known[key], words, where))
        own = _column_words(context, step, key) if key in columns else context.raw.get("fields", {}).get(key, {})
        compared.append((len(built) - 1, {**own, **words}, where))
        if isinstance(required, str):
            conditions.append((len(built) - 1, required, f"{where}.required"))
    surface = context.surface(FORM, (*columns.values(), *built))
    for nth, source, where in conditions:
        needed = _needed(context, source, where, surface)
        built[nth] = replace(built[nth], needed=needed)
    judged = context.surface(GUARD, (*columns.values(), *built))
    for nth, said, where in compared:
        rules = comparisons(context, built[nth], said, where, judged)
        if step.get("note") == "none" and any(rule.or_reason for rule in rules):
            context.mistakes.add(where, N_("needs a reason, but the step takes no note"))
        built[nth] = replace(built[nth], rules=rules)
    return tuple(built)


def _column_words(context: Context, step: Raw, key: str) -> Raw:
    words: Raw = context.raw["records"][step["records"]].get("fields", {}).get(key, {})
    return words


def _short(entry: str) -> Raw:
    return {"field": entry.removesuffix("*"), "required": entry.endswith("*")}


def _rows(records: Records) -> Field:
    return Field(records.key, records.label, "list", columns=records.columns)


def _as_asked(context: Context, field: Field, words: Raw, at: str) -> Field:
    """The field with what this form says differently."""
    label: Words = words.get("label", field.label)
    changes: dict[str, Any] = {"label": label, "required": bool(words.get("required", False))}
    changes |= {word: words[word] for word in ("help", "default") if word in words}
    if "only" in words:
        keys = context.names(words["only"], "choice", f"{at}.only", [choice.key for choice in field.choices])
        changes["choices"] = tuple(choice for choice in field.choices if choice.key in keys)
    asked = replace(field, **changes)
    if "default" in words and not context.mistakes.told_in(f"{at}.only"):
        _default(context, asked, at)
    return asked


def _needed(context: Context, source: str, at: str, surface: Any) -> Any:
    if context.is_rule(source):
        return context.rule(source, OF_FORM, at)
    expression = context.expression(source, at, surface, ("truth",))
    return OnForm(expression) if expression else None
