"""Working days of Indonesia: weekends, national holidays and joint leave do not count."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.working_days import is_working_day, working_days_after

FIRST, LAST = date(2020, 1, 1), date(2029, 12, 31)
#: Every working day of ten years, counted one by one.
OFF = holidays.country_holidays("ID", categories=("public", "government"), years=range(2020, 2031))
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
WORKING = [day for day in DAYS if day.isoweekday() <= 5 and day not in OFF]


@given(st.dates(FIRST, date(2029, 6, 30)), st.integers(1, 40))
@settings(max_examples=300, deadline=None)
def test_it_is_the_nth_working_day_after(day: date, count: int) -> None:
    after = [one for one in WORKING if one > day]
    assert working_days_after(day, count) == after[count - 1]


@given(st.dates(FIRST, date(2029, 6, 30)), st.integers(0, 20), st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_days_add_up(day: date, first: int, more: int) -> None:
    assert working_days_after(working_days_after(day, first), more) == working_days_after(day, first + more)


def test_none_after_is_the_day_itself() -> None:
    assert working_days_after(date(2026, 11, 28), 0) == date(2026, 11, 28)


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
    assert is_working_day(date.fromisoformat(day)) is works
