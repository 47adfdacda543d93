"""The declaration of an SOP and the steps open on a case, as the API tells them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from app.models import Case
from app.services.cases import facts
from app.services.cases.creation import plain
from app.services.cases.form_input import begins_with
from app.services.core import masking
from app.services.core.access import Actor, reads
from app.services.core.references import choices
from app.services.core.wording import describe_violation
from app.sop import SOPS
from app.workflow.declaration import Choice, Field, Requirement, Sop, Transition
from app.workflow.engine import AvailableAction, available, requirements

Choices = Callable[[Field], Sequence[Choice]]


def declaration(actor: Actor, sop: Sop) -> dict[str, Any]:
    """All that a program needs to fill and walk any case of ``sop``. ``to`` is None where a step stays;
    ``branches`` are other states in which it may end. What master data offers is told to the SOP's own."""
    known: dict[str | None, Sequence[Choice]] = {}

    def offered(asked: Field) -> Sequence[Choice]:
        if asked.type != "reference":
            return asked.choices
        if asked.reference not in known:
            known[asked.reference] = _choices(asked, sop, actor) if reads(actor, sop) else ()
        return known[asked.reference]

    return {
        "key": sop.key,
        "label": str(sop.label),
        "roles": list(sop.roles),
        "states": [{"key": s.key, "label": str(s.label), "kind": s.kind} for s in sop.states],
        "documents": [{"key": d.key, "label": str(d.label), "accept": list(d.accept)} for d in sop.documents],
        "records": [
            {"key": r.key, "label": str(r.label), "columns": [_field(c, offered) for c in r.columns]}
            for r in sop.records
        ],
        "transitions": [_transition(transition, offered) for transition in sop.transitions],
    }


def _choices(asked: Field, sop: Sop, actor: Actor, case: Case | None = None) -> Sequence[Choice]:
    """What is offered; a case of another SOP by its number alone where its title comes masked."""
    offered = choices(asked, sop, actor, case)
    other = SOPS.get(asked.reference or "")
    return [Choice(one.key, one.key) for one in offered] if other and masking.masked(actor, other) else offered


def _transition(transition: Transition, offered: Choices) -> dict[str, Any]:
    return {
        "key": transition.key,
        "label": str(transition.label),
        "from": list(transition.source),
        "to": transition.target,
        "branches": list(transition.branches),
        "roles": list(transition.by),
        "note": transition.note,
        "documents": _documents(transition.documents),
        "fields": [_field(asked, offered) for asked in transition.fields],
    }


def _field(asked: Field, offered: Choices) -> dict[str, Any]:
    told: dict[str, Any] = {
        "key": asked.key, "label": str(asked.label), "type": asked.type, "required": asked.required,
    }  # fmt: skip
    if asked.format:
        told["format"] = asked.format
    if asked.type in ("choice", "reference") or asked.choices:
        told["choices"] = [{"key": c.key, "label": str(c.label)} for c in offered(asked)]
    if asked.columns:
        told["columns"] = [_field(column, offered) for column in asked.columns]
    return told


def _documents(asked: Iterable[Requirement], fresh: bool = False) -> list[dict[str, Any]]:
    """Each set of documents once: some requirements differ only in the cases for which they hold."""
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in asked:
        told = merged.setdefault(one.any_of, {"any_of": list(one.any_of), "required": False})
        told["required"] = told["required"] or one.required
        if fresh:
            told["fresh"] = told.get("fresh", False) or one.fresh
    return list(merged.values())


def actions(actor: Actor, sop: Sop, case: Case) -> list[dict[str, Any]]:
    """What ``actor`` sees as buttons on the case."""
    known = facts.load_facts(actor, case)
    return [
        _action(offer, sop, _documents(requirements(offer.transition, known), fresh=True), actor, case)
        for offer in available(sop, known)
    ]


def _action(
    offer: AvailableAction, sop: Sop, documents: list[dict[str, Any]], actor: Actor, case: Case
) -> dict[str, Any]:
    transition = offer.transition
    gaps = [describe_violation(sop, transition, lack) for lack in offer.missing]
    # No mask for a value here: a program would send it back as the answer.
    told_of = sop.fields.keys() - masking.hidden_from(actor, sop)

    def asked_now(asked: Field) -> dict[str, Any]:
        told = _field(asked, lambda one: _choices(one, sop, actor, case))
        open_book = asked.key in told_of or asked.key not in sop.fields
        value = plain(begins_with(sop, asked, case if open_book else None))
        return told if value is None else told | {"value": value}

    return {
        "key": transition.key,
        "label": str(transition.label),
        "allowed": offer.allowed,
        "missing": [{"kind": gap.kind, "key": gap.key, "message": gap.message} for gap in gaps],
        "documents": documents,
        "fields": [asked_now(asked) for asked in transition.fields],
        "note": transition.note,
    }
