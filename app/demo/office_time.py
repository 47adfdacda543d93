"""Office time: working days from 08.00 to 17.00 laid end to end, so that waiting is adding."""

from __future__ import annotations

import math
import random
from datetime import datetime, time, timedelta

from app.services.core import clock
from app.services.deadlines.working_calendar import Calendar

#: Seconds of a working day.
DAY = 9 * 3600
HOUR = 3600
#: How far the large demo goes back.
DAYS_BACK = 730
OPENS = time(8, 0)
#: Seconds after 08.00 at which most people call.
BUSIEST = 2.5 * HOUR
#: A little more comes in every month.
GROWTH = 0.9


class OfficeTime:
    """``now`` counts the office seconds from the first working day, two years back, to the present moment."""

    def __init__(self, now: datetime) -> None:
        dates = [now.date() - timedelta(days=ago) for ago in range(DAYS_BACK, -1, -1)]
        usual = Calendar(clock.zone())
        self._days = [datetime.combine(day, OPENS, now.tzinfo) for day in dates if usual.is_working_day(day)]
        today = self._days[-1]
        #: After hours, and on a day off, the last working day is over.
        self.now = (len(self._days) - 1) * DAY + min(max(int((now - today).total_seconds()), 0), DAY - 1)

    def moment(self, at: int) -> datetime:
        """The moment ``at`` office seconds after the beginning, aware, in the deployment's zone."""
        day, second = divmod(at, DAY)
        return self._days[day] + timedelta(seconds=second)

    def arrivals(self, chance: random.Random, count: int) -> list[int]:
        """When so many cases come in, in order: more in the mornings, and more lately than two years ago."""
        found: list[int] = []
        while len(found) < count:
            day = int(len(self._days) * chance.random() ** GROWTH)
            at = day * DAY + int(chance.triangular(0, DAY - 1, BUSIEST))
            if at < self.now:
                found.append(at)
        return sorted(found)

    def age(self, at: int) -> float:
        """Working days since ``at``."""
        return (self.now - at) / DAY


def wait(chance: random.Random, median: float) -> int:
    """Office seconds until the next step: mostly about ``median`` working days, now and then far longer."""
    return max(60, int(median * DAY * math.exp(chance.gauss(0, 0.9))))
