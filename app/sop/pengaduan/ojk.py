"""What the quarterly report to OJK counts: complaints by category and channel, settled in time, late, still open,
rejected."""

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
from app.services.core import clock, conditions
from app.sop.pengaduan.due_report import PENGADUAN, Quarter

HEADINGS = (
    _l("Category"), _l("Channel"), _l("Received"), _l("Settled in time"), _l("Settled late"), _l("Open"),
    _l("Rejected"),
)  # fmt: skip


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


def lines(quarter: Quarter) -> list[Line]:
    """A line for each category and channel by which a complaint came in the quarter, in the order of the forms; their
    outcome is as of now."""
    model: Any = case_model(PENGADUAN.key)
    channels = {choice.key: str(choice.label) for choice in PENGADUAN.fields["channel"].choices}
    found = db.session.execute(
        select(ComplaintCategory.name, model.channel, model.deadline, Case.closed_at)
        .outerjoin(ComplaintCategory, ComplaintCategory.id == model.category_id)
        .where(conditions.counts(), conditions.within(Case.created_at, quarter.first, quarter.next.first - timedelta(days=1)))
        .order_by(ComplaintCategory.id.is_(None), ComplaintCategory.position, ComplaintCategory.name, ComplaintCategory.id)
    )  # fmt: skip
    counted: dict[tuple[str, str], Line] = {}
    for name, channel, deadline, closed_at in found:
        category = name or _("No category yet")
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
