"""The report on deadlines: when each began to run, when it was due, and whether it was kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, select

from app.extensions import db
from app.models import Case, Clock
from app.services.core import conditions
from app.services.core.access import Actor, sops_of, visible_cases
from app.services.reports.parts import Report, ReportParams, narrowed_sops
from app.services.tables import csv_writing
from app.services.tables.csv_writing import BATCH, OWN_COLUMNS, Row
from app.sop import SOPS
from app.workflow.declaration import Choice

OUTCOMES = (
    Choice("kept", _l("Kept")), Choice("missed", _l("Missed")), Choice("running", _l("Running")),
    Choice("paused", _l("Paused")), Choice("void", _l("No longer applies")),
)  # fmt: skip


def reports() -> Iterator[Report]:
    """The deadlines that began to run in the period, as of now."""
    yield Report(
        key="deadlines",
        label=_l("Deadlines"),
        period=_l("Deadlines that began to run in the period"),
        columns=(OWN_COLUMNS["number"], _l("SOP"), OWN_COLUMNS["due_at"], _l("Started"), _l("Due"), _l("Ended"),
                 _l("Outcome")),
        rows=_rows,
        may=lambda actor: bool(sops_of(actor)),
        estimate=_count,
        states=OUTCOMES,
        sops=sops_of,
    )  # fmt: skip


def _chosen(query: Select[Any], actor: Actor, params: ReportParams) -> Select[Any]:
    sops = narrowed_sops(sops_of(actor), params)
    query = query.join(Case, Case.id == Clock.case_id).where(visible_cases(actor, sops), conditions.counts())
    return query.where(params.within(Clock.started_at), *([_is(params.state)] if params.state else []))


def _is(outcome: str) -> ColumnElement[bool]:
    if outcome == "running":
        return and_(Clock.outcome == "", Clock.due_at.is_not(None))
    if outcome == "paused":
        return and_(Clock.outcome == "", Clock.due_at.is_(None))
    return Clock.outcome == outcome


def _count(actor: Actor, params: ReportParams) -> int:
    return db.session.scalar(_chosen(select(func.count(Clock.id)), actor, params)) or 0


def _rows(actor: Actor, params: ReportParams) -> Iterator[Row]:
    columns = (Case.number, Clock.sop, Clock.key, Clock.started_at, Clock.due_at, Clock.ended_at, Clock.outcome)
    query = _chosen(select(*columns), actor, params).order_by(Clock.id)
    outcomes = {choice.key: str(choice.label) for choice in OUTCOMES}
    for clock in db.session.execute(query, execution_options={"yield_per": BATCH}):
        sop = SOPS[clock.sop]
        outcome = clock.outcome or ("running" if clock.due_at else "paused")
        yield [
            clock.number, str(sop.label), str(sop.clock_label(clock.key)), csv_writing.moment(clock.started_at),
            csv_writing.moment(clock.due_at), csv_writing.moment(clock.ended_at), outcomes.get(outcome, outcome),
        ]  # fmt: skip
