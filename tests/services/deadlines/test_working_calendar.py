"""The working calendar against a plain count, day by day and minute by minute, over ten years."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.deadlines.counting import counted, level_at, moment, plan
from app.services.deadlines.working_calendar import ONE, ZONES, Calendar, NeverDue

FIRST, LAST = date(2020, 1, 1), date(2029, 12, 31)
BOTH = holidays.country_holidays("ID", categories=("public", "government"), years=range(2020, 2032))
PUBLIC = holidays.country_holidays("ID", categories=("public",), years=range(2020, 2032))
BREAK = {day: ((time(8), time(12)), (time(13), time(16, 30))) for day in range(6)}

days = st.dates(FIRST, date(2029, 3, 31))
zones = st.sampled_from(sorted(ZONES)).map(ZoneInfo)
entered = st.dictionaries(st.dates(FIRST, LAST), st.booleans(), max_size=30)
minutes = st.integers(0, 24 * 60 - 1)
#: A pause as days after the start and minutes, and how long it takes in minutes.
pauses = st.lists(st.tuples(st.integers(0, 40 * 24 * 60), st.integers(1, 12 * 24 * 60)), max_size=2)


def plain_working_day(day: date, days_entered: dict[date, bool], joint_leave: bool, weekdays: int) -> bool:
    """What anybody with a wall calendar would say."""
    if day in days_entered:
        return days_entered[day]
    return day.weekday() < weekdays and day not in (BOTH if joint_leave else PUBLIC)


def at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), zone)


def paused(start: datetime, drawn: list[tuple[int, int]]) -> list[tuple[datetime, datetime | None]]:
    """Pauses one after the other, as a case has them."""
    found: list[tuple[datetime, datetime | None]] = []
    for begins, lasts in sorted(drawn):
        begun = start + timedelta(minutes=begins)
        if found and found[-1][1] is not None and begun <= found[-1][1]:
            continue
        found.append((begun.astimezone(UTC), (begun + timedelta(minutes=lasts)).astimezone(UTC)))
    return found


@given(days, minutes, st.integers(1, 30), zones, entered, st.booleans(), pauses)
@settings(max_examples=250, deadline=None)
def test_working_days_as_somebody_would_cross_them_off(
    day: date, minute: int, count: int, zone: ZoneInfo, own: dict[date, bool], joint_leave: bool,
    drawn: list[tuple[int, int]],
) -> None:  # fmt: skip
    start = at(day, minute, zone)
    stops = paused(start, drawn)
    left, on, given_back = count, day, 0
    while left:
        on += ONE
        left -= plain_working_day(on, own, joint_leave, 5)
        while not left and given_back < len(stops) and stops[given_back][0].astimezone(zone).date() <= on:
            first, last = (moment.astimezone(zone).date() for moment in stops[given_back] if moment)
            paused_days = (first + n * ONE for n in range(1, (last - first).days + 1))
            left += sum(plain_working_day(one, own, joint_leave, 5) for one in paused_days)
            given_back += 1
    assert Calendar(zone, days=own).after_days(start, count, stops, joint_leave) == datetime.combine(
        on, time(23, 59, 59), zone
    )


@given(days, minutes, st.integers(1, 30), zones, entered, pauses)
@settings(max_examples=60, deadline=None)
def test_working_hours_as_somebody_would_count_the_minutes(
    day: date, minute: int, hours: int, zone: ZoneInfo, own: dict[date, bool], drawn: list[tuple[int, int]]
) -> None:
    start = at(day, minute, zone)
    stops = paused(start, drawn)
    left, now = hours * 60, start
    while left:
        clock = now.time()
        works = plain_working_day(now.date(), own, True, 6) and any(
            a <= clock < b for a, b in BREAK.get(now.weekday(), BREAK[0])
        )
        left -= works and not any(a <= now and b is not None and now < b for a, b in stops)
        now += timedelta(minutes=1)
    assert Calendar(zone, BREAK, own).after_hours(start, hours, stops) == now


hours_of_a_week = st.dictionaries(
    st.integers(0, 6), st.sampled_from([((time(8), time(17)),), BREAK[0], ((time(22), time(23, 30)),)]), min_size=1
)


@given(
    st.sampled_from(["working_days", "calendar_days", "calendar_months"]), days, minutes, st.integers(1, 20),
    st.integers(0, 40 * 24 * 60), st.integers(0, 15), zones, hours_of_a_week, entered, st.booleans(),
)  # fmt: skip
@settings(max_examples=250, deadline=None)
def test_a_pause_of_so_many_days_puts_it_off_by_as_many(
    measure: str, day: date, minute: int, amount: int, later: int, count: int, zone: ZoneInfo,
    week: dict[int, tuple[tuple[time, time], ...]], own: dict[date, bool], joint_leave: bool,
) -> None:  # fmt: skip
    """From a moment to the same time of the day ``count`` days of its measure later, whatever the calendar."""
    calendar = Calendar(zone, week, own)
    start = at(day, minute, zone)

    def on(begun: datetime) -> datetime:
        if measure == "working_days":
            return datetime.combine(calendar.after_days(begun, count, (), joint_leave).date(), begun.time(), zone)
        return begun + count * ONE

    clock = AnyClock(measure=measure, amount=amount, started_at=start, joint_leave=joint_leave)
    due = counted(calendar, clock)
    begun = min(start + timedelta(minutes=later), due)
    clock.pauses = [[begun.isoformat(), on(begun).isoformat()]]
    assert counted(calendar, clock) == on(due)


@given(days, minutes, st.integers(1, 60), st.integers(0, 99), st.integers(1, 60), zones, hours_of_a_week, entered)
@settings(max_examples=250, deadline=None)
def test_a_pause_of_so_many_working_hours_puts_it_off_by_as_many(
    day: date, minute: int, amount: int, part: int, hours: int, zone: ZoneInfo,
    week: dict[int, tuple[tuple[time, time], ...]], own: dict[date, bool],
) -> None:  # fmt: skip
    """From anywhere before it is due to ``hours`` of working time later, whatever the calendar."""
    calendar, start = Calendar(zone, week, own), at(day, minute, zone)
    clock = AnyClock(measure="working_hours", amount=amount, started_at=start)
    begun = start + (counted(calendar, clock) - start) * (part / 100)
    clock.pauses = [[begun.isoformat(), calendar.after_hours(begun, hours).isoformat()]]
    assert counted(calendar, clock) == calendar.after_hours(start, amount + hours)


@pytest.mark.parametrize(
    ("ended", "due"),
    [
        ("2026-11-25T16:00:00+07:00", "2026-11-30"),  # the same day: none
        ("2026-11-26T08:00:00+07:00", "2026-12-01"),
        ("2026-12-02T10:00:00+07:00", "2026-12-07"),  # Wednesday 10.00 to Wednesday 10.00: five
        ("2026-11-29T10:00:00+07:00", "2026-12-02"),  # to a Sunday: Thursday and Friday
    ],
)
def test_a_pause_counts_the_working_days_after_the_one_on_which_it_began(ended: str, due: str) -> None:
    clock = AnyClock(pauses=[["2026-11-25T10:00:00+07:00", ended]])
    assert counted(CALENDAR, clock).date() == date.fromisoformat(due)


def test_a_pause_that_begins_too_late_mends_nothing() -> None:
    late = [["2026-12-01T10:00:00+07:00", "2026-12-08T10:00:00+07:00"]]
    for measure in ("working_days", "working_hours", "calendar_days"):
        assert counted(CALENDAR, AnyClock(measure=measure, pauses=late)) == counted(CALENDAR, AnyClock(measure=measure))


class AnyClock:
    def __init__(self, **more: object) -> None:
        self.__dict__.update(
            {"amount": 5, "measure": "working_days", "extra": 0, "joint_leave": True, "pauses": [], "level": 0,
             "outcome": "", "due_at": None, "next_at": None, "started_at": at(date(2026, 11, 23), 600, JAKARTA)} | more
        )  # fmt: skip


JAKARTA = ZoneInfo("Asia/Jakarta")
CALENDAR = Calendar(JAKARTA)


@pytest.mark.parametrize(
    ("measure", "amount", "due"),
    [
        ("working_days", 5, "2026-11-30T23:59:59+07:00"),
        ("working_hours", 4, "2026-11-23T14:00:00+07:00"),
        ("working_hours", 9, "2026-11-24T10:00:00+07:00"),
        ("calendar_days", 14, "2026-12-07T23:59:59+07:00"),
        ("calendar_months", 3, "2027-02-23T23:59:59+07:00"),
    ],
)
def test_each_measure(measure: str, amount: int, due: str) -> None:
    assert counted(CALENDAR, AnyClock(measure=measure, amount=amount)) == datetime.fromisoformat(due)


def test_an_extension_is_counted_on() -> None:
    assert counted(CALENDAR, AnyClock(extra=3)) == datetime.fromisoformat("2026-12-03T23:59:59+07:00")


def test_calendar_days_are_put_off_by_as_long_as_it_paused() -> None:
    stops = [["2026-11-25T03:00:00+00:00", "2026-11-28T03:00:00+00:00"]]
    due = counted(CALENDAR, AnyClock(measure="calendar_days", amount=14, pauses=stops))
    assert due == datetime.fromisoformat("2026-12-10T23:59:59+07:00")


@given(
    st.sampled_from(["working_days", "working_hours", "calendar_days", "calendar_months"]), st.integers(1, 12), days,
    minutes, pauses,
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_levels_are_reached_one_after_the_other(
    measure: str, amount: int, day: date, minute: int, drawn: list[tuple[int, int]]
) -> None:
    start = at(day, minute, JAKARTA)
    stops = [[a.isoformat(), b.isoformat() if b else None] for a, b in paused(start, drawn)]
    clock = AnyClock(measure=measure, amount=amount, started_at=start, pauses=stops)
    clock.due_at = counted(CALENDAR, clock)
    half, most, whole = (moment(CALENDAR, clock, level) for level in (50, 80, 100))
    assert start <= half <= most <= whole == clock.due_at
    assert level_at(CALENDAR, clock, start - ONE) == 0
    assert level_at(CALENDAR, clock, whole) == 100


def test_what_was_put_off_is_warned_of_again() -> None:
    now = at(date(2026, 11, 30), 600, JAKARTA)
    clock = AnyClock(level=80, extra=20)
    clock.due_at = counted(CALENDAR, clock)
    plan(CALENDAR, clock, now)
    assert clock.level == 0
    assert clock.next_at == moment(CALENDAR, clock, 50)


def test_a_calendar_without_working_days_comes_to_an_end() -> None:
    never = Calendar(JAKARTA, days={}, hours={6: ((time(8), time(8)),)})
    with pytest.raises(NeverDue):
        never.after_hours(at(date(2026, 1, 1), 0, JAKARTA), 1)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-23", True),
        ("2026-11-28", False),  # Saturday
        ("2026-08-17", False),  # Independence Day
        ("2026-12-24", False),  # joint leave before Christmas
        ("2026-12-25", False),
        ("2027-01-01", False),
        ("2026-03-19", False),  # Nyepi
        ("2025-04-01", False),  # second day of Idul Fitri 1446 H
    ],
)
def test_known_days(day: str, works: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is works
