"""The complaint report to OJK as a table."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import lazy_gettext as _l

from app.services.core.access import Actor
from app.services.reports.parts import AUTHORITIES, Report, ReportParams
from app.services.tables.csv_writing import Row
from app.sop.pengaduan import ojk
from app.sop.pengaduan.due_report import DUE, Quarter, next_due


def _rows(actor: Actor, params: ReportParams) -> Iterator[Row]:
    found = ojk.lines(_quarter(params))
    yield from (line.cells for line in (*found, ojk.total(found)))


def _quarter(params: ReportParams) -> Quarter:
    return Quarter.of(params.since) if params.since else next_due()


#: On the quarter in which the period begins, by default the one whose report is due next.
REPORTS = (
    Report(
        key=DUE.key,
        label=DUE.label,
        period=_l("Complaints received in the quarter of this day"),
        columns=ojk.HEADINGS,
        rows=_rows,
        may=DUE.may,
        kind=AUTHORITIES,
        of=DUE.sop,
        until=False,
        check=lambda params: str(_quarter(params)),
        before="indicators",
    ),
)
