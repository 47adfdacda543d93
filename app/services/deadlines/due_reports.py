"""Periodic reports to the authorities, each belonging to an SOP: who submits them, which period is due when.

A module ``due_report`` of an SOP's package declares one (``DUE``). The calendar, the feed, the dashboards and the
notices show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from flask_babel import gettext as _

from app.services.core.access import Actor
from app.services.core.errors import Malformed
from app.sop import own_parts
from app.workflow.declaration import Sop, Text


class Period(Protocol):
    """One period of a due report.

    ``key``: unique among the periods of all due reports; ``uid``: the same for external calendars. It can be submitted
    from the day ``opens`` to ``due``, both included. ``args``: query parameters with which the report's page shows it.
    ``name``: its title in a calendar; ``reminder``: words before its day; ``notice``: a sentence with it.
    """

    @property
    def report(self) -> DueReport: ...
    @property
    def key(self) -> str: ...
    @property
    def uid(self) -> str: ...
    @property
    def opens(self) -> date: ...
    @property
    def due(self) -> date: ...
    @property
    def args(self) -> dict[str, Any]: ...
    @property
    def name(self) -> str: ...
    @property
    def reminder(self) -> str: ...
    @property
    def notice(self) -> str: ...


@dataclass(frozen=True)
class DueReport:
    """``sop``: whose cases it covers; ``roles``: who submits it; ``page``: the endpoint that shows it. ``due_between``:
    the periods due from the first to the last day; ``named``: the period of a key, raises ``Malformed`` for a key of
    another report."""

    key: str
    label: Text
    sop: Sop
    roles: frozenset[str]
    page: str
    next_due: Callable[[], Period]
    due_between: Callable[[date, date], Iterable[Period]]
    named: Callable[[str], Period]

    def may(self, actor: Actor) -> bool:
        return bool(actor.roles & self.roles)


def due_reports() -> list[DueReport]:
    return [part.DUE for part in own_parts("due_report")]


def due_reports_of(actor: Actor) -> list[DueReport]:
    """Those that ``actor`` may see."""
    return [report for report in due_reports() if report.may(actor)]


def due_between(actor: Actor, first: date, last: date) -> Iterator[Period]:
    """The periods due from ``first`` to ``last``, of the reports that ``actor`` may see."""
    for report in due_reports_of(actor):
        yield from report.due_between(first, last)


def period_of(key: str) -> Period:
    """Raises ``Malformed``."""
    for report in due_reports():
        try:
            return report.named(key)
        except Malformed:
            continue
    raise Malformed(_("There is no such report."))
