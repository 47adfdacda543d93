"""The rows that a reference field offers, and the row that an input refers to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, false, literal, select, true, union_all

from app.extensions import db
from app.models import REFERENCES, Case
from app.models.derive import case_model
from app.services.core.access import Actor, visible_rows
from app.sop import SOPS
from app.workflow.declaration import Choice, Field, Sop
from app.workflow.values import InvalidValue


def choices(field: Field, sop: Sop, actor: Actor, case: Case | None = None) -> tuple[Choice, ...]:
    """What a field offers this user on this case (on none: everywhere). Declared choices stay as they are."""
    if field.type != "reference":
        return field.choices
    table = _table(field.reference or "")
    offered = _offered(table, sop, actor, _of(field, sop, case)).with_only_columns(table.code, table.name)
    found = {code: Choice(code, name) for code, name in db.session.execute(offered)}
    if (row := _kept(field, sop, case)) is not None:
        found.setdefault(row.code, Choice(row.code, getattr(row, table.name.key)))
    return tuple(found.values())


def rows(field: Field, sop: Sop, actor: Actor, case: Case | None = None) -> list[Any]:
    """The rows behind the choices of a reference field."""
    offered = _offered(_table(field.reference or ""), sop, actor, _of(field, sop, case))
    return list(db.session.scalars(offered).unique())


def resolve(field: Field, code: str, sop: Sop, actor: Actor, case: Case | None = None) -> Any:
    """The row whose code or name is ``code``, among those offered. Raises ``InvalidValue``."""
    table = _table(field.reference or "")
    if (row := _kept(field, sop, case)) is not None and row.code == code:
        return row
    for column in (table.code, table.name):
        offered = _offered(table, sop, actor, _of(field, sop, case)).where(column == code)
        row = db.session.scalars(offered).unique().first()
        if row is not None:
            return row
    raise InvalidValue("reference")


def _of(field: Field, sop: Sop, case: Case | None) -> Case | None:
    """The case whose unit and forum narrow what is offered; none for the field that says which unit that is."""
    return None if field.key == sop.unit_field else case


def _kept(field: Field, sop: Sop, case: Case | None) -> Any:
    """The row that the case has in an optional field, offered or not: a form that did not show it would empty the
    field. For a required field the row has to be one of those offered now."""
    return getattr(case, field.key) if case is not None and field.key in sop.own_fields and not field.required else None


def names(wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The names of rows, by table and code, still offered or not; in one query, or none when nothing is wanted."""
    parts = []
    for reference in sorted({reference for reference, _code in wanted}):
        table = _table(reference)
        codes = [code for other, code in wanted if other == reference]
        parts.append(select(literal(reference), table.code, table.name).where(table.code.in_(codes)))
    return {(t, code): name for t, code, name in db.session.execute(union_all(*parts))} if parts else {}


@dataclass(frozen=True)
class _Table:
    """What a field refers to: a table of master data, or the cases of another SOP."""

    model: Any
    code: Any
    name: Any
    sop: Sop | None = None


def _table(reference: str) -> _Table:
    master: Any = REFERENCES.get(reference)
    if master is not None:
        return _Table(master, master.code, master.name)
    model = case_model(reference)
    return _Table(model, model.number, model.title, SOPS[reference])


def _offered(table: _Table, sop: Sop, actor: Actor, case: Case | None) -> Select[Any]:
    rows = select(table.model)
    if table.sop is not None:
        seen = visible_rows(actor, table.sop)
        usable = getattr(table.model, table.sop.offered_with).is_not(None) if table.sop.offered_with else false()
        still_open = [state.key for state in table.sop.state_by_key.values() if not state.is_final]
        return rows.where(seen, usable, Case.state.in_(still_open), Case.voided_at.is_(None)).order_by(
            table.name, table.code
        )
    return rows.where(table.model.active, _within(table.model, sop, actor, case)).order_by(*_order(table.model))


def _within(model: Any, sop: Sop, actor: Actor, case: Case | None) -> ColumnElement[bool]:
    """Only what fits the case: a stage of its forum, a crew of its unit; for a role limited to its unit, only rows of
    that unit."""
    if hasattr(model, "forum"):
        return true() if case is None else cast(ColumnElement[bool], model.forum == case.state)
    if hasattr(model, "unit_id"):
        if case is not None:
            return true() if case.unit_id is None else model.unit_id == case.unit_id
        if actor.unit_id is not None and actor.roles & set(sop.unit_roles):
            return cast(ColumnElement[bool], model.unit_id == actor.unit_id)
    return true()


def _order(model: Any) -> tuple[Any, ...]:
    if hasattr(model, "forum"):
        return (model.forum.desc(), model.position)
    return (model.position, model.name) if hasattr(model, "position") else (model.name, model.code)


def forums() -> list[tuple[str, str]]:
    """The states in which hearings are recorded, with their labels: what a hearing stage can belong to."""
    return [
        (state, str(sop.state(state).label))
        for sop in SOPS.values()
        for transition in sop.known_transitions.values()
        if any(f.reference == "hearing_stage" for f in transition.fields)
        for state in transition.source
    ]
