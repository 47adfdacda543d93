"""Working days: Monday to Friday less Indonesian national holidays and joint leave (cuti bersama)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY = 5


@lru_cache(maxsize=32)
def _days_off(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("ID", categories=("public", "government"), years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in _days_off(day.year)


def working_days_after(day: date, count: int) -> date:
    """The working day that is ``count`` working days after ``day``; the day itself does not count."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day
