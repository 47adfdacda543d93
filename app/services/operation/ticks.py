"""What the worker does by itself, as people are told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

#: A tick that is not due within so many minutes is not due at all.
HORIZON = 8 * 24 * 60
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Tick:
    """``when``: tells of a moment in UTC, without zone, whether it is time. ``label``: what people call it."""

    name: str
    when: Callable[[datetime], bool]
    run: Callable[[], Any]
    label: Any = ""

    def next_after(self, moment: datetime) -> datetime | None:
        return self._nearest(slot_of(moment) + MINUTE, MINUTE)

    def last_before(self, moment: datetime) -> datetime | None:
        """The last time at which it was due, ``moment``'s own minute included."""
        return self._nearest(slot_of(moment), -MINUTE)

    def _nearest(self, begin: datetime, stride: timedelta) -> datetime | None:
        at = begin.astimezone(UTC)
        for _minute in range(HORIZON):
            if self.when(at.replace(tzinfo=None)):
                return at
            at += stride
        return None


def slot_of(moment: datetime) -> datetime:
    """The minute whose ticks are due at this moment."""
    return moment.replace(second=0, microsecond=0)
