"""Builds an ``Sop`` from a document whose words have been read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.workflow.content_types import GROUPS
from app.workflow.declaration import (
    Column,
    Deadline,
    DocumentType,
    FieldGroup,
    Guide,
    Hint,
    Indicator,
    Limit,
    Measure,
    PublicPage,
    Sheet,
    Sop,
    State,
)
from app.workflow.document.bound import OfCase, ValueOf
from app.workflow.document.context import OF_CASE, ON_CASE, Context
from app.workflow.document.extensions import bounded
from app.workflow.document.fields import build_fields
from app.workflow.document.from_mail import build_from_mail
from app.workflow.document.secrets import check_secrets
from app.workflow.document.steps import build_steps
from app.workflow.document.surroundings import Surroundings
from app.workflow.document.whole import ambiguous, undialled, unused
from app.workflow.mistakes import N_, Mistakes
from app.workflow.sheet import Change
from app.workflow.texts import Words

Raw = Mapping[str, Any]
COLOURS = {"open": "blue", "waiting": "teal", "final": "green"}
#: What the case has by itself, so that a list can show it.
OWN_COLUMNS = (
    "number", "state", "round", "assignee", "unit", "due_at", "created_at", "changed_at", "closed_at", "claimed_by",
)  # fmt: skip
DEADLINE_LABEL = Words(("Tenggat", "Deadline"))
MEASURES: dict[str, Measure] = {
    "working hour": "working_hours", "working day": "working_days", "calendar day": "calendar_days",
    "calendar month": "calendar_months", "month": "calendar_months",
}  # fmt: skip
MEBI = 1 << 20
CONTENT_TYPES = frozenset(one for group in GROUPS.values() for one in group)


def build(raw: Raw, around: Surroundings, mistakes: Mistakes, source: str) -> Sop:
    """The SOP as far as the document can be understood; what can't be is among ``mistakes``."""
    context = Context(raw, around, mistakes)
    build_fields(context)
    sop = _sop(context, source)
    check_secrets(sop, mistakes)
    ambiguous(context)
    undialled(context)
    unused(context)
    return sop


def _sop(context: Context, source: str) -> Sop:
    raw, transitions = context.raw, build_steps(context)
    deadlines = tuple(_deadline(context, key, words) for key, words in raw.get("deadlines", {}).items())
    return Sop(
        key=raw.get("key", "sop"),
        label=raw.get("label", ""),
        label_plural=raw.get("label_plural", raw.get("label", "")),
        number=raw.get("number", ""),
        roles=tuple(raw.get("roles", ())),
        states=tuple(_state(key, words) for key, words in raw.get("states", {}).items()),
        transitions=tuple(bounded(step, deadlines) for step in transitions),
        documents=tuple(_document(context, key, words) for key, words in raw.get("documents", {}).items()),
        records=tuple(context.records.values()),
        deadlines=deadlines,
        field_groups=tuple(FieldGroup(key, label) for key, label in raw.get("field_groups", {}).items()),
        computed_fields=tuple(context.fields[key] for key in context.fields if raw["fields"][key].get("computed")),
        indicators=tuple(_indicators(context)),
        hints=tuple(_hints(context)),
        public=_public(context),
        from_mail=build_from_mail(context, transitions),
        columns=_columns(context),
        sheet=_sheet(raw.get("sheet", {})),
        whatsapp=context.sentence(raw["whatsapp"], "whatsapp", context.surface(ON_CASE)) if "whatsapp" in raw else None,
        source=source,
        **_named(context),
    )


OF_ROLES = (
    "unit_roles", "assignee_roles", "retention_officers", "overseers", "corrected_when_closed_by", "voided_by",
    "masked_for", "revealed_for", "customer_roles",
)  # fmt: skip


