"""What archives in a folder are called, and which of them are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from app.services.backup.sealing import Keys

#: Only files of these names are ever removed.
NAMED = re.compile(r"tuntas-(\d{8}T\d{6})Z\.tar(\.age|\.sealed)?")
WRITTEN = "%Y%m%dT%H%M%S"


@dataclass(frozen=True)
class Keep:
    """Of how many days, weeks and months the newest archive is kept; nothing of all: none is removed."""

    daily: int = 0
    weekly: int = 0
    monthly: int = 0

    def __bool__(self) -> bool:
        return bool(self.daily or self.weekly or self.monthly)


def name_for(moment: datetime, keys: Keys) -> str:
    """The name of an archive: ``.age`` for what age opens by itself, ``.sealed`` for what begins with its own key."""
    ending = ".age" if keys.recipients else ".sealed" if keys.passphrase else ""
    return f"tuntas-{moment.astimezone(UTC).strftime(WRITTEN)}Z.tar{ending}"


def moment_of(name: str) -> datetime | None:
    """When an archive of this name was taken; None for a file that is none of ours."""
    found = NAMED.fullmatch(name)
    return datetime.strptime(found[1], WRITTEN).replace(tzinfo=UTC) if found else None


def superfluous(names: Iterable[str], keep: Keep, zone: tzinfo) -> list[str]:
    """Those that no day, week or month needs any more, by the calendar of ``zone``; never the newest one."""
    moments = {name: moment.astimezone(zone) for name in names if (moment := moment_of(name))}
    newest_first = sorted(moments, key=lambda name: moments[name], reverse=True)
    if not keep:
        return []
    kept = set(newest_first[:1])
    periods: tuple[tuple[int, Callable[[datetime], Any]], ...] = (
        (keep.daily, datetime.date),
        (keep.weekly, lambda moment: moment.isocalendar()[:2]),
        (keep.monthly, lambda moment: (moment.year, moment.month)),
    )
    for most, period in periods:
        newest: dict[Any, str] = {}
        for name in newest_first:
            newest.setdefault(period(moments[name]), name)
        kept |= set(list(newest.values())[:most])
    return sorted(set(moments) - kept)
