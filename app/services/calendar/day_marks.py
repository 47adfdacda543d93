"""Marked days of a calendar: national holidays, joint leave, the organisation's own days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.extensions import db
from app.models import CalendarDay
from app.services.core.access import Actor
from app.services.deadlines.year_calendar import holidays_in


@dataclass(frozen=True)
class Mark:
    """``off``: a day off, even on a weekday. ``own``: entered by the organisation or the user's unit."""

    name: str
    off: bool
    joint_leave: bool = False
    own: bool = False


def marks(actor: Actor, first: date, last: date) -> dict[date, Mark]:
    """The days from ``first`` to ``last`` that are marked. The organisation's own days override the calendar's, those
    of ``actor``'s unit those of all units."""
    found = {
        one.day: Mark(one.name, off=True, joint_leave=one.joint_leave)
        for year in range(first.year, last.year + 1)
        for one in holidays_in(year)
        if first <= one.day <= last
    }
    mine = or_(CalendarDay.unit_id.is_(None), CalendarDay.unit_id == actor.unit_id)
    rows = db.session.scalars(select(CalendarDay).where(CalendarDay.day.between(first, last), mine)).all()
    for row in sorted(rows, key=lambda row: row.unit_id is not None):
        usual = _("Working day") if row.working else _("Day off")
        found[row.day] = Mark(row.name or usual, off=not row.working, own=True)
    return found
