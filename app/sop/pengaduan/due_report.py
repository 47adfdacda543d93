"""The due dates of the complaint report to OJK: quarterly, by the 10th of the following month (POJK
18/POJK.07/2018)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services.core import clock
from app.services.core.access import READ_ALL
from app.services.core.errors import Malformed
from app.services.core.formatting import day
from app.services.deadlines.due_reports import DueReport
from app.sop import SOPS

PENGADUAN = SOPS["pengaduan"]
#: Day of the month after the quarter.
DUE_DAY = 10
MONTHS = 3
FIRST_YEAR = 2018


@dataclass(frozen=True, order=True)
class Quarter:
    """A period of the report (``services/deadlines/due_reports.py``). ``number``: 1 to 4. Raises ``Malformed`` for any other."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 4 and FIRST_YEAR <= self.year <= 9000):
            raise Malformed(_("There is no such quarter."))

    @classmethod
    def of(cls, day: date) -> Quarter:
        return cls(day.year, (day.month - 1) // MONTHS + 1)

    @classmethod
    def named(cls, key: str) -> Quarter:
        """``2026-4``, as ``key`` has it. Raises ``Malformed``."""
        year, _hyphen, number = key.partition("-")
        if not (year.isascii() and year.isdecimal() and number.isascii() and number.isdecimal()):
            raise Malformed(_("There is no such quarter."))
        return cls(int(year[:5]), int(number[:2]))

    @property
    def key(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def first(self) -> date:
        return date(self.year, (self.number - 1) * MONTHS + 1, 1)

    @property
    def next(self) -> Quarter:
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def previous(self) -> Quarter:
        return Quarter(self.year - (self.number == 1), self.number - 1 or 4)

    @property
    def report(self) -> DueReport:
        return DUE

    @property
    def opens(self) -> date:
        return self.next.first

    @property
    def due(self) -> date:
        """The day by which its report is due."""
        return self.opens.replace(day=DUE_DAY)

    @property
    def uid(self) -> str:
        return f"{DUE.key}-{self.year}-q{self.number}"

    @property
    def args(self) -> dict[str, Any]:
        return {"quarter": self.key}

    @property
    def name(self) -> str:
        return str(_("Complaint report to OJK: quarter %(number)s of %(year)s", number=self.number, year=self.year))

    @property
    def reminder(self) -> str:
        return str(_("The report on quarter %(number)s of %(year)s is due on", number=self.number, year=self.year))

    @property
    def notice(self) -> str:
        words = {"number": self.number, "year": self.year, "day": day(self.due)}
        return str(_("The report to OJK on quarter %(number)s of %(year)s is due on %(day)s", **words))


def next_due() -> Quarter:
    """The quarter whose report is due next."""
    last = Quarter.of(clock.today()).previous
    return last if clock.today() <= last.due else last.next


def due_between(first: date, last: date) -> Iterator[Quarter]:
    """The quarters whose report is due on one of these days."""
    quarter = Quarter.of(max(first - timedelta(days=MONTHS * 31 + DUE_DAY), date(FIRST_YEAR, 1, 1)))
    while quarter.due <= last:
        if quarter.due >= first:
            yield quarter
        quarter = quarter.next


DUE = DueReport(
    key="ojk",
    label=_l("Complaint report to OJK"),
    sop=PENGADUAN,
    roles=READ_ALL,
    page="OjkView.report",
    next_due=next_due,
    due_between=due_between,
    named=Quarter.named,
)
