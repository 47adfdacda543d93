"""Reports on the cases of an SOP, and on their history."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Query, lazyload, undefer

from app.extensions import db
from app.models import Case, Event, Unit
from app.models.derive import case_model
from app.services.core import conditions, masking
from app.services.core.access import Actor, closed_fields, reads, sees_event, visible_rows
from app.services.core.wording import COMMENTING, action_label, state_label
from app.services.reports.parts import CASES, HISTORIES, Report, ReportParams, Step
from app.services.tables import csv_writing
from app.services.tables.csv_writing import BATCH, OWN_COLUMNS, Row
from app.sop import SOPS
from app.workflow.declaration import Choice, Sop

EVENT_COLUMNS = (
    OWN_COLUMNS["number"], _l("Time"), _l("By"), _l("Step"), _l("From status"), _l("To status"), OWN_COLUMNS["round"],
    _l("Note"), _l("User name"),
)  # fmt: skip


def reports() -> Iterator[Report]:
    for sop in SOPS.values():
        yield of_cases(sop)
        yield of_events(sop)


def of_cases(sop: Sop) -> Report:
    """The cases that were created in the period, with the columns of their list."""
    return Report(
        key=f"cases-{sop.key}",
        label=sop.label_plural,
        period=_l("Cases created in the period"),
        columns=[csv_writing.heading(sop, column) for column in sop.columns],
        rows=partial(_case_rows, sop),
        kind=CASES,
        estimate=partial(_case_count, sop),
        **_common(sop),
    )


def of_events(sop: Sop) -> Report:
    """The whole history of the cases that were created in the period, case by case: so no trace is cut off."""
    return Report(
        key=f"events-{sop.key}",
        label=_l("History: %(sop)s", sop=sop.label_plural),
        period=_l("Whole history of the cases created in the period"),
        columns=EVENT_COLUMNS,
        rows=partial(_event_rows, sop),
        kind=HISTORIES,
        estimate=partial(_event_count, sop),
        steps=partial(_steps, sop),
        **_common(sop),
    )


def _common(sop: Sop) -> dict[str, Any]:
    return {
        "of": sop,
        "may": lambda actor: reads(actor, sop),
        "masks": lambda actor: masking.masked(actor, sop),
        "states": tuple(Choice(state.key, state.label) for state in sop.state_by_key.values()),
        "units": sop if sop.unit_field or sop.unit_roles else None,
    }


def chosen(sop: Sop, actor: Actor, params: ReportParams) -> list[ColumnElement[bool]]:
    """The conditions on ``cases`` for those that ``actor`` may see and ``params`` select."""
    found = [Case.sop == sop.key, visible_rows(actor, sop), conditions.counts(), params.within(Case.created_at)]
    if params.state:
        found.append(Case.state == params.state)
    if params.unit:
        found.append(Case.unit_id == select(Unit.id).where(Unit.code == params.unit).scalar_subquery())
    return found


def _case_count(sop: Sop, actor: Actor, params: ReportParams) -> int:
    return db.session.scalar(select(func.count(Case.id)).where(*chosen(sop, actor, params))) or 0


def _case_rows(sop: Sop, actor: Actor, params: ReportParams) -> Iterator[Row]:
    model: Any = case_model(sop.key)
    query: Query[Any] = db.session.query(model).filter(*chosen(sop, actor, params))
    loads = [lazyload(getattr(model, records.key)) for records in sop.records_by_key.values()]
    counts = [undefer(getattr(model, f"{records.key}_count")) for records in sop.records_by_key.values()]
    query = query.options(*loads, *counts).order_by(Case.id)
    return csv_writing.rows(sop, query, masking.masked(actor, sop), closed_fields(actor, sop))


def _event_count(sop: Sop, actor: Actor, params: ReportParams) -> int:
    """Without comments: how many there are is not for everybody."""
    query = select(func.count(Event.id)).join(Case, Case.id == Event.case_id)
    query = query.where(*chosen(sop, actor, params), Event.action.not_in(COMMENTING))
    return db.session.scalar(query) or 0


def _event_rows(sop: Sop, actor: Actor, params: ReportParams) -> Iterator[Row]:
    hide = masking.masked(actor, sop)
    query = _events(sop, actor, params).add_columns(Event.note, Event.changes, Event.actor_id, Event.withdrawn)
    for event in db.session.execute(query, execution_options={"yield_per": BATCH}):
        if not sees_event(actor, event):
            continue
        name, account = _doer(event, hide)
        before = state_label(sop, event.from_state) if event.from_state else ""
        yield [
            event.number, csv_writing.moment(event.at), name, action_label(sop, event.action), before,
            state_label(sop, event.to_state), event.round,
            masking.note_of(actor, sop, event) or "", account,
        ]  # fmt: skip


def _steps(sop: Sop, actor: Actor, params: ReportParams) -> Iterator[Step]:
    """The steps of the SOP alone: uploads, holds and the like are no part of the process."""
    hide = masking.masked(actor, sop)
    query = _events(sop, actor, params).where(Event.action.in_(sop.known_transitions))
    for event in db.session.execute(query, execution_options={"yield_per": BATCH}):
        step = sop.known_transitions[event.action]
        name, account = _doer(event, hide)
        yield Step(
            event.number, event.state, event.action, str(step.label), event.at, name,
            step.by[0] if len(step.by) == 1 else "", event.from_state or "", event.to_state, event.round, account,
        )  # fmt: skip


def _doer(event: Any, hide: bool) -> tuple[str, str]:
    """Name and account of who did it."""
    name, account = event.actor_name, event.known_account or ""
    return (masking.mask(name), masking.mask(account)) if hide else (name, account)


def _events(sop: Sop, actor: Actor, params: ReportParams) -> Select[Any]:
    return (
        select(Case.number, Case.state, Event.at, Event.actor_name, Event.action, Event.from_state, Event.to_state,
               Event.round, Event.known_account)
        .join(Case, Case.id == Event.case_id)
        .where(*chosen(sop, actor, params))
        .order_by(Event.case_id, Event.seq)
    )  # fmt: skip