def _named(context: Context) -> dict[str, Any]:
    """The words that name fields, roles, templates or settings."""
    raw, around = context.raw, context.around
    roles, fields = raw.get("roles", ()), context.fields

    def roles_of(word: str) -> tuple[str, ...]:
        return context.names(raw.get(word), "role", word, roles)

    def field(word: str) -> str | None:
        return context.name(raw.get(word), "field", word, fields)

    rows = [f"{records.key}.{column.key}" for records in context.records.values() for column in records.columns]
    reporter = context.names(raw.get("reporter"), "field", "reporter", fields)
    unsure = context.mistakes.told_in("reporter") or context.unsure("field", "")
    if raw.get("reporter") and len(reporter) != 2 and not unsure:
        context.mistakes.add("reporter", N_("must be two fields: the name and the phone"))
    found: dict[str, Any] = {
        "subject": _subject(context),
        "reporter": reporter if len(reporter) == 2 else ("name", "phone") if {"name", "phone"} <= set(fields) else None,
        "similar": context.names(raw.get("similar"), "field", "similar", fields),
        "person": context.names(raw.get("person"), "field", "person", fields),
        "from_customer": _from_customer(context),
        "round_fields": context.names(raw.get("round_fields"), "field", "round_fields", fields),
        "personal": context.names(raw.get("personal"), "field", "personal", [*fields, *rows]),
        "unit_field": field("unit_field"),
        "assignee": field("assignee"),
        "offered_with": field("offered_with"),
        "sections": context.names(raw.get("sections"), "template", "sections", around.templates),
        "code_setting": context.name(raw.get("code_setting"), "setting", "code_setting", around.settings),
    }
    found |= {word: roles_of(word) for word in OF_ROLES}
    return found | {word: raw[word] for word in ("icon", "menu", "void_four_eyes", "reveal_reason") if word in raw}


def _from_customer(context: Context) -> tuple[tuple[str, str], ...]:
    """Field and column, each column once."""
    filled: dict[str, str] = {}
    for key, column in context.raw.get("from_customer", {}).items():
        at = f"from_customer.{key}"
        if context.name(key, "field", at, context.fields) is None:
            continue
        if column in filled.values():
            context.mistakes.add(at, N_("“%(column)s” fills another field already"), column=column)
        filled[key] = column
    return tuple(filled.items())


def _subject(context: Context) -> str:
    written = context.raw.get("subject")
    if written is None and "subject" not in context.fields and not context.mistakes.told_in("subject"):
        context.mistakes.add("", N_("lacks “%(word)s”"), word="subject")
    return context.name(written, "field", "subject", context.fields) or "subject"


def _state(key: str, words: Raw) -> State:
    kind = words.get("kind", "open")
    return State(
        key, words.get("label", key), words.get("colour", COLOURS[kind]), kind, words.get("counts_for_deadlines", True)
    )  # fmt: skip


def _document(context: Context, key: str, words: Raw) -> DocumentType:
    at, accept = f"documents.{key}", list(words.get("accept", ["papers"]))
    names = context.names(accept, "kind of file", f"{at}.accept", [*GROUPS, *sorted(CONTENT_TYPES)])
    types = [one for name in names for one in GROUPS.get(name, (name,))]
    megabytes = words.get("max_mb")
    return DocumentType(
        key,
        words.get("label", key),
        tuple(dict.fromkeys(types)),
        context.roles(words, at),
        words.get("retention"),
        megabytes * MEBI if megabytes else None,
        words.get("several", False),
    )


def _deadline(context: Context, key: str, words: Raw) -> Deadline:
    at = f"deadlines.{key}"
    limits = words.get("limits", [])
    if "limit" in words:
        limits = [{"limit": words["limit"]}, *limits]
    if ("due" in words) is bool({"limit", "limits"} & words.keys()) and not context.mistakes.told_in(at):
        context.mistakes.add(at, N_("needs either a day (due) or a limit"))
    days = [field.key for field in context.fields.values() if field.type == "date"]
    return Deadline(
        key,
        words.get("label", DEADLINE_LABEL),
        _read(context, words.get("due"), f"{at}.due", ("date", "moment")),
        context.names(words.get("states"), "state", f"{at}.states", context.raw.get("states", {})),
        tuple(_limit(context, one, f"{at}.limits[{nth}]") for nth, one in enumerate(limits) if "limit" in one),
        _read(context, words.get("since"), f"{at}.since", ("date", "moment")),
        context.name(words.get("kept_in"), "field with a day", f"{at}.kept_in", days),
        words.get("from"),
        words.get("citation", ""),
    )


def _limit(context: Context, words: Raw, at: str) -> Limit:
    amount, _space, measure = words["limit"].partition(" ")
    channels = context.names(words.get("channels"), "channel", f"{at}.channels", _channels(context))
    return Limit(
        int(amount), MEASURES[measure.removesuffix("s")], channels, words.get("from"), words.get("citation", ""),
        words.get("extension"), _read(context, words.get("since"), f"{at}.since", ("date", "moment")),
    )  # fmt: skip


def _read(context: Context, source: str | None, at: str, wanted: tuple[Any, ...]) -> Any:
    """What reads a value from a case."""
    if source is None:
        return None
    if context.is_rule(source):
        return context.rule(source, OF_CASE, at)
    expression = context.expression(source, at, context.surface(ON_CASE), wanted)
    return ValueOf(expression) if expression else None


