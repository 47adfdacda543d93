"""Parses dates and times in the notations of other systems."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from app.workflow.declaration import Field
from app.workflow.values import InvalidValue, parse

#: Months by the first letters of their Indonesian and English names, long or short.
MONTHS = {
    "jan": 1, "feb": 2, "peb": 2, "mar": 3, "apr": 4, "mei": 5, "may": 5, "jun": 6, "jul": 7, "agu": 8, "ags": 8,
    "agt": 8, "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "nop": 11, "des": 12, "dec": 12,
}  # fmt: skip
NAMED = re.compile(
    r"(?P<day>\d{1,2})[\s/-]+(?P<month>[a-z]{3,9})\.?[\s/-]+(?P<year>\d{4})"
    r"(?:[\s,t]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?)?"
)
ANY = Field("moment", "", "datetime")


def moment(written: str, zone: tzinfo) -> datetime | None:
    """``24 Mar 2020 14:01:19``, ``5 Mei 2021 09.30``, ISO 8601 or ``24/03/2020 14:01``, local to ``zone`` unless it
    says otherwise; aware, in UTC. None when nothing is written. Raises ``InvalidValue``."""
    named = NAMED.fullmatch(written.strip().lower())
    if named is None:
        read: datetime | None = parse(ANY, written, zone)
        return read
    month = MONTHS.get(named["month"][:3])
    try:
        day, hour, minute, second = (int(named[part] or 0) for part in ("day", "hour", "minute", "second"))
        local = datetime(int(named["year"]), month or 0, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise InvalidValue("datetime") from None
    return local.astimezone(UTC)
