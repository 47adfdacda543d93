"""An ``Sop`` as the tables of a document; what is written is read to the same ``Sop``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from app.workflow.content_types import GROUPS
from app.workflow.declaration import Guard, Sop, Transition
from app.workflow.document import actions
from app.workflow.document.build import COLOURS, DEADLINE_LABEL, MEBI
from app.workflow.document.context import name_of
from app.workflow.document.sentences import Constant, Sentence
from app.workflow.document.vocabulary import COMPARISONS
from app.workflow.parts import Choice, Deadline, DocumentType, Field, Limit, Requirement, State
from app.workflow.texts import LANGUAGES, Words, spoken_in

Tables = Mapping[str, Any]


def as_document(sop: Sop) -> dict[str, Any]:
    """The document's tables, as ``tomllib`` would read them; nothing stands there that goes without saying, and nothing
    of other revisions."""
    sop = replace(sop, others=())
    declared = _declared_fields(sop)
    return _said({
        "key": sop.key, "label": _label(sop.label),
        "label_plural": None if sop.label_plural == sop.label else _label(sop.label_plural),
        "number": sop.number, "code_setting": sop.code_setting, "roles": list(sop.roles),
        "icon": _unless("fa-folder-open", sop.icon),
        "menu": _unless(100, sop.menu), "subject": sop.subject, "reporter": list(sop.reporter or ()),
        **{word: list(getattr(sop, word)) for word in LISTS}, **{word: getattr(sop, word) for word in NAMES},
        "from_customer": dict(sop.from_customer),
        "columns": [c.key if c.label is None else {"key": c.key, "label": _label(c.label)} for c in sop.columns],
        "whatsapp": _label(getattr(sop.whatsapp, "words", sop.whatsapp)),
        "void_four_eyes": sop.void_four_eyes, "reveal_reason": sop.reveal_reason, "sheet": _sheet(sop),
        "fields": {key: _field(sop, field) for key, field in declared.items()},
        "field_groups": {group.key: _label(group.label) for group in sop.field_groups},
        "states": {state.key: _state(state) for state in sop.states},
        "documents": {document.key: _document(document) for document in sop.documents},
        "records": {r.key: _said({
            "label": _label(r.label),
            "fields": {c.key: _field(sop, c) | _said({"required": c.required}) for c in r.columns},
            "calendar": r.calendar, "calendar_states": list(r.calendar_states), "counted": r.counted,
            "recorded_in": _label(r.recorded_in),
        }) for r in sop.records},
        "steps": {step.key: _step(sop, step, declared) for step in sop.transitions},
        "deadlines": {deadline.key: _deadline(deadline) for deadline in sop.deadlines},
        "mails": {mail.key: _mail(mail) for mail in _mails(sop)},
        "hints": [_said({"when": condition(h.when), "says": _label(h.sentence), "roles": list(h.roles),
                         "colour": _unless("blue", h.colour)}) for h in sop.hints],
        "indicators": {i.key: _said({"label": _label(i.label), "of": condition(i.of),
                                     "kind": None if i.kind == "share" else i.kind}) for i in sop.indicators},
        "public": _public(sop), "from_mail": _from_mail(sop),
    })  # fmt: skip


LISTS = (
    "similar", "person", "round_fields", "personal", "unit_roles", "assignee_roles", "sections", "retention_officers",
    "overseers", "corrected_when_closed_by", "voided_by", "masked_for", "revealed_for",
    "customer_roles",
)  # fmt: skip
NAMES = ("unit_field", "assignee", "offered_with")


def condition(call: Callable[..., Any] | None) -> str | None:
    """An expression's source, or the name of the rule in Python."""
    if call is None:
        return None
    expression = getattr(call, "expression", None)
    return expression.source if expression is not None else name_of(call)


def _said(words: Tables) -> dict[str, Any]:
    """Without what says nothing."""
    return {word: value for word, value in words.items() if value not in (None, "", [], {}, False)}


def _label(text: Any) -> dict[str, str] | None:
    if not text:
        return None
    if isinstance(text, Words):
        return {language: text.in_language(language) for language in LANGUAGES}
    label = {}
    for language in LANGUAGES:
        with spoken_in(language):
            label[language] = str(text)
    return label


def _sheet(sop: Sop) -> dict[str, Any]:
    sheet = {one.name: getattr(sop.sheet, one.name) for one in fields(sop.sheet) if one.name != "changes"}
    changes = [_said({"what": _label(c.what), "on": c.on}) | {"revision": c.revision} for c in sop.sheet.changes]
    return _said(sheet | {"changes": changes})


