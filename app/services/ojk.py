"""The quarterly report of complaints to OJK: by category and channel, settled in time, late, still open, rejected.

POJK 18/POJK.07/2018 asks for it every quarter, by the 10th of the month after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.extensions import db
from app.models import Case, ComplaintCategory
from app.models.derive import case_model
from app.services import clock, slices
from app.services.access import READ_ALL, Actor
from app.services.errors import Malformed
from app.sop.pengaduan import PENGADUAN

#: Day of the month after the quarter.
DUE_DAY = 10
MONTHS = 3
FIRST_YEAR = 2018
HEADINGS = (
    _l("Category"), _l("Channel"), _l("Received"), _l("Settled in time"), _l("Settled late"), _l("Open"),
    _l("Rejected"),
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Quarter:
    """``number``: 1 to 4. Raises ``Malformed`` for any other."""

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
    def due(self) -> date:
        """The day by which its report is due."""
        return self.next.first.replace(day=DUE_DAY)


@dataclass
class Line:
    """Counts of the complaints of one category that came by one channel. None is ever rejected by this procedure, but
    the form has the column."""

    category: str
    channel: str
    received: int = 0
    in_time: int = 0
    late: int = 0
    open: int = 0
    rejected: int = 0

    @property
    def cells(self) -> tuple[str | int, ...]:
        return (self.category, self.channel, self.received, self.in_time, self.late, self.open, self.rejected)


def may_have(actor: Actor) -> bool:
    return bool(actor.roles & READ_ALL)


def next_due() -> Quarter:
    """The quarter whose report is to be handed in next."""
    last = Quarter.of(clock.today()).previous
    return last if clock.today() <= last.due else last.next


def lines(quarter: Quarter) -> list[Line]:
    """A line for each category and channel by which a complaint came in the quarter, in the order of the forms; what
    became of them is told as of now."""
    model: Any = case_model(PENGADUAN.key)
    channels = {choice.key: str(choice.label) for choice in PENGADUAN.fields["channel"].choices}
    found = db.session.execute(
        select(ComplaintCategory.name, model.channel, model.deadline, Case.closed_at)
        .join(ComplaintCategory, ComplaintCategory.id == model.category_id)
        .where(slices.within(Case.created_at, quarter.first, quarter.next.first - timedelta(days=1)))
        .order_by(ComplaintCategory.position, ComplaintCategory.name, ComplaintCategory.id)
    )  # fmt: skip
    counted: dict[tuple[str, str], Line] = {}
    for category, channel, deadline, closed_at in found:
        line = counted.setdefault((category, channel), Line(category, channels[channel]))
        line.received += 1
        outcome = _outcome(deadline, closed_at)
        setattr(line, outcome, getattr(line, outcome) + 1)
    order = {category: at for at, (category, _channel) in enumerate(counted)}
    return [counted[key] for key in sorted(counted, key=lambda key: (order[key[0]], list(channels).index(key[1])))]


def total(lines: list[Line]) -> Line:
    summed = Line(_("Total"), "")
    for line in lines:
        for count in ("received", "in_time", "late", "open", "rejected"):
            setattr(summed, count, getattr(summed, count) + getattr(line, count))
    return summed


def _outcome(deadline: date | None, closed_at: datetime | None) -> str:
    if closed_at is None:
        return "open"
    return "late" if deadline is not None and closed_at.astimezone(clock.zone()).date() > deadline else "in_time"
