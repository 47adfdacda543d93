"""Counting of deadlines: when they are due and when a share of them has passed; makes no queries.

A clock is anything with ``amount``, ``measure``, ``extra``, ``joint_leave``, ``started_at`` and ``pauses`` as in
``models.Clock``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dateutil.relativedelta import relativedelta

from app.services.deadlines.working_calendar import ONE, Calendar

#: Per cent of a deadline at which people are notified.
LEVELS = (50, 80, 100)


def pauses_of(clock: Any, until: datetime | None = None) -> list[tuple[datetime, datetime | None]]:
    """The clock's pauses as moments; the last one may be open, unless ``until`` is given as its end."""
    return [
        (datetime.fromisoformat(begun), datetime.fromisoformat(ended) if ended else until)
        for begun, ended in clock.pauses
    ]


def counted(calendar: Calendar, clock: Any, share: float = 1.0, until: datetime | None = None) -> datetime:
    """The moment at which ``share`` of a counted deadline will have passed; ``until``: as if an open pause ended then.
    Raises ``NeverDue``.

    Working days begin with the day after the start and end at midnight (POJK 18/2018); working hours at the minute;
    calendar days and months at the end of their last day. A pause that begins before then puts it off by as much as it
    took in the same measure: by the days after the one on which it began, up to the one on which it ended, or by the
    working time between.
    """
    length, start, pauses = clock.amount + clock.extra, clock.started_at, pauses_of(clock, until)
    if clock.measure == "working_days":
        return calendar.after_days(start, length * share, pauses, clock.joint_leave)
    if clock.measure == "working_hours":
        return calendar.after_hours(start, length * share, pauses, clock.joint_leave)
    local = start.astimezone(calendar.zone)
    span = relativedelta(months=length) if clock.measure == "calendar_months" else length * ONE
    last = calendar.end_of((local + span).date())
    for begun, ended in pauses:
        if ended and begun <= last:
            last += (ended.astimezone(calendar.zone).date() - begun.astimezone(calendar.zone).date()).days * ONE
    return last if share >= 1 else local + (last - local) * share


def moment(calendar: Calendar, clock: Any, level: int) -> datetime:
    """When ``level`` per cent of a running clock have passed; a clock with a fixed day runs linearly."""
    if level >= LEVELS[-1]:
        return clock.due_at  # type: ignore[no-any-return]
    if clock.measure is None:
        return clock.started_at + (clock.due_at - clock.started_at) * (level / 100)  # type: ignore[no-any-return]
    return counted(calendar, clock, level / 100)


def level_at(calendar: Calendar, clock: Any, now: datetime) -> int:
    """The highest level that a clock has reached."""
    return max((level for level in LEVELS if moment(calendar, clock, level) <= now), default=0)


def plan(calendar: Calendar, clock: Any, now: datetime) -> None:
    """Sets when people are notified next. After an extension the levels above the new one are notified again."""
    if clock.due_at is None or clock.outcome:
        clock.next_at = None
        return
    clock.level = min(clock.level, level_at(calendar, clock, now))
    ahead = [level for level in LEVELS if level > clock.level]
    clock.next_at = moment(calendar, clock, ahead[0]) if ahead else None
