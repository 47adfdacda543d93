"""What a form begins with for the person who fills it: what they chose last, and what is their unit's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, select

from app.extensions import db
from app.models import Case, Event
from app.models.derive import case_model
from app.services.core import references
from app.services.core.access import Actor
from app.workflow.declaration import Field, Sop, Transition

#: How many of an SOP's newest cases are looked through for the last one that somebody has opened.
LOOKED_BACK = 500


def proposed(actor: Actor, sop: Sop, transition: Transition) -> dict[str, Any]:
    """Values by field key, as a case has them; nothing for what the form begins with anyway."""
    return _of_unit(actor, sop, transition) | _chosen_last(actor, sop, transition)


def _chosen_last(actor: Actor, sop: Sop, transition: Transition) -> dict[str, Any]:
    """What is remembered: the field itself, or one with the same answers, as the channel of a repeat contact is."""
    kept = {field.key: field for field in sop.create.fields if field.remembered and field.key in sop.own_fields}
    # What the case itself has goes before what was chosen on another.
    own = () if transition.creates else sop.own_fields
    asked = {f.key: source for f in transition.fields if f.key not in own and (source := _source(f, kept))}
    if not asked or actor.id is None:
        return {}
    case = _opened_last(actor, sop)
    values = {key: getattr(case, source, None) for key, source in asked.items()} if case is not None else {}
    return {key: value for key, value in values.items() if value is not None and _offered(transition, key, value)}


def _source(field: Field, kept: dict[str, Field]) -> str | None:
    if field.key in kept:
        return field.key
    return next((key for key, one in kept.items() if one.choices and one.choices == field.choices), None)


def _offered(transition: Transition, key: str, value: Any) -> bool:
    field = transition.field(key)
    return field is None or not field.choices or any(choice.key == value for choice in field.choices)


def _opened_last(actor: Actor, sop: Sop) -> Any:
    """By the history, whose first event is the opening: nothing is kept about a user for this."""
    newest = select(Case.id).where(Case.sop == sop.key).order_by(Case.created_at.desc()).limit(LOOKED_BACK).subquery()
    model = case_model(sop.key)
    opened = and_(Event.case_id == model.id, Event.seq == 1, Event.actor_id == actor.id)
    statement = select(model).join(newest, newest.c.id == model.id).join(Event, opened)
    return db.session.scalars(statement.order_by(model.created_at.desc(), model.id.desc()).limit(1)).first()


def _of_unit(actor: Actor, sop: Sop, transition: Transition) -> dict[str, Any]:
    """The only row of the user's unit, where the form says which unit a case is of."""
    field = transition.field(sop.unit_field) if sop.unit_field and transition.creates else None
    if field is None or actor.unit_id is None:
        return {}
    own = [row for row in references.rows(field, sop, actor) if getattr(row, "unit_id", None) == actor.unit_id]
    return {field.key: own[0]} if len(own) == 1 else {}
