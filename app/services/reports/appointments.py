"""Reports on appointments (hearings, call-backs): one for each kind of record that declares a calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select

from app.extensions import db
from app.models import Case
from app.models.derive import record_model
from app.services.core import conditions, masking, personal
from app.services.core.access import Actor, closed_columns, reads, visible_rows
from app.services.reports.parts import APPOINTMENTS, Report, ReportParams
from app.services.tables import csv_writing
from app.services.tables.csv_writing import BATCH, OWN_COLUMNS, Row
from app.sop import SOPS
from app.workflow.declaration import Choice, Records, Sop


def reports() -> Iterator[Report]:
    declared = [(sop, records) for sop in SOPS.values() for records in sop.appointments]
    often = Counter(records.key for _sop, records in declared)
    for sop, records in declared:
        yield of_records(sop, records, records.key if often[records.key] == 1 else f"{records.key}-{sop.key}")


def of_records(sop: Sop, records: Records, key: str) -> Report:
    """Every row whose calendar day lies in the period; without a period, those without such a day as well."""
    return Report(
        key=key,
        label=_l("%(records)s: %(sop)s", records=records.label, sop=sop.label_plural),
        period=_l("“%(column)s” in the period", column=_calendar(records).label),
        columns=[OWN_COLUMNS["number"], OWN_COLUMNS["state"], *(column.label for column in records.columns),
                 _l("Recorded at"), _l("Recorded by")],
        rows=partial(_rows, sop, records),
        may=lambda actor: reads(actor, sop),
        kind=APPOINTMENTS,
        of=sop,
        estimate=partial(_count, sop, records),
        states=tuple(Choice(state.key, state.label) for state in sop.state_by_key.values()),
        masks=lambda actor: masking.masked(actor, sop),
    )  # fmt: skip


def _calendar(records: Records) -> Any:
    return next(column for column in records.columns if column.key == records.calendar)


def _chosen(query: Select[Any], sop: Sop, records: Records, actor: Actor, params: ReportParams) -> Select[Any]:
    row: Any = record_model(sop.key, records.key)
    calendar = _calendar(records)
    in_period = params.within(getattr(row, calendar.key), of_days=calendar.type == "date")
    query = query.join(Case, Case.id == row.case_id).where(
        Case.sop == sop.key, visible_rows(actor, sop), conditions.counts(), in_period
    )
    return query.where(Case.state == params.state) if params.state else query


def _count(sop: Sop, records: Records, actor: Actor, params: ReportParams) -> int:
    row: Any = record_model(sop.key, records.key)
    return db.session.scalar(_chosen(select(func.count(row.id)), sop, records, actor, params)) or 0


def _rows(sop: Sop, records: Records, actor: Actor, params: ReportParams) -> Iterator[Row]:
    row: Any = record_model(sop.key, records.key)
    hide = masking.masked(actor, sop)
    hidden = personal.of_rows(sop, records) if hide else ()
    closed = closed_columns(actor, sop, records.key)
    query = _chosen(select(row, Case.number, Case.state), sop, records, actor, params)
    found = db.session.execute(query.order_by(row.case_id, row.id), execution_options={"yield_per": BATCH})
    for entry, number, state in found:
        cells = [
            csv_writing.closed_cell(getattr(entry, column.key))
            if column.key in closed
            else csv_writing.answer(column, csv_writing.discreet(getattr(entry, column.key), hide), column in hidden)
            for column in records.columns
        ]
        by = masking.mask(entry.recorded_by) if hide else entry.recorded_by
        yield [number, csv_writing.cell(sop, "state", state), *cells, csv_writing.moment(entry.recorded_at), by]
