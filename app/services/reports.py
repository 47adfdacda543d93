"""The reports: which of them a user has, and what is in them. Add here one that is more than a list of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Query, lazyload, undefer

from app.extensions import db
from app.models import Case
from app.models.derive import case_model
from app.services import clock, export
from app.services.access import Actor, sops_of, visible_rows
from app.services.errors import Malformed, NotVisible
from app.services.workbook import CONTENT_TYPE, workbook
from app.workflow.declaration import Sop, Text
from app.workflow.values import start_of


@dataclass(frozen=True)
class Report:
    """The cases of an SOP that were created in a period, with the columns of its list."""

    key: str
    label: Text
    sop: Sop


def reports_of(actor: Actor) -> list[Report]:
    """The reports that ``actor`` may have."""
    return [Report(f"cases-{sop.key}", sop.label_plural, sop) for sop in sops_of(actor)]


def report_of(actor: Actor, key: str) -> Report:
    """The report, or ``NotVisible``."""
    for report in reports_of(actor):
        if report.key == key:
            return report
    raise NotVisible(_("There is no such report."))


def content(actor: Actor, report: Report, form: str, since: date | None, until: date | None) -> Iterator[bytes]:
    """The report in one of ``FORMATS``, from the day ``since`` to the day ``until``, both included; chunk by chunk."""
    if form not in FORMATS:
        raise Malformed(_("This report comes as %(formats)s.", formats=", ".join(FORMATS)))
    return FORMATS[form][1](report.sop, _cases(actor, report.sop, since, until))


def content_type(form: str) -> str:
    return FORMATS[form][0]


def _cases(actor: Actor, sop: Sop, since: date | None, until: date | None) -> Query[Any]:
    model: Any = case_model(sop.key)
    query: Query[Any] = db.session.query(model).filter(Case.sop == sop.key, visible_rows(actor, sop))
    if since:
        query = query.filter(Case.created_at >= start_of(since, clock.zone()))
    if until:
        query = query.filter(Case.created_at < start_of(until + timedelta(days=1), clock.zone()))
    loads = [lazyload(getattr(model, records.key)) for records in sop.records]
    counts = [undefer(getattr(model, f"{records.key}_count")) for records in sop.records]
    return query.options(*loads, *counts).order_by(Case.id)


def _as_csv(sop: Sop, cases: Query[Any]) -> Iterator[bytes]:
    return (text.encode() for text in export.lines(sop, cases))


def _as_xlsx(sop: Sop, cases: Query[Any]) -> Iterator[bytes]:
    headings = [str(export.heading(sop, column)) for column in sop.columns]
    rows = (
        [export.cell(sop, column.key, getattr(case, column.key)) for column in sop.columns]
        for case in cases.yield_per(export.BATCH)
    )
    return workbook(str(sop.label_plural), headings, rows)


FORMATS: dict[str, tuple[str, Callable[[Sop, Query[Any]], Iterator[bytes]]]] = {
    "csv": ("text/csv", _as_csv),
    "xlsx": (CONTENT_TYPE, _as_xlsx),
}
