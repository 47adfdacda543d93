"""Days and moments as people here write them, and as programs do.

``29/11/2026`` and ``29/11/2026 14.30`` are how they are shown in a control and proposed in sentences; what is read is
wider: dashes and dots, two digits of the year, names of months, digits alone, ISO 8601.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

FIRST_YEAR, LAST_YEAR = 1900, 9998
#: Two digits below this are a year of this century.
PIVOT = 70
#: By the first three letters: Indonesian, its other abbreviations, English.
MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb peb", "mar", "apr", "mei may", "jun", "jul", "agu agt ags aug", "sep", "okt oct", "nov nop",
         "des dec"), 1
    )
    for name in names.split()
}  # fmt: skip
ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?:"
    r"(?P<mark>[/.-])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})"
    r"|[ -]?(?P<name>[a-z]{3,9})\.?[ -]?(?P<of>\d{4}|\d{2})"
    r")(?!\d)"
)
DIGITS = re.compile(r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4})(?=\d{4}$|\D|$)")
TIME = re.compile(r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?|(?P<digits>\d{4})")
#: Between the day and the time.
BETWEEN = re.compile(r"t| ?, ?| +|(?=\d{4}$)")


def read_day(written: str) -> date | None:
    """The day; None when nothing of the kind is written."""
    day, rest = _day(written.strip().lower())
    return None if rest else day


def read_moment(written: str) -> datetime | None:
    """The moment, without a zone; at midnight when no time is written. None when nothing of the kind is written."""
    day, rest = _day(written.strip().lower())
    if day is None or not rest:
        return datetime.combine(day, time.min) if day else None
    between = BETWEEN.match(rest)
    at = read_time(rest[between.end() :]) if between else None
    return datetime.combine(day, at) if at else None


def read_time(written: str) -> time | None:
    """The time of the day, ``14.30``; None when nothing of the kind is written."""
    found = TIME.fullmatch(written.strip())
    if found is None:
        return None
    digits = found["digits"]
    hour, minute = (digits[:2], digits[2:]) if digits else (found["hour"], found["minute"])
    try:
        return time(int(hour), int(minute), int(found["second"] or 0))
    except ValueError:
        return None


def as_day(day: date) -> str:
    """``29/11/2026``."""
    return f"{day:%d/%m/}{day.year:04}"


def as_moment(local: datetime) -> str:
    """``29/11/2026 14.30``, of a moment in the zone in which it is shown."""
    return f"{as_day(local.date())} {local:%H.%M}"


def as_time(at: time) -> str:
    """``14.30``."""
    return f"{at:%H.%M}"


def _day(written: str) -> tuple[date | None, str]:
    """The day at the beginning, and what follows it."""
    found = ISO.match(written) or DAY_FIRST.match(written) or DIGITS.match(written)
    if found is None:
        return None, written
    parts = found.groupdict()
    name = parts.get("name")
    month = MONTHS.get(name[:3], 0) if name else int(parts["month"])
    year = parts.get("of") or parts["year"]
    number = int(year) + (0 if len(year) == 4 else 2000 if int(year) < PIVOT else 1900)
    if not FIRST_YEAR <= number <= LAST_YEAR:
        return None, written
    try:
        return date(number, month, int(parts["day"])), written[found.end() :]
    except ValueError:
        return None, written
