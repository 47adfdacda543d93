"""The reports: the list of all, those of a user, and the writing of one. A report of an SOP's own is in its package
(``app/sop/__init__.py``).

A period is from one day to another, both included; each report says what has to be in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app.services.core.access import Actor
from app.services.core.errors import NotVisible, TooLarge
from app.services.reports import appointments, cases, conformance, deadlines, figures, xes
from app.services.reports.parts import KINDS, Kind, Report, ReportParams, again, read
from app.services.tables import csv_writing
from app.services.tables.csv_writing import Row
from app.services.tables.dialects import DIALECTS, RAW
from app.services.tables.workbook import CONTENT_TYPE, MOST_ROWS, workbook
from app.sop import own_parts

__all__ = [
    "CONTENT_TYPES",
    "Kind",
    "Report",
    "ReportParams",
    "Through",
    "again",
    "by_kind",
    "content",
    "estimated",
    "known",
    "read",
    "report_of",
    "reports_of",
    "table",
]  # fmt: skip

CONTENT_TYPES = {"csv": "text/csv", "xlsx": CONTENT_TYPE, "xes": xes.CONTENT_TYPE}
#: Watches rows as they pass.
Through = Callable[[Iterator[Any]], Iterator[Any]]


@cache
def known() -> dict[str, Report]:
    """Every report by its key, in the order of the page; an SOP's own declare before which other they come."""
    found = [
        report for made in (cases, appointments, deadlines, figures, conformance) for report in made.reports()
    ]  # fmt: skip
    for own in (report for part in own_parts("report") for report in part.REPORTS):
        found.insert(next((at for at, other in enumerate(found) if other.key == own.before), len(found)), own)
    return {report.key: report for report in found}


def reports_of(actor: Actor) -> list[Report]:
    """The reports that ``actor`` may see."""
    return [report for report in known().values() if _open_to(actor, report)]


def by_kind(actor: Actor, sop: str = "") -> list[tuple[Kind, list[Report]]]:
    """What ``actor`` may see, kind by kind; ``sop``: only what tells of this SOP."""
    found = [report for report in reports_of(actor) if not sop or sop in sops_told_of(actor, report)]
    grouped = [(kind, [report for report in found if report.kind == kind]) for kind in KINDS]
    return [(kind, several) for kind, several in grouped if several]


def sops_told_of(actor: Actor, report: Report) -> list[str]:
    """The keys of the SOPs that the report tells ``actor`` of."""
    if report.of:
        return [report.of.key]
    return [sop.key for sop in report.sops(actor)] if report.sops else []


def _open_to(actor: Actor, report: Report) -> bool:
    """To a key for certain SOPs, only what tells of these alone."""
    if not report.may(actor):
        return False
    told = sops_told_of(actor, report)
    return actor.limited_to is None or (bool(told) and all(actor.reaches(key) for key in told))


def report_of(actor: Actor, key: str) -> Report:
    """The report, or ``NotVisible``."""
    report = known().get(key)
    if report is None or not _open_to(actor, report):
        raise NotVisible(_("There is no such report."))
    return report


def estimated(actor: Actor, report: Report, params: ReportParams) -> int:
    """How many rows it will have; 0 for those that are always short. Raises ``TooLarge`` for more than the format
    holds."""
    rows = report.estimate(actor, params) if report.estimate else 0
    if params.form == "xlsx" and rows >= MOST_ROWS:
        raise TooLarge(
            _("A workbook holds %(most)s rows at most: please choose CSV or a shorter period.", most=MOST_ROWS - 1)
        )
    return rows


def table(name: str, headings: Row, rows: Iterator[Row], form: str, dialect: str = "") -> Iterator[bytes]:
    """A table in its form; ``dialect``: of a CSV, the API's own when none is named. After an empty row another table
    begins with its headings."""
    if form == "xlsx":
        return workbook(name, chain([headings], rows))
    return csv_writing.csv_lines(headings, rows, DIALECTS.get(dialect, RAW))


def content(actor: Actor, report: Report, params: ReportParams, through: Through) -> Iterator[bytes]:
    """The report, chunk by chunk; every row of it passes ``through``. The language applies while rows are made, however
    late the generator runs."""
    with force_locale(params.lang):
        if params.form == "xes" and report.steps:
            yield from xes.log(report.key.partition("-")[2], through(report.steps(actor, params)))
            return
        headings = [str(column) for column in report.columns]
        rows = through(report.rows(actor, params))
        yield from table(str(report.label), headings, rows, params.form, params.dialect)
