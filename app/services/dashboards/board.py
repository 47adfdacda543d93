"""The dashboard: its figures, and which SOPs a user may see there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import Case
from app.services.core import conditions
from app.services.core.access import READ_ALL, Actor, sops_of
from app.services.core.errors import Malformed, NotVisible
from app.services.dashboards import backlog as now
from app.services.dashboards import flow as run
from app.services.dashboards import indicators, outcomes, unheld
from app.services.dashboards import late as behind_time
from app.services.dashboards.figures import Cell, Figure, Part, Scope
from app.services.tables import csv_writing, dialects
from app.sop import own_parts
from app.workflow.declaration import Sop, Text

#: All SOPs at once, where an address names one.
ALL = "all"
WEEKS = 12
LONGEST = timedelta(days=5 * 366)
#: Beyond this many closed cases the indicators are counted on their own page alone: they read case by case.
FEW = 500


def overseen(actor: Actor) -> list[Sop]:
    """The SOPs whose dashboard ``actor`` may see, in the order of the menu: all visible ones for those who read
    everything, else those that name one of the actor's roles among their overseers. Only cases that ``actor`` may see
    are counted."""
    return [sop for sop in sops_of(actor) if actor.roles & READ_ALL.union(*(one.overseers for one in sop.revisions))]


def scope_of(actor: Actor, key: str, first: date, last: date) -> Scope:
    """``key``: an SOP's, or ``ALL``; what people use (a reply template) waits for nobody and is not among all.
    Raises ``NotVisible``."""
    seen = overseen(actor)
    if key == ALL and seen:
        return Scope(actor, tuple([sop for sop in seen if not sop.offered_with] or seen), first, last)
    for sop in seen:
        if sop.key == key:
            return Scope(actor, (sop,), first, last)
    raise NotVisible(_("There is no such SOP."))


def period(first: str | None, last: str | None) -> tuple[date, date]:
    """The requested days; by default the last ``WEEKS`` weeks including this one. Raises ``Malformed``."""
    begin, end = indicators.period(first or date(1900, 1, 1).isoformat(), last)
    if not first:
        begin = max(end - timedelta(days=end.weekday(), weeks=WEEKS - 1), begin)
    if end - begin > LONGEST:
        raise Malformed(_("Please choose a period of 5 years at most."))
    return begin, end


@dataclass(frozen=True)
class Tiles:
    """The numbers at the top. ``late_before``: how many were late a week ago; ``unheld``: what nobody has yet."""

    open: int
    late: int
    late_before: int
    near: int
    unheld: int
    came: int
    closed: int


class Dashboard:
    """The figures over a scope; each is counted when it is first asked for."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @cached_property
    def tally(self) -> now.Tally:
        return now.tally(self.scope)

    @cached_property
    def late(self) -> list[behind_time.Late]:
        return behind_time.late(self.scope)

    @cached_property
    def late_before(self) -> dict[tuple[str, int | None], int]:
        return behind_time.before(self.scope)

    @cached_property
    def unheld(self) -> Sequence[unheld.Unheld]:
        return unheld.unheld(self.scope)

    @cached_property
    def without_deadline(self) -> list[tuple[Sop, int]]:
        """The SOPs of the scope in which nothing can be late, each with how many of its cases are open."""
        return [(sop, self._open(*conditions.DUE, sop=sop.key)) for sop in unheld.without_deadline(self.scope)]

    def _open(self, *levels: str, sop: str = "") -> int:
        """How many open cases are at one of ``levels``; of one SOP, or of all."""
        return sum(
            counts[level] for (key, _s), counts in self.tally.items() if sop in ("", key) for level in levels
        )  # fmt: skip

    @cached_property
    def came(self) -> run.Weekly:
        return run.weekly(self.scope, Case.created_at)

    @cached_property
    def closed(self) -> run.Weekly:
        return run.weekly(self.scope, Case.closed_at)

    @property
    def tiles(self) -> Tiles:
        return Tiles(
            open=self._open(*conditions.DUE), late=self._open("late"), late_before=sum(self.late_before.values()),
            near=self._open("near"), unheld=sum(one.cases for one in self.unheld), came=_sum(self.came),
            closed=_sum(self.closed),
        )  # fmt: skip

    @property
    def judged(self) -> list[Sop]:
        """The SOPs of the scope that have indicators."""
        return [sop for sop in self.scope.sops if sop.indicators]

    def indicators(self, sop: Sop) -> list[indicators.Figure] | None:
        """None when so many cases were closed that this page would be slow."""
        if sum(self.closed[sop.key]) > FEW:
            return None
        return indicators.figures(self.scope.actor, sop, self.scope.first, self.scope.last)

    def figures(self) -> list[Figure]:
        """Those that have something to tell; over several SOPs fewer than over one."""
        return [figure for figure in (*self.urgent, *self.present, *self.past) if figure.parts]

    @cached_property
    def urgent(self) -> list[Figure]:
        """What somebody has to look after now. Of some it is worth saying that there is nothing: that nothing is late,
        unless nothing can be."""
        told = TOLD_EMPTY if len(self.without_deadline) < len(self.scope.sops) else ()
        return [figure for figure in map(self.figure, URGENT) if figure.parts or figure.key in told]

    @cached_property
    def present(self) -> list[Figure]:
        """What else is about now."""
        return [figure for figure in map(self.figure, PRESENT) if figure.parts]

    @cached_property
    def past(self) -> list[Figure]:
        """What is about the period."""
        others = {*URGENT, *PRESENT, *SEVERAL}
        keys = [key for key in known() if key not in others] if self.scope.single else OVERVIEW
        return [figure for figure in map(self.figure, keys) if figure.parts]

    def figure(self, key: str) -> Figure:
        """Raises ``NotVisible`` for one that there is not."""
        if key not in known():
            raise NotVisible(_("There is no such figure."))
        heading, note, count = known()[key]
        return Figure(key, heading, note, count(self))


