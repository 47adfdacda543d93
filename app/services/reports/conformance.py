"""Report on how often each declared step was done and how long cases had waited for it, for who oversees an SOP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask_babel import lazy_gettext as _l

from app.services.core.access import Actor
from app.services.core.wording import state_label
from app.services.dashboards import board
from app.services.dashboards.conformance import Conformance
from app.services.reports.parts import Report, ReportParams, narrowed_sops
from app.services.tables import csv_writing
from app.services.tables.csv_writing import Row
from app.workflow.declaration import Sop


def reports() -> Iterator[Report]:
    yield Report(
        key="conformance",
        label=_l("Procedure and practice"),
        period=_l("Steps done in the period"),
        columns=(_l("SOP"), _l("From status"), _l("Step"), _l("To status"), _l("Roles"), _l("Times"), _l("Cases"),
                 _l("Median (hours)"), _l("90th percentile (hours)"), _l("People")),
        rows=_rows,
        may=lambda actor: bool(board.overseen(actor)),
        sops=board.overseen,
        check=lambda params: board.period(_written(params.since), _written(params.until)),
    )  # fmt: skip


def _rows(actor: Actor, params: ReportParams) -> Iterator[Row]:
    first, last = board.period(_written(params.since), _written(params.until))
    for sop in narrowed_sops(board.overseen(actor), params):
        yield from _of(Conformance(board.scope_of(actor, sop.key, first, last)), sop)


def _of(figures: Conformance, sop: Sop) -> Iterator[Row]:
    for step in figures.steps:
        spent, done = step.spent, step.counted
        yield [
            str(sop.label_plural), state_label(sop, step.source) if step.source else "", str(step.transition.label),
            state_label(sop, step.target),
            ", ".join(step.transition.by), done.times, done.cases, csv_writing.hours(spent.median if spent else None),
            csv_writing.hours(spent.p90 if spent else None), done.people,
        ]  # fmt: skip


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None
