"""The open cases: by state, deadline and age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import case as sql_case
from sqlalchemy import func, select

from app.extensions import db
from app.models import Case
from app.services.core import conditions
from app.services.dashboards.figures import Cell, Chart, Colour, Part, Scope, Series, count, sop_cell, text
from app.workflow.declaration import Sop

DUE_COLOURS: dict[str, Colour] = {"late": "red", "near": "amber", "ok": "teal", "none": "grey"}
#: Per SOP and state: how many are open, by level of ``conditions.DUE`` and by age of ``conditions.AGES``.
Tally = Mapping[tuple[str, str], Mapping[str, int]]


@dataclass(frozen=True)
class Row:
    """A line of a table on what is open: a state of an SOP, or all of them."""

    sop: Sop
    state: str | None
    counts: Mapping[str, int]

    @property
    def asked(self) -> dict[str, str]:
        return {"open": "1"} | ({"state": self.state} if self.state else {})

    @property
    def head(self) -> Cell:
        return text(self.sop.state(self.state).label) if self.state else sop_cell(self.sop)

    @property
    def all(self) -> int:
        return sum(self.counts[level] for level in conditions.DUE)


def tally(scope: Scope) -> Tally:
    """One query for everything on this page that is about now."""
    counted = [conditions.due(level) for level in conditions.DUE] + [conditions.aged(age) for age in conditions.AGES]
    found = db.session.execute(
        select(Case.sop, Case.state, *(func.count(sql_case((condition, 1))) for condition in counted))
        .where(scope.seen, conditions.is_open())
        .group_by(Case.sop, Case.state)
    )
    keys = (*conditions.DUE, *conditions.AGES)
    return {(sop, state): dict(zip(keys, numbers, strict=True)) for sop, state, *numbers in found}


def by_deadline(scope: Scope, found: Tally) -> list[Part]:
    rows = list(_rows(scope, found))
    columns = (_first_heading(scope), _("Open"), *(str(label) for label in conditions.DUE.values()))
    cells = [
        (row.head, count(row.all, row.sop, **row.asked),
         *(count(row.counts[level], row.sop, **row.asked, due=level) for level in conditions.DUE))
        for row in rows
    ]  # fmt: skip
    series = [
        Series(str(label), [row.counts[level] for row in rows], DUE_COLOURS[level])
        for level, label in conditions.DUE.items()
    ]
    return _part(scope, columns, cells, Chart([str(row.head.value) for row in rows], series, stacked=True, across=True))


def by_age(scope: Scope, found: Tally) -> list[Part]:
    rows = list(_rows(scope, found))
    labels = [_days(*bounds) for bounds in conditions.AGES.values()]
    cells = [
        (row.head, *(count(row.counts[age], row.sop, **row.asked, age=age) for age in conditions.AGES)) for row in rows
    ]
    series = Series(_("Open"), [sum(row.counts[age] for row in rows) for age in conditions.AGES], "blue")
    return _part(scope, (_first_heading(scope), *labels), cells, Chart(labels, [series]))


def _days(low: int, high: int | None) -> str:
    days = f"> {low - 1}" if high is None else f"{low}–{high}"
    return str(_("%(count)s days", count=days))


def _first_heading(scope: Scope) -> str:
    return str(_("Status") if scope.single else _("Procedure"))


def _rows(scope: Scope, found: Tally) -> Iterable[Row]:
    """The states of the one SOP in which something is open; of several, a row for each SOP."""
    if scope.single:
        for state in scope.single.state_by_key:
            if counts := found.get((scope.single.key, state)):
                yield Row(scope.single, state, counts)
        return
    for sop in scope.sops:
        summed: Counter[str] = Counter()
        for (key, _state), counts in found.items():
            if key == sop.key:
                summed.update(counts)
        yield Row(sop, None, summed)


def _part(scope: Scope, columns: tuple[str, ...], cells: list[tuple[Cell, ...]], chart: Chart) -> list[Part]:
    return [Part(columns, cells, chart, scope.single)] if cells else []