#: Of a figure: its heading, how it is counted, and what counts it.
Counted = tuple[Text, Text, Callable[[Dashboard], list[Part]]]


def _sum(numbers: run.Weekly) -> int:
    return sum(map(sum, numbers.values()))


#: In the order of the page.
FIGURES: dict[str, Counted] = {
    "late": (_l("Late by unit"), "", lambda d: behind_time.by_unit(d.scope, d.late)),
    "worse": (_l("Worse than a week ago"), _l("Late then and now. A deadline that was put off counts by its last day."),
              lambda d: behind_time.worse(d.scope, d.late, d.late_before)),
    "held": (_l("Who has what is late"), "", lambda d: behind_time.by_holder(d.scope, d.late)),
    "unheld": (_l("Taken by nobody"), _l("Cases that wait for a step of ours."),
               lambda d: unheld.by_state(d.scope, d.unheld)),
    "open": (_l("Open now"), "", lambda d: now.by_deadline(d.scope, d.tally)),
    "age": (_l("Age of the open cases"), _l("In days since they came in."), lambda d: now.by_age(d.scope, d.tally)),
    "volume": (_l("Came in and closed"), _l("Per week, over all procedures."),
               lambda d: run.volume(d.scope, d.came, d.closed)),
    "flow": (_l("Came in and closed"), _l("Per week."), lambda d: run.flow(d.scope, d.came, d.closed)),
    "times": (_l("Time in each status"), _l("Of the cases that left it in the period; a case may come back to it."),
              lambda d: run.times(d.scope)),
    "clocks": (_l("Deadlines kept and missed"), _l("Of those that ended in the period."),
               lambda d: outcomes.clocks(d.scope)),
    "back": (_l("Where cases turn back"), _l("Decisions in the period, by who took them."),
             lambda d: run.sent_back(d.scope)),
    "attempts": (_l("Success of call-backs"), _l("Attempts in the period."), lambda d: outcomes.attempts(d.scope)),
}  # fmt: skip
#: What is about the present, not about the period.
URGENT, PRESENT = ("late", "worse", "held", "unheld"), ("open", "age")
TOLD_EMPTY = ("late", "worse")
#: Of the period, over several SOPs; the first of them over several only.
OVERVIEW = ("volume", "clocks")
SEVERAL = ("volume",)


@cache
def known() -> dict[str, Counted]:
    """Every figure by its key: ours, then those that are an SOP's own."""
    own = {key: counted for part in own_parts("figures") for key, counted in part.FIGURES.items()}
    return FIGURES | {key: (heading, note, _of_scope(count)) for key, (heading, note, count) in own.items()}


def _of_scope(count: Callable[[Scope], list[Part]]) -> Callable[[Dashboard], list[Part]]:
    return lambda board: count(board.scope)


def rows(figure: Figure) -> Iterator[csv_writing.Row]:
    """The tables of a figure as the rows of a CSV: shares from 0 to 1, durations in hours. Where the columns change, a
    row of headings follows an empty one."""
    before: tuple[str, ...] | None = None
    for part in figure.parts:
        columns = (_("Procedure"), *part.columns) if part.sop else part.columns
        if columns != before:
            yield from ([[], columns] if before else [columns])
        before = columns
        for row in part.rows:
            cells = [_plain(cell) for cell in row]
            yield [str(part.sop.label_plural), *cells] if part.sop else cells


def _plain(cell: Cell) -> dialects.Cell:
    if isinstance(cell.value, timedelta):
        return csv_writing.hours(cell.value)
    if isinstance(cell.value, float):
        return csv_writing.share(cell.value)
    return "" if cell.value is None else cell.value
