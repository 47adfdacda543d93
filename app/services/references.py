"""The rows that a reference field offers, and the row that an answer means."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import ColumnElement, select, true

from app.extensions import db
from app.models import REFERENCES
from app.models.master import Coded
from app.services.access import Actor
from app.sop import SOPS
from app.workflow.declaration import Choice, Field, Sop
from app.workflow.values import Malformed


def choices(asked: Field, sop: Sop, actor: Actor, case: Any = None) -> tuple[Choice, ...]:
    """What a field offers this user on this case (on none: everywhere). Declared choices stay as they are."""
    if asked.type != "reference":
        return asked.choices
    model: Any = REFERENCES[asked.reference or ""]
    rows = db.session.scalars(
        select(model).where(model.active, _within(model, sop, actor, case)).order_by(*_order(model))
    ).unique()
    return tuple({row.code: Choice(row.code, row.name) for row in rows}.values())


def resolve(asked: Field, code: str, sop: Sop, actor: Actor, case: Any = None) -> Coded:
    """The row whose code or name is ``code``, among those offered. Raises ``Malformed``."""
    model: Any = REFERENCES[asked.reference or ""]
    offered = select(model).where(model.active, _within(model, sop, actor, case)).order_by(*_order(model))
    for column in (model.code, model.name):
        row = db.session.scalars(offered.where(column == code)).unique().first()
        if row is not None:
            found: Coded = row
            return found
    raise Malformed("reference")


def _within(model: Any, sop: Sop, actor: Actor, case: Any) -> ColumnElement[bool]:
    """Only what fits the case: a stage of its forum, a crew of its unit; and for a role limited to its unit, only what
    is that unit's."""
    if hasattr(model, "forum"):
        return true() if case is None else model.forum == case.state
    if hasattr(model, "unit_id"):
        if case is not None:
            return true() if case.unit_id is None else model.unit_id == case.unit_id
        if actor.unit_id is not None and actor.roles & set(sop.unit_roles):
            return cast(ColumnElement[bool], model.unit_id == actor.unit_id)
    return true()


def _order(model: Any) -> tuple[Any, ...]:
    return (model.forum.desc(), model.position) if hasattr(model, "position") else (model.name, model.code)


def forums() -> list[tuple[str, str]]:
    """The states in which hearings are recorded, with their labels: what a hearing stage can belong to."""
    return [
        (state, str(sop.state_by_key[state].label))
        for sop in SOPS.values()
        for transition in sop.transitions
        if any(f.reference == "hearing_stage" for f in transition.fields)
        for state in transition.source
    ]
