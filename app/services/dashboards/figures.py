"""The parts of a dashboard figure (cells, series, charts), and its scope of cases and days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import CTE, ColumnElement, Integer, and_, column, values

from app.models.types import UTCDateTime
from app.services.core import clock, conditions
from app.services.core.access import Actor, visible_cases
from app.services.core.formatting import day
from app.workflow.declaration import Sop, Text
from app.workflow.values import start_of

#: Asks for steps with those first that a case had waited for longest (``services/dashboards/drilldown.py``).
LONGEST_FIRST = "longest"
DAY, WEEK = timedelta(days=1), timedelta(days=7)
Colour = Literal["red", "amber", "green", "teal", "blue", "violet", "grey"]


@dataclass(frozen=True)
class Cell:
    """``value``: of a ``count`` and a ``change`` a whole number, of a ``share`` 0 to 1, of a ``span`` a timedelta, of a
    ``sop`` its label; None where there is nothing. ``asked``: the query parameters with which a list of ``sop`` shows
    exactly these cases, or with ``rows`` the drilldown the steps or records themselves
    (``services/dashboards/drilldown.py``)."""

    value: str | int | float | timedelta | None
    kind: Literal["text", "week", "sop", "count", "change", "share", "span"] = "text"
    sop: str = ""
    asked: Mapping[str, str] | None = None
    rows: bool = False

    def like(self, other: Cell) -> Cell:
        """The same, with ``other``'s cases or rows behind it."""
        return replace(self, sop=other.sop, asked=other.asked, rows=other.rows)


@dataclass(frozen=True)
class Series:
    label: str
    values: Sequence[float]
    colour: Colour


@dataclass(frozen=True)
class Chart:
    """Bars: one per label and series, ``stacked`` or side by side, ``across`` from left to right. ``unit``: of the
    values, where they are no plain counts."""

    labels: Sequence[str]
    series: Sequence[Series]
    stacked: bool = False
    across: bool = False
    unit: str = ""


@dataclass(frozen=True)
class Part:
    """A table of a figure, and its chart. ``sop``: whose it is, where a figure has one per SOP."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    chart: Chart | None = None
    sop: Sop | None = None


@dataclass(frozen=True)
class Figure:
    """``note``: how it is counted, where that is no matter of course."""

    key: str
    heading: Text
    note: Text
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Week:
    """A week from Monday to Sunday, as much of it as is asked for."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """``7 Sep 2026 (week 37)``."""
        week = _("week %(number)s", number=self.first.isocalendar().week)
        return f"{day(self.first)} ({week})"

    @property
    def short(self) -> str:
        return str(format_date(self.first, "d MMM"))


@dataclass(frozen=True)
class Scope:
    """The cases of ``sops`` that ``actor`` may see, the days from ``first`` to ``last``."""

    actor: Actor
    sops: tuple[Sop, ...]
    first: date
    last: date

    @property
    def single(self) -> Sop | None:
        return self.sops[0] if len(self.sops) == 1 else None

    @property
    def seen(self) -> ColumnElement[bool]:
        return and_(visible_cases(self.actor, self.sops), conditions.counts())

    @property
    def period(self) -> dict[str, Any]:
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}

    def within(self, moment: Any) -> ColumnElement[bool]:
        return conditions.within(moment, self.first, self.last)

    @cached_property
    def weeks(self) -> list[Week]:
        return list(_weeks(self.first, self.last))

    @cached_property
    def week_table(self) -> CTE:
        """The weeks as rows: ``week`` (place in ``weeks``), ``begin``, ``end`` (the next one's begin)."""
        zone = clock.zone()
        rows = [(at, start_of(w.first, zone), start_of(w.last + DAY, zone)) for at, w in enumerate(self.weeks)]
        columns = column("week", Integer), column("begin", UTCDateTime), column("end", UTCDateTime)
        return values(*columns, name="weeks").data(rows).cte("weeks")


def _weeks(first: date, last: date) -> Iterator[Week]:
    monday = first - DAY * first.weekday()
    while monday <= last:
        yield Week(max(first, monday), min(last, monday + WEEK - DAY))
        monday += WEEK


def text(value: Any) -> Cell:
    return Cell(str(value))


def week_cell(week: Week) -> Cell:
    return Cell(week.name, "week")


def sop_cell(sop: Sop) -> Cell:
    return Cell(str(sop.label_plural), "sop", sop.key)


def count(number: int, sop: Sop | None = None, **args: str) -> Cell:
    """``args``: the query parameters of the list behind the number; without any there is no such list."""
    return Cell(number, "count", sop.key if sop else "", args or None)


def row_count(number: int, sop: Sop, **args: str) -> Cell:
    """How many steps or records there are; ``args`` as of ``services/dashboards/drilldown.py``."""
    return Cell(number, "count", sop.key, args, rows=True)


def share(part: int, whole: int) -> Cell:
    return Cell(part / whole if whole else None, "share")


def span(seconds: float | None) -> Cell:
    return Cell(None if seconds is None else timedelta(seconds=round(seconds)), "span")
