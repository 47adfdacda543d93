"""The holidays of a year and the days that admins have entered, for the admin page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from flask_babel import get_locale
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import CalendarDay
from app.services.deadlines.working_calendar import holidays_of

#: The library's names for the languages of the panel.
LANGUAGES = {"id": "id", "en": "en_US"}
#: The years for which days can be entered.
FIRST_YEAR, LAST_YEAR = 2000, 2099


@dataclass(frozen=True)
class Holiday:
    """``joint_leave``: cuti bersama, which a policy may count as worked."""

    day: date
    name: str
    joint_leave: bool


def ends(year: int) -> tuple[date, date]:
    """Its first day and its last."""
    return date(year, 1, 1), date(year, 12, 31)


def holidays_in(year: int) -> list[Holiday]:
    """The national holidays and the joint leave of a year, day by day, named in the reader's language."""
    language = LANGUAGES.get(str(get_locale()), "id")
    public = holidays_of(year, False, language)
    found = holidays_of(year, True, language)
    return [Holiday(day, public.get(day, name), day not in public) for day, name in sorted(found.items())]


def entered_in(year: int) -> dict[date, list[CalendarDay]]:
    """What admins have entered for days of a year: first the days of all units, then the units' own; one query."""
    wanted = select(CalendarDay).where(CalendarDay.day.between(*ends(year))).options(joinedload(CalendarDay.unit))
    days: dict[date, list[CalendarDay]] = defaultdict(list)
    for row in db.session.scalars(wanted.order_by(CalendarDay.unit_id.is_not(None), CalendarDay.id)):
        days[row.day].append(row)
    return dict(days)
