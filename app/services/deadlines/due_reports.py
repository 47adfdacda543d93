"""Reports that the authorities ask for again and again, each of them an SOP's own: who hands them in, what is due when.

A module ``due_report`` of an SOP's package declares one (``DUE``). The calendar, the feed, the dashboards and the bell
tell of it; change here what they can ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from flask_babel import gettext as _

from app.services.core.access import Actor
from app.services.core.errors import Malformed
from app.sop import own_parts
from app.workflow.declaration import Sop, Text


class Period(Protocol):
    """What one such report is about.

    ``key``: tells it among the periods of every due report; ``uid``: the same for other people's calendars. Its time
    runs from the day ``opens`` to ``due``, both included. ``asked``: by which the report's page shows it. ``name``: as
    a calendar has it; ``reminder``: words before its day; ``notice``: a sentence with it.
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
    def asked(self) -> dict[str, str]: ...
    @property
    def name(self) -> str: ...
    @property
    def reminder(self) -> str: ...
    @property
    def notice(self) -> str: ...


@dataclass(frozen=True)
class DueReport:
    """``sop``: from whose cases it is made; ``roles``: who hand it in; ``page``: the endpoint that shows it.
    ``due_between``: the periods whose day is one of those from the first to the last; ``named``: the period of a key,
    raises ``Malformed`` for what is none of its own."""

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
    """Those that ``actor`` may have."""
    return [report for report in due_reports() if report.may(actor)]


def due_between(actor: Actor, first: date, last: date) -> Iterator[Period]:
    """What is due on the days from ``first`` to ``last``, of the reports that ``actor`` may have."""
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