def _declared_fields(sop: Sop) -> dict[str, Field]:
    """Every field that is no column of rows, with all the choices that some form offers."""
    found: dict[str, Field] = {}
    for step in sop.transitions:
        records = sop.records_by_key.get(step.records or "")
        columns = {c.key for c in (records.columns if records else ())}
        for field in step.fields:
            if field.key not in columns and not field.is_rows:
                found.setdefault(field.key, replace(field, choices=_choices(sop, field)))
    return found | {field.key: field for field in sop.computed_fields}


def _choices(sop: Sop, field: Field) -> tuple[Choice, ...]:
    """All that some form offers, not this one alone."""
    return sop.fields[field.key].choices if field.key in sop.fields else field.choices


def _field(sop: Sop, field: Field) -> dict[str, Any]:
    kind = None if field.kind.key in ("text", "choice", "reference") else field.kind.key
    choices = {choice.key: _label(choice.label) for choice in _choices(sop, field)}
    of_documents = field.type == "list" and choices and choices.keys() <= sop.document_by_key.keys()
    words = {
        "label": _label(field.label), "type": None if of_documents else kind,
        **({"documents": list(choices)} if of_documents else {"choices": choices}),
        "reference": field.reference, "help": _label(field.help), "stored": None if field.stored else 0,
        "computed": field in sop.computed_fields, "confidential_to": list(field.confidential_to),
        "group": field.group.key if field.group else None, "remembered": field.remembered,
    }  # fmt: skip
    words |= _comparisons(field)
    numbers = {word: getattr(field, word) for word in ("default", "minimum", "maximum", "ticked")}
    said = _said(words) | {word: value for word, value in numbers.items() if value is not None}
    return said if field.stored else said | {"stored": False}


