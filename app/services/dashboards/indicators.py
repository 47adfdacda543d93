"""Counts the indicators that the SOPs declare."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import Case
from app.models.derive import case_model
from app.services.core import clock, conditions
from app.services.core.access import Actor, sops_of, visible_rows
from app.services.core.errors import Malformed, NotVisible
from app.services.core.wording import REASONS
from app.workflow.days import read_day
from app.workflow.declaration import Indicator, Sop

BATCH = 500


@dataclass(frozen=True)
class Figure:
    """``cases``: how many counted. Of a share: ``yes`` of them; of a duration: median and 90th percentile. What there
    is none of is None."""

    indicator: Indicator
    cases: int
    yes: int | None = None
    median: timedelta | None = None
    p90: timedelta | None = None

    @property
    def share(self) -> float | None:
        """Between 0 and 1."""
        return self.yes / self.cases if self.yes is not None and self.cases else None


def judged(actor: Actor) -> list[Sop]:
    """The SOPs with indicators that ``actor`` may see."""
    return [sop for sop in sops_of(actor) if sop.indicators]


def figures(actor: Actor, sop: Sop, since: date, until: date) -> list[Figure]:
    """The indicators of ``sop`` over the cases closed from ``since`` to ``until``, both included."""
    values: dict[str, list[Any]] = {one.key: [] for one in sop.indicators}
    for case in _closed(actor, sop, since, until):
        for one in sop.indicators:
            if (value := one.of(case)) is not None:
                values[one.key].append(value)
    return [_figure(one, values[one.key]) for one in sop.indicators]


@dataclass(frozen=True)
class IndicatorLine:
    """A case that counted, and as what: yes or no of a share, how long of a duration."""

    case_id: int
    number: str
    closed_at: datetime
    value: bool | timedelta


def behind(actor: Actor, sop: Sop, key: str, since: date, until: date, only: bool | None = None) -> list[IndicatorLine]:
    """The cases over which an indicator is counted: what took longest first, of a share the newest. ``only``: those of
    a share that count so. Raises ``NotVisible``."""
    one = next((indicator for indicator in sop.indicators if indicator.key == key), None)
    if one is None:
        raise NotVisible(_("There is no such figure."))
    found = []
    for case in _closed(actor, sop, since, until):
        value = one.of(case)
        if value is not None and (only is None or value is only):
            found.append(IndicatorLine(case.id, case.number, case.closed_at, value))
    return sorted(found, key=(lambda line: line.closed_at) if one.kind == "share" else (lambda line: line.value),
                  reverse=True)  # fmt: skip


def period(since: str | None, until: str | None) -> tuple[date, date]:
    """The requested days; by default this year so far. Raises ``Malformed``."""
    today = clock.today()
    first = read_day(since) if since else today.replace(month=1, day=1)
    last = read_day(until) if until else today
    if first is None or last is None:
        raise Malformed(str(REASONS["date"]))
    if last < first:
        raise Malformed(_("The period ends before it begins."))
    return first, last


def _closed(actor: Actor, sop: Sop, since: date, until: date) -> Iterator[Any]:
    """Cases of the period, a batch in memory at a time."""
    model: Any = case_model(sop.key)
    query = (
        select(model)
        .where(
            Case.sop == sop.key,
            visible_rows(actor, sop),
            conditions.counts(),
            conditions.within(Case.closed_at, since, until),
        )
        .order_by(Case.id)
        .limit(BATCH)
    )
    last = 0
    while cases := db.session.scalars(query.where(Case.id > last)).unique().all():
        yield from cases
        last = cases[-1].id
        db.session.expunge_all()


def _figure(indicator: Indicator, values: list[Any]) -> Figure:
    if indicator.kind == "share":
        return Figure(indicator, len(values), yes=sum(values))
    if not values:
        return Figure(indicator, 0)
    return Figure(indicator, len(values), median=median(values), p90=_percentile(sorted(values), 90))


def _percentile(ordered: Sequence[timedelta], percent: int) -> timedelta:
    """By nearest rank: the smallest value that at least so many percent of the values do not exceed."""
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)]
