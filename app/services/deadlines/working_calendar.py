"""The working calendar of a unit, and counting of working time.

A day is a working day from Monday to Friday (or whatever hours say) less Indonesian national holidays, and less joint
leave (cuti bersama) where the policy says so; the days that an admin has entered override all of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import or_, select

from app.extensions import db
from app.models import CalendarDay, Unit, WorkingHours
from app.services.core import clock

#: The three zones of Indonesia, by the name of the zone database.
ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
SATURDAY = 5
OFFICE: tuple[tuple[time, time], ...] = ((time(8), time(17)),)
#: Hours by day of the week where nobody has entered any.
USUAL: dict[int, tuple[tuple[time, time], ...]] = dict.fromkeys(range(SATURDAY), OFFICE)
ONE = timedelta(days=1)
#: Nothing is counted further ahead than this, so that a calendar without any working day terminates.
MOST_DAYS = 366 * 30

#: Moments between which a clock is paused; the last pause may still be open.
Pauses = Sequence[tuple[datetime, datetime | None]]


class NeverDue(ValueError):
    """The calendar has too few working days for so long a deadline."""


@lru_cache(maxsize=64)
def holidays_of(year: int, joint_leave: bool, language: str = "id") -> Mapping[date, str]:
    """The national holidays of a year by their names, with cuti bersama or without."""
    categories = ("public", "government") if joint_leave else ("public",)
    return dict(holidays.country_holidays("ID", categories=categories, years=year, language=language))


@dataclass(frozen=True)
class Calendar:
    """``hours``: when it works, by day of the week; ``days``: the days entered by hand and whether they are worked."""

    zone: ZoneInfo
    hours: Mapping[int, tuple[tuple[time, time], ...]] = field(default_factory=lambda: USUAL)
    days: Mapping[date, bool] = field(default_factory=dict)

    def is_working_day(self, day: date, joint_leave: bool = True) -> bool:
        entered = self.days.get(day)
        if entered is not None:
            return entered
        return bool(self.hours.get(day.weekday())) and day not in holidays_of(day.year, joint_leave)

    def midnight(self, day: date) -> datetime:
        """The moment at which ``day`` begins here."""
        return datetime.combine(day, time(), self.zone)

    def end_of(self, day: date) -> datetime:
        """The last second of ``day``."""
        return datetime.combine(day, time(23, 59, 59), self.zone)

    def hours_of(self, day: date, joint_leave: bool = True) -> list[tuple[datetime, datetime]]:
        """When it works on ``day``; a weekend day that is worked all the same has Monday's hours."""
        if not self.is_working_day(day, joint_leave):
            return []
        usual = self.hours.get(day.weekday()) or next(iter(self.hours.values()), OFFICE)
        return [(datetime.combine(day, a, self.zone), datetime.combine(day, b, self.zone)) for a, b in usual]

    def working_days(self, start: datetime, joint_leave: bool = True) -> Iterator[date]:
        """The working days after the day of ``start``, without end."""
        day = self._day(start)
        for _count in range(MOST_DAYS):
            day += ONE
            if self.is_working_day(day, joint_leave):
                yield day
        raise NeverDue

    def after_days(self, start: datetime, days: float, pauses: Pauses = (), joint_leave: bool = True) -> datetime:
        """The moment at which ``days`` working days have gone since the day of ``start``: the last second of the last
        of them, or so far into it as the fraction says. Every pause that began before puts it off by as many working
        days as it took itself; one that is still open, for ever."""
        due = self._after(start, days, joint_leave)
        for begun, ended in sorted(pauses, key=lambda pause: pause[0]):
            if begun <= due:
                days += self.days_paused(begun, ended, joint_leave)
                due = self._after(start, days, joint_leave)
        return due

    def days_paused(self, begun: datetime, ended: datetime | None, joint_leave: bool = True) -> int:
        """How many working days a pause took: those after the day on which it began, up to the day on which it ended,
        as a deadline itself is counted. Raises ``NeverDue`` for one that is open."""
        if ended is None:
            raise NeverDue
        first, last = self._day(begun), self._day(ended)
        return sum(self.is_working_day(first + n * ONE, joint_leave) for n in range(1, (last - first).days + 1))

    def _after(self, start: datetime, days: float, joint_leave: bool) -> datetime:
        whole, part = divmod(days, 1)
        counted = self.working_days(start, joint_leave)
        day = self._day(start)
        for _count in range(int(whole)):
            day = next(counted)
        return self.midnight(next(counted)) + part * ONE if part else self.end_of(day)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def after_hours(self, start: datetime, hours: float, pauses: Pauses = (), joint_leave: bool = True) -> datetime:
        """The moment at which ``hours`` of working time have gone since ``start``."""
        left = timedelta(hours=hours)
        day = start.astimezone(self.zone).date()
        for _count in range(MOST_DAYS):
            for a, b in self._running(day, start, pauses, joint_leave):
                if b - a >= left:
                    return (a + left).astimezone(self.zone)
                left -= b - a
            day += ONE
        raise NeverDue

    def _running(
        self, day: date, start: datetime, pauses: Pauses, joint_leave: bool
    ) -> Iterator[tuple[datetime, datetime]]:
        """The working time of ``day`` after ``start``, without what was paused; in UTC, so that differences are
        true."""
        spans = [(max(a, start).astimezone(UTC), b.astimezone(UTC)) for a, b in self.hours_of(day, joint_leave)]
        for begun, ended in pauses:
            end = ended or datetime.max.replace(tzinfo=UTC)
            spans = [piece for a, b in spans for piece in ((a, min(b, begun)), (max(a, end), b))]
            spans = [(a, b) for a, b in spans if a < b]
        return ((a, b) for a, b in sorted(spans) if a < b)


def calendar_of(unit_id: int | None) -> Calendar:
    """The calendar of a unit, of the whole deployment for None: two queries."""
    unit = db.session.get(Unit, unit_id) if unit_id is not None else None
    mine = or_(CalendarDay.unit_id.is_(None), CalendarDay.unit_id == unit_id)
    # A unit's own day comes last, so it overrides the one for every unit.
    entered = db.session.execute(
        select(CalendarDay.day, CalendarDay.working).where(mine).order_by(CalendarDay.unit_id.is_not(None))
    ).tuples()
    zone = ZoneInfo(unit.zone) if unit is not None and unit.zone in ZONES else clock.zone()
    return Calendar(zone, _hours(unit_id), dict(entered.all()))


def _hours(unit_id: int | None) -> Mapping[int, tuple[tuple[time, time], ...]]:
    """The unit's own hours, else those for all units, else the usual ones."""
    rows = db.session.scalars(
        select(WorkingHours)
        .where(or_(WorkingHours.unit_id.is_(None), WorkingHours.unit_id == unit_id))
        .order_by(WorkingHours.weekday, WorkingHours.opens)
    ).all()
    wanted = [row for row in rows if row.unit_id is not None] or rows
    found: dict[int, tuple[tuple[time, time], ...]] = {}
    for row in wanted:
        found[row.weekday] = (*found.get(row.weekday, ()), (row.opens, row.closes))
    return found or USUAL