def _comparisons(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in (rule for rule in field.rules if rule.rule in COMPARISONS):
        more = _said({"says": _label(one.says), "or_reason": one.or_reason})
        short = one.value or True
        found[one.rule] = short if not more else more | ({"value": one.value} if one.value else {})
    return found


def _state(state: State) -> dict[str, Any]:
    colour = None if state.colour == COLOURS[state.kind] else state.colour
    said = _said({"label": _label(state.label), "kind": None if state.kind == "open" else state.kind, "colour": colour})
    return said if state.counts_for_deadlines else said | {"counts_for_deadlines": False}


def _document(document: DocumentType) -> dict[str, Any]:
    return _said({
        "label": _label(document.label), "accept": _accepted(document.accept),
        "confidential_to": list(document.confidential_to), "retention": document.retention,
        "max_mb": document.max_bytes // MEBI if document.max_bytes else None,
        "several": document.several,
    })  # fmt: skip


def _accepted(types: tuple[str, ...]) -> list[str] | None:
    """By the names of groups, the largest first; what goes without saying is None."""
    names, left = [], list(types)
    for name, group in sorted(GROUPS.items(), key=lambda item: -len(item[1])):
        if [one for one in left if one in group] == list(group):
            names.append(name)
            left = [one for one in left if one not in group]
    names.sort(key=lambda name: types.index(GROUPS[name][0]))
    return None if names == ["papers"] and not left else [*names, *left]


def _step(sop: Sop, step: Transition, declared: Mapping[str, Field]) -> dict[str, Any]:
    records = sop.records_by_key.get(step.records or "")
    known = {**declared, **{c.key: c for c in (records.columns if records else ())}}
    return _said({
        "label": _label(step.label), "source_step": step.source_step, "from": _one(step.source), "to": step.target,
        "branches": [{"to": state, "if": e.source} for state, e in getattr(step.choose, "branches", ())],
        "by": _one(step.by), "documents": [_requirement(one) for one in step.documents],
        "asks": [_asked(field, known.get(field.key)) for field in step.fields],
        "note": None if step.note == "optional" else step.note,
        "confidential_to": _one(step.confidential_to), "note_open": step.note_open,
        "works_from": _one(step.works_from),
        "only_if": [_guard(step, nth, guard) for nth, guard in enumerate(step.guards)],
        "does": [_action(effect) for effect in step.effects],
        "four_eyes": _one(step.four_eyes), "records": step.records, "side_panel": step.side_panel,
        "optional": step.optional, "contact": step.contact,
        "style": None if step.style == "primary" else step.style, "help": _label(step.help),
    })  # fmt: skip


def _unless(usual: Any, value: Any) -> Any:
    return None if value == usual else value


def _one(names: tuple[str, ...]) -> Any:
    return names[0] if len(names) == 1 else list(names)


def _requirement(one: Requirement) -> Any:
    if one.fresh or one.when or one.opened_from:
        words = {"any_of": list(one.any_of), "fresh": one.fresh, "when": condition(one.when), "from": one.opened_from}
        return _said(words) | ({} if one.required else {"required": False})
    return "|".join(one.any_of) + ("*" if one.required else "")


def _asked(field: Field, declared: Field | None) -> Any:
    """A field of a form, in short where it says nothing of its own."""
    words: dict[str, Any] = {}
    if declared is not None:
        for word in ("label", "help"):
            if getattr(field, word) != getattr(declared, word):
                words[word] = _label(getattr(field, word))
        if field.default != declared.default:
            words["default"] = field.default
        if field.rules != declared.rules:
            words |= _comparisons(field)
        if field.choices != declared.choices:
            words["only"] = [choice.key for choice in field.choices]
    required: Any = condition(field.needed) if field.needed else field.required
    if not words and isinstance(required, bool):
        return field.key + ("*" if required else "")
    return {"field": field.key} | _said({"required": required} | words)


def _guard(step: Transition, nth: int, guard: Guard) -> dict[str, Any]:
    key = None if guard.key == f"{step.key}_{nth + 1}" else guard.key
    says: Any = guard.sentence
    words = says.words if isinstance(says, Constant | Sentence) else None
    plain = words if isinstance(says, Constant) else getattr(guard.holds, "words", Words(("", ""))).sentence
    general = None if guard.general == plain else _label(guard.general)
    spoken = _label(words) if words else name_of(says)
    return _said({"key": key, "rule": condition(guard.holds), "says": spoken, "general": general})


def _values(values: tuple[tuple[str, Any], ...]) -> dict[str, str]:
    return {key: expression.source for key, expression in values}


def _action(effect: Any) -> Any:
    if isinstance(effect, actions.When):
        return {**_action(effect.action), "if": effect.condition.source}
    writer = ACTIONS.get(type(effect))
    return name_of(effect) if writer is None else writer(effect)


ACTIONS: dict[type, Callable[[Any], Any]] = {
    actions.NextRound: lambda a: "next_round",
    actions.Set: lambda a: {"set": _values(a.values)},
    actions.Clear: lambda a: {"clear": list(a.fields)},
    actions.Release: lambda a: {"release": list(a.documents)},
    actions.AskAgain: lambda a: {"ask_again": a.field},
    actions.Mail: lambda a: {"mail": a.key},
    actions.Extend: lambda a: {"extend": a.deadline, "by": a.amount.source},
    actions.OpenCase: lambda a: _said({"open_case": a.sop, "with": _values(a.values), "code": a.code}),
    actions.AttachForm: lambda a: {"form": a.form, "as": dict(a.documents)},
}


def _deadline(deadline: Deadline) -> dict[str, Any]:
    limits = [
        _said({
            "limit": _limit(one), "channels": list(one.channels), "from": one.opened_from,
            "citation": _label(one.citation), "extension": one.extension, "since": condition(one.since),
        })
        for one in deadline.limits
    ]  # fmt: skip
    plain = len(limits) == 1 and limits[0].keys() == {"limit"}
    return _said({
        "label": None if deadline.label == DEADLINE_LABEL else _label(deadline.label),
        "limit": limits[0]["limit"] if plain else None, "limits": None if plain else limits,
        "due": condition(deadline.due), "since": condition(deadline.since), "states": list(deadline.states),
        "kept_in": deadline.kept_in, "citation": _label(deadline.citation), "from": deadline.opened_from,
    })  # fmt: skip


def _limit(limit: Limit) -> str:
    return f"{limit.amount} {limit.measure.replace('_', ' ')}"


def _mails(sop: Sop) -> list[actions.Mail]:
    found: dict[str, actions.Mail] = {}
    for step in sop.transitions:
        for effect in step.effects:
            inner = effect.action if isinstance(effect, actions.When) else effect
            if isinstance(inner, actions.Mail):
                found[inner.key] = inner
    if sop.from_mail and isinstance(sop.from_mail.acknowledgement, actions.Mail):
        found[sop.from_mail.acknowledgement.key] = sop.from_mail.acknowledgement
    return list(found.values())


def _mail(mail: actions.Mail) -> dict[str, Any]:
    return _said({
        "to": mail.to, "subject": _label(mail.subject.words), "text": _label(mail.text.words),
        "documents": list(mail.documents),
    })  # fmt: skip


def _from_mail(sop: Sop) -> dict[str, Any] | None:
    one = sop.from_mail
    if one is None:
        return None
    return _said({
        "sender": one.sender, "sender_name": one.sender_name, "subject": one.subject, "text": one.text,
        "answers": dict(one.answers), "attachments": one.attachments, "mail": one.mail,
        "acknowledgement": getattr(one.acknowledgement, "key", None),
    })  # fmt: skip


def _public(sop: Sop) -> dict[str, Any] | None:
    if sop.public is None:
        return None
    guides = [
        _said({"heading": _label(g.heading), "lines": [_label(line) for line in g.lines], "limit": _label(g.limit),
               "contact_setting": g.contact_setting})
        for g in sop.public.guides
    ]  # fmt: skip
    return {"title": _label(sop.public.title), "introduction": _label(sop.public.introduction), "guides": guides}