def _hints(context: Context) -> list[Hint]:
    found = []
    for nth, words in enumerate(context.raw.get("hints", ())):
        at, source = f"hints[{nth}]", words.get("when", "true")
        roles = context.names(words.get("roles"), "role", f"{at}.roles", context.raw.get("roles", ()))
        if context.is_rule(source):
            when: Any = context.rule(source, OF_CASE, f"{at}.when")
        else:
            expression = context.expression(source, f"{at}.when", context.surface(ON_CASE), ("truth",))
            when = OfCase(expression) if expression else None
        if when:
            found.append(Hint(when, words.get("says", ""), roles, words.get("colour", "blue")))
    return found


def _indicators(context: Context) -> list[Indicator]:
    found = []
    for key, words in context.raw.get("indicators", {}).items():
        kind = words.get("kind", "share")
        if context.mistakes.told_in(f"indicators.{key}.kind"):
            continue
        of = _read(context, words.get("of"), f"indicators.{key}.of", ("truth",) if kind == "share" else ("span",))
        if of:
            found.append(Indicator(key, words.get("label", key), of, kind))
    return found


def _columns(context: Context) -> tuple[Column, ...]:
    """The columns named, or number, state, subject and opening."""
    written = context.raw.get("columns") or ["number", "state", _subject_or_none(context), "created_at"]
    counts = {f"{key}_count" for key in context.records}
    known = [*context.fields, *OWN_COLUMNS, *counts]
    found = []
    for nth, entry in enumerate(one for one in written if one):
        words: Raw = {"key": entry} if isinstance(entry, str) else entry
        key = context.name(words.get("key"), "column", f"columns[{nth}]", known)
        found += [Column(key, words.get("label"))] if key else []
    return tuple(found)


def _subject_or_none(context: Context) -> str | None:
    key = context.raw.get("subject", "subject")
    return key if key in context.fields else None


def _sheet(words: Raw) -> Sheet:
    changes = tuple(
        Change(one.get("revision", 0), one.get("what", ""), one.get("on")) for one in words.get("changes", ())
    )
    return Sheet(**{key: value for key, value in words.items() if key != "changes"}, changes=changes)


def _public(context: Context) -> PublicPage | None:
    words = context.raw.get("public")
    if words is None:
        return None
    guides = tuple(_guide(context, one, f"public.guides[{nth}]") for nth, one in enumerate(words.get("guides", ())))
    return PublicPage(words.get("title", ""), words.get("introduction", ""), guides)


def _guide(context: Context, words: Raw, at: str) -> Guide:
    setting = context.name(words.get("contact_setting"), "setting", f"{at}.contact_setting", context.around.settings)
    return Guide(words.get("heading", ""), tuple(words.get("lines", ())), _promise(context, words, at), setting)


def _promise(context: Context, words: Raw, at: str) -> Any:
    """How long it takes, with the numbers of the deadline and of the field that extends it."""
    promise = words.get("limit")
    if promise is None:
        return ""
    deadlines = context.raw.get("deadlines", {})
    key = context.name(words.get("deadline"), "deadline", f"{at}.deadline", deadlines)
    limits = [deadlines[key], *deadlines[key].get("limits", [])] if key else []
    channel = context.name(words.get("channel"), "channel", f"{at}.channel", _channels(context))
    fits = [one for one in limits if channel in _spelled(context, one) or not one.get("channels")]
    days = next((one["limit"].split(" ")[0] for one in fits if "limit" in one), "")
    longer = context.fields.get(context.name(words.get("extension"), "field", f"{at}.extension", context.fields) or "")
    longest = next((one["extension"] for one in fits if "extension" in one), longer and longer.maximum)
    numbers = {"{days}": days, "{extension}": str(longest or "") if longer else ""}
    texts = []
    for text in promise.texts:
        for placeholder, number in numbers.items():
            text = text.replace(placeholder, number) if number else text
        texts.append(text)
    unsure = context.mistakes.told_in(at) or context.mistakes.told_in("deadlines") or context.unsure("field", "")
    unsure = unsure or context.type_unknown(words.get("extension", ""))
    unsure = unsure or (key is not None and not {"due", "limit", "limits"} & deadlines[key].keys())
    if any("{" in text for text in texts) and not unsure:
        context.mistakes.add(f"{at}.limit", N_("nothing fills what stands in braces"))
    return Words(tuple(texts))


def _channels(context: Context) -> list[str]:
    channel = context.fields.get("channel")
    return [choice.key for choice in channel.choices] if channel else []


def _spelled(context: Context, limit: Raw) -> list[str]:
    groups = context.raw.get("groups", {})
    return [name for one in limit.get("channels", ()) for name in groups.get(one, [one])]
