"""Reports from the figures of other services: retention, indicators."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.models import Purge
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.formatting import yes_or_no
from app.services.dashboards import indicators
from app.services.reports.parts import RETENTION, Report, ReportParams, narrowed_sops
from app.services.retention import retention
from app.services.tables import csv_writing
from app.services.tables.csv_writing import OWN_COLUMNS, Row
from app.sop import SOPS

REMOVABLE = (_l("Documents"), _l("Files"), _l("Bytes"), _l("Personal data"))


def reports() -> Iterator[Report]:
    yield _due()
    yield _removed()
    yield _indicators()


def _due() -> Report:
    """What is due to be removed, since a day in the period; for those who see the page of retention."""
    return Report(
        key="retention",
        label=_l("Due to be removed"),
        period=_l("Due since a day in the period"),
        columns=(OWN_COLUMNS["number"], _l("SOP"), OWN_COLUMNS["closed_at"], _l("Due since"), *REMOVABLE,
                 _l("Legal hold")),
        rows=_due_rows,
        may=lambda actor: bool(retention.retention_sops(actor)),
        kind=RETENTION,
        sops=retention.retention_sops,
    )  # fmt: skip


def _due_rows(actor: Actor, params: ReportParams) -> Iterator[Row]:
    for one in retention.due(narrowed_sops(retention.retention_sops(actor), params)):
        if (params.since and one.since < params.since) or (params.until and one.since > params.until):
            continue
        yield [
            one.number, str(one.sop.label), csv_writing.day(one.closed_at), one.since,
            retention.document_names(one.sop, one.documents), one.files, one.bytes, yes_or_no(one.whole),
            yes_or_no(one.held),
        ]  # fmt: skip


def _removed() -> Report:
    """What was removed in the period."""
    return Report(
        key="retention-removed",
        label=_l("Removed after its retention"),
        period=_l("Removed in the period"),
        columns=(OWN_COLUMNS["number"], _l("SOP"), _l("Removed at"), _l("Removed by"), *REMOVABLE),
        rows=_removed_rows,
        may=lambda actor: bool(retention.retention_sops(actor)),
        kind=RETENTION,
        sops=retention.retention_sops,
    )


def _removed_rows(actor: Actor, params: ReportParams) -> Iterator[Row]:
    sops = narrowed_sops(retention.retention_sops(actor), params)
    for one in db.session.scalars(retention.purges(sops).where(params.within(Purge.purged_at))):
        sop = SOPS[one.sop]
        yield [
            one.number, str(sop.label), csv_writing.day(one.purged_at), one.purged_by,
            retention.document_names(sop, retention.types(one)), one.files, one.bytes, yes_or_no(one.whole),
        ]  # fmt: skip


def _indicators() -> Report:
    """The figures over the cases closed in the period, by default this year so far: shares from 0 to 1, durations in
    hours."""
    return Report(
        key="indicators",
        label=_l("Indicators"),
        period=_l("Cases closed in the period"),
        columns=(_l("SOP"), _l("Indicator"), _l("From"), _l("To"), _l("Cases"), _l("Yes"), _l("Share"),
                 _l("Median (hours)"), _l("90th percentile (hours)")),
        rows=_indicator_rows,
        may=lambda actor: bool(indicators.judged(actor)),
        sops=indicators.judged,
    )  # fmt: skip


def _indicator_rows(actor: Actor, params: ReportParams) -> Iterator[Row]:
    until = params.until or max(clock.today(), params.since or clock.today())
    since = params.since or until.replace(month=1, day=1)
    for sop in narrowed_sops(indicators.judged(actor), params):
        for figure in indicators.figures(actor, sop, since, until):
            yield [
                str(sop.label_plural), str(figure.indicator.label), since, until, figure.cases,
                "" if figure.yes is None else figure.yes, csv_writing.share(figure.share),
                csv_writing.hours(figure.median), csv_writing.hours(figure.p90),
            ]  # fmt: skip
