"""SQL conditions shared by dashboards and lists, so that their numbers agree: late cases, cases of an age, steps,
records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import aliased

from app.models import Case, Event
from app.services.core import clock
from app.workflow.declaration import Records, Sop, Text
from app.workflow.values import start_of

Condition = ColumnElement[bool]
#: A deadline nearer than this is shown as near.
NEAR = timedelta(days=3)
DUE: dict[str, Text] = {"late": _l("Late"), "near": _l("Due soon"), "ok": _l("In time"), "none": _l("Without deadline")}
#: Ages in whole days, from and up to; None: no upper end.
AGES: dict[str, tuple[int, int | None]] = {
    "0-1": (0, 1), "2-7": (2, 7), "8-30": (8, 30), "31-90": (31, 90), "91-": (91, None),
}  # fmt: skip
#: How a clock can have ended; ``void`` counts as neither.
OUTCOMES: dict[str, Text] = {"kept": _l("Kept"), "missed": _l("Missed")}


def is_open() -> Condition:
    return Case.closed_at.is_(None)


def counts() -> Condition:
    """Cases that lists and figures count: not those declared void."""
    return Case.voided_at.is_(None)


def due(level: str) -> Condition:
    """``level``: one of ``DUE``; together they are every open case. What is closed has no deadline any more; said all
    the same, it lets the database use the indexes of open cases."""
    now = clock.now()
    conditions: dict[str, Callable[[], Condition]] = {
        "late": lambda: Case.due_at < now,
        "near": lambda: Case.due_at.between(now, now + NEAR),
        "ok": lambda: Case.due_at > now + NEAR,
        "none": lambda: Case.due_at.is_(None),
    }
    return and_(conditions[level](), is_open())


def aged(age: str) -> Condition:
    """Cases that came in so many days ago; ``age``: one of ``AGES``. A case of today is 0 days old."""
    low, high = AGES[age]
    today, zone = clock.today(), clock.zone()
    younger = true() if high is None else Case.created_at >= start_of(today - timedelta(days=high), zone)
    older = true() if low == 0 else Case.created_at < start_of(today - timedelta(days=low - 1), zone)
    return and_(younger, older)


def within(column: Any, first: date | None, last: date | None, of_days: bool = False) -> Condition:
    """The moments of the days from ``first`` to ``last``, both included; None: no end. ``of_days``: the column has days
    rather than moments."""

    def edge(day: date) -> Any:
        return day if of_days else start_of(day, clock.zone())

    begin = true() if first is None else column >= edge(first)
    end = true() if last is None else column < edge(last + timedelta(days=1))
    return and_(begin, end)


def leaving(sop: Sop) -> Condition:
    """Events that are steps by which a case left its state; neither an upload nor an import is one."""
    return and_(Event.since.is_not(None), Event.action.in_(list(sop.known_transitions)))


def counting(records: Records, model: Any) -> Condition:
    """Rows that count, such as attempts among appointments."""
    return getattr(model, records.counted).is_not(None) if records.counted else true()


def carried(model: Any, column: str) -> ColumnElement[Any]:
    """The last value of ``column`` in a case's rows, up to and including each row: the reason for an attempt is
    recorded with the appointment before it."""
    before = aliased(model)
    value = getattr(before, column)
    return (
        select(value)
        .where(before.case_id == model.case_id, before.id <= model.id, value.is_not(None))
        .order_by(before.id.desc())
        .limit(1)
        .correlate(model)
        .scalar_subquery()
    )
