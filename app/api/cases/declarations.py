"""The declaration of an SOP and the steps open on a case, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from app.models import Case
from app.services.cases import facts
from app.services.cases.creation import plain
from app.services.cases.form_input import begins_with
from app.services.core import clock, masking
from app.services.core.access import Actor, reads
from app.services.core.references import choices
from app.services.core.wording import describe_violation
from app.services.deadlines.laws import limit_law
from app.services.procedures.wording import rule_in_words, start_in_words
from app.sop import SOPS
from app.workflow.declaration import Choice, Deadline, Field, Requirement, Sheet, Sop, Transition
from app.workflow.engine import AvailableAction, available, requirements
from app.workflow.outline import guard_in_words, rules, runs_in

Choices = Callable[[Field], Sequence[Choice]]


def declaration(actor: Actor, sop: Sop) -> dict[str, Any]:
    """All that a program needs to fill and walk any case of ``sop``. ``to`` is None where a step stays;
    ``branches`` are other states in which it may end. Only who reads the SOP gets choices from master data."""
    known: dict[str | None, Sequence[Choice]] = {}

    def offered(field: Field) -> Sequence[Choice]:
        if field.type != "reference":
            return field.choices
        if field.reference not in known:
            known[field.reference] = _choices(field, sop, actor) if reads(actor, sop) else ()
        return known[field.reference]

    return {
        "key": sop.key,
        "label": str(sop.label),
        "revision": sop.revision,
        "sheet": _sheet(sop.sheet),
        "roles": list(sop.roles),
        "states": [{"key": s.key, "label": str(s.label), "kind": s.kind} for s in sop.states],
        "documents": [
            {
                "key": d.key,
                "label": str(d.label),
                "accept": list(d.accept),
                "confidential_to": list(d.confidential_to),
                "several": d.several,
            }
            for d in sop.documents
        ],
        "records": [
            {
                "key": r.key,
                "label": str(r.label),
                "recorded_in": str(r.recorded_in),
                "columns": [_field(c, offered) for c in r.columns],
            }
            for r in sop.records
        ],
        "transitions": [_transition(transition, offered) for transition in sop.transitions],
        "deadlines": [_deadline(sop, deadline) for deadline in sop.deadlines],
    }


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {
        "code": sheet.code,
        "revision": sheet.revision,
        "effective": sheet.effective and sheet.effective.isoformat(),
        "prepared_by": sheet.prepared_by,
        "checked_by": sheet.checked_by,
        "approved_by": sheet.approved_by,
        "changes": [
            {"revision": one.revision, "what": str(one.what), "on": one.on and one.on.isoformat()}
            for one in sheet.changes
        ],
    }


def _deadline(sop: Sop, deadline: Deadline) -> dict[str, Any]:
    """``limits`` as declared, none where the case gives the day itself; ``from``: from when they count, in words."""
    return {
        "key": deadline.key,
        "label": str(deadline.label),
        "limits": [
            {
                "amount": limit.amount,
                "measure": limit.measure,
                "channels": list(limit.channels),
                "from": limit.opened_from and limit.opened_from.isoformat(),
                "extension": limit.extension,
                "citation": str(limit.citation or deadline.citation),
                "law": limit_law(deadline, limit),
            }
            for limit in deadline.limits
        ],
        "states": list(runs_in(sop, deadline)),
        "citation": str(deadline.citation),
        "from": start_in_words(deadline),
    }


def _choices(field: Field, sop: Sop, actor: Actor, case: Case | None = None) -> Sequence[Choice]:
    """What is offered; a case of another SOP by its number alone where its title comes masked."""
    offered = choices(field, sop, actor, case)
    other = SOPS.get(field.reference or "")
    return [Choice(one.key, one.key) for one in offered] if other and masking.masked(actor, other) else offered


def _transition(transition: Transition, offered: Choices) -> dict[str, Any]:
    """``confidential_to``: the roles that may read its note; none where everybody may who sees the case. ``note_open``
    among the answers opens it to them."""
    now = clock.now().astimezone(clock.zone())
    return {
        "key": transition.key,
        "label": str(transition.label),
        "source_step": transition.source_step,
        "from": list(transition.source),
        "to": transition.target,
        "branches": list(transition.branches),
        "roles": list(transition.by),
        "note": transition.note,
        "documents": _documents(transition.documents),
        "fields": [_field(field, offered) for field in transition.fields],
        "four_eyes": list(transition.four_eyes),
        "works_from": list(transition.works_from),
        "guards": [{"key": guard.key, "message": guard_in_words(guard, now)} for guard in transition.guards],
        "confidential_to": list(transition.confidential_to),
    }


def _field(field: Field, offered: Choices) -> dict[str, Any]:
    result: dict[str, Any] = {
        "key": field.key, "label": str(field.label), "type": field.type, "required": field.required,
        "rules": [
            {"rule": one.rule, "value": one.value, "message": rule_in_words(field, one)} for one in rules(field)
        ],
        "confidential_to": list(field.confidential_to),
    }  # fmt: skip
    if field.format:
        result["format"] = field.format
    if field.group:
        result["group"] = {"key": field.group.key, "label": str(field.group.label)}
    if field.ticked:
        result["ticked"] = field.ticked
    if field.type in ("choice", "reference") or field.choices:
        result["choices"] = [{"key": c.key, "label": str(c.label)} for c in offered(field)]
    if field.columns:
        result["columns"] = [_field(column, offered) for column in field.columns]
    return result


def _documents(needed: Iterable[Requirement], fresh: bool = False) -> list[dict[str, Any]]:
    """Each set of documents once: some requirements differ only in the cases for which they hold."""
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for requirement in needed:
        result = merged.setdefault(requirement.any_of, {"any_of": list(requirement.any_of), "required": False})
        result["required"] = result["required"] or requirement.required
        if fresh:
            result["fresh"] = result.get("fresh", False) or requirement.fresh
    return list(merged.values())


def actions(actor: Actor, sop: Sop, case: Case) -> list[dict[str, Any]]:
    """What ``actor`` sees as buttons on the case."""
    known = facts.load_facts(actor, case)
    return [
        _action(action, sop, _documents(requirements(action.transition, known), fresh=True), actor, case)
        for action in available(sop, known)
    ]


def _action(
    action: AvailableAction, sop: Sop, documents: list[dict[str, Any]], actor: Actor, case: Case
) -> dict[str, Any]:
    transition = action.transition
    errors = [describe_violation(sop, transition, lack) for lack in action.missing]
    # No mask for a value here: a program would send it back as the answer.
    readable = sop.own_fields.keys() - masking.hidden_from(actor, sop)

    def field_now(field: Field) -> dict[str, Any]:
        result = _field(field, lambda one: _choices(one, sop, actor, case))
        open_book = field.key in readable or field.key not in sop.own_fields
        value = plain(begins_with(sop, transition, field, case if open_book else None))
        return result if value is None else result | {"value": value}

    return {
        "key": transition.key,
        "label": str(transition.label),
        "allowed": action.allowed,
        "missing": [{"kind": error.kind, "key": error.key, "message": error.message} for error in errors],
        "documents": documents,
        "fields": [field_now(field) for field in transition.fields],
        "note": transition.note,
        "confidential_to": list(transition.confidential_to),
    }
