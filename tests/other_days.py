"""The suite on other days: ``python -m tests.other_days``, for a nightly run.

Runs the quick part of the suite once for each of ``DAYS``, as if that were the moment and the machine stood in that
zone, prints a line per day, and ends with status 1 when one of them is red. The quick part is what is left of the
folders ``QUICK`` without the mark ``slow`` (a browser, processes of its own, many cases, many random tries); of tests
that run on both databases it has the SQLite half, save where PostgreSQL itself reckons with time.

``--only LEAP`` runs the days whose moment or reason contains that text; what follows ``--`` goes to pytest.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
QUICK = ("tests/api", "tests/panel", "tests/services", "tests/sop", "tests/demo/test_day.py", "tests/test_moment.py")
TWINS = "not postgresql or dashboard or reports or deadlines or conformance"


class Day(NamedTuple):
    """``zone``: that of the machine, which is to make no difference."""

    moment: str
    zone: str
    why: str


DAYS = (
    Day("2026-11-28T23:30+07:00", "UTC", "a Saturday night in which the suite once failed, UTC a date behind"),
    Day("2026-11-29T04:00+07:00", "UTC", "the small hours after it: UTC still on the day before"),
    Day("2026-11-30T17:45+07:00", "Asia/Jakarta", "the last day of a month of 30 days, after hours"),
    Day("2026-12-01T00:05+07:00", "America/New_York", "five minutes into a month; in New York it is still November"),
    Day("2026-12-10T09:00+07:00", "UTC", "a working day, the tests' deadlines fall around Christmas"),
    Day("2026-12-23T16:30+07:00", "Asia/Jakarta", "the eve of the joint leave and holiday of Christmas"),
    Day("2026-12-31T23:30+07:00", "UTC", "New Year's Eve, a quarter's and a year's last half hour"),
    Day("2027-01-01T00:05+07:00", "America/New_York", "New Year: numbers begin anew, elsewhere it is last year"),
    Day("2027-01-01T06:30+07:00", "UTC", "half an hour before UTC comes into the new year"),
    Day("2027-01-31T12:00+07:00", "Pacific/Kiritimati", "a Sunday, the 31st before a month of 28 days"),
    Day("2027-02-04T18:00+07:00", "UTC", "the evening before a long weekend, Imlek"),
    Day("2027-02-28T22:00+07:00", "UTC", "a Sunday, the last day of February in a common year"),
    Day("2027-03-05T19:00+07:00", "Asia/Jakarta", "a Friday evening before Nyepi and Lebaran"),
    Day("2027-03-09T20:00+07:00", "UTC", "the eve of Lebaran, joint leave already"),
    Day("2027-03-12T10:00+07:00", "America/New_York", "in the joint leave of Lebaran"),
    Day("2027-03-14T02:30-05:00", "America/New_York", "the hour that New York's clocks leave out"),
    Day("2027-03-31T23:30+07:00", "UTC", "the end of a quarter and of its report to the OJK"),
    Day("2027-04-01T00:05+07:00", "UTC", "the first minutes of a quarter"),
    Day("2027-06-30T08:00+07:00", "Asia/Jakarta", "the end of half a year, before opening"),
    Day("2027-08-15T23:30+07:00", "UTC", "a Sunday night that is a holiday, another one two days on"),
    Day("2027-09-30T17:00+07:00", "UTC", "the end of a quarter at closing time"),
    Day("2027-10-31T23:55+07:00", "UTC", "a Sunday, five minutes before a month begins"),
    Day("2027-11-07T01:30-04:00", "America/New_York", "the hour that New York's clocks go through twice"),
    Day("2028-02-28T00:00+07:00", "UTC", "midnight itself, the second day of a Lebaran, the eve of a leap day"),
    Day("2028-02-29T10:00+07:00", "Asia/Jakarta", "a leap day in the morning"),
    Day("2028-02-29T23:30+07:00", "America/New_York", "a leap day at night"),
    Day("2028-03-01T06:59+07:00", "UTC", "the day after, a minute before UTC leaves the leap day"),
    Day("2028-12-30T15:00+07:00", "Pacific/Kiritimati", "day 365 of a leap year, the year's last working day over"),
)


def run_on(day: Day, arguments: Sequence[str]) -> str:
    """Runs the quick part on ``day``; what was said if it was red, else nothing."""
    command = [sys.executable, "-m", "pytest", *QUICK, "-m", "not slow", "-k", TWINS, "--tb=short", *arguments]
    environment = os.environ | {"TEST_TODAY": day.moment, "TZ": day.zone}
    began = time.monotonic()
    ran = subprocess.run(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    counted = (ran.stdout.strip().splitlines() or ["nothing was said"])[-1]
    colour = "red" if ran.returncode else "green"
    took = time.monotonic() - began
    print(f"{colour:5} {day.moment} {day.zone:18} {took:4.0f} s  {counted}  ({day.why})", flush=True)
    return ran.stdout if ran.returncode else ""


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the quick part of the suite on other days.")
    parser.add_argument("--only", default="", help="days whose moment or reason contains this")
    parser.add_argument("arguments", nargs="*", help="after --, for pytest; without them: -n auto")
    given = parser.parse_args()
    days = [day for day in DAYS if given.only.lower() in f"{day.moment} {day.why}".lower()]
    red = {day: said for day in days if (said := run_on(day, given.arguments or ["-n", "auto"]))}
    for day, said in red.items():
        print(f"\n{'=' * 40} {day.moment}, {day.why}\n{said}", flush=True)
    print(f"{len(days) - len(red)} passed, {len(red)} failed")
    return 1 if red or not days else 0


if __name__ == "__main__":
    sys.exit(main())
