"""The moment at which every test begins, whatever the calendar and the clock of the machine say.

The clock runs on from there, since the order of what happens is part of many tests. ``TEST_TODAY`` puts it elsewhere:
``TEST_TODAY=2028-02-29T23:30+07:00`` (without an offset: in Jakarta). ``python -m tests.other_days`` tries many dates.

It is the clock of the process that is put elsewhere, and not ``app.services.core.clock`` alone: tokens, session
cookies, signed links and the columns' defaults ask it without going by our module, and they have to agree with it.
Python processes that a test starts follow, see ``tests/startup``; a browser's scripts follow by ``context_of``. A
browser's cookies need no help: Chromium reckons the end of a cookie from the answer's own ``Date``. What does not
follow are the modification times of files (``EVER``). The machine's zone is left as it is, so that whatever
leans on it is found out.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from playwright.sync_api import Browser, BrowserContext

JAKARTA = ZoneInfo("Asia/Jakarta")
#: A Wednesday morning in the middle of a month, no holiday near.
ORDINARY = "2026-11-18T10:30+07:00"
#: How many seconds the tests' clock is ahead of the machine's, for the processes that a test starts.
AHEAD = "TEST_CLOCK_AHEAD"
#: The age of every file there is, also of those that the machine has written after the tests' now.
EVER = timedelta(days=-36_500)
STARTUP = Path(__file__).parent / "startup"


def beginning() -> datetime:
    said = datetime.fromisoformat(os.environ.get("TEST_TODAY") or ORDINARY)
    return said if said.tzinfo else said.replace(tzinfo=JAKARTA)


class Clock:
    """The clock of this process and of the Python processes that it starts; those that a test or its stage sets for
    itself go before it."""

    def __init__(self) -> None:
        # Seconds, since a datetime would also change the zone of the process.
        self._travel = time_machine.travel(beginning().timestamp(), tick=True)
        self._traveller = self._travel.start()
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(STARTUP), os.environ.get("PYTHONPATH")]))
        self.begin()

    def begin(self) -> None:
        """It is the moment at which a test begins, and time runs on."""
        seconds = beginning().timestamp()
        self._traveller.move_to(seconds)
        os.environ[AHEAD] = str(seconds - time_machine.escape_hatch.time.time())

    def stop(self) -> None:
        self._travel.stop()


def context_of(browser: Browser, **options: Any) -> BrowserContext:
    """A browser of its own for somebody in Jakarta, in whose pages it is now what it is in the test."""
    context = browser.new_context(timezone_id=JAKARTA.key, **options)
    context.clock.install(time=datetime.now(UTC))
    return context
