"""Calendar days: those that are worked or off against the calendar. Only admins reach these pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import abort, g, redirect, request, url_for
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import contains_eager
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from app.extensions import db
from app.models import CalendarDay, Unit
from app.panel.admin.forms import PanelForm, one_of, trimmed, units
from app.panel.admin.records import RecordsView
from app.panel.inputs import DayField
from app.services.core.clock import today
from app.services.deadlines import year_calendar
from app.services.deadlines.year_calendar import FIRST_YEAR, LAST_YEAR, Holiday
from app.web.pages import MASTER_DATA, TIMES, Page, admins

LABELS = {
    "day": _l("Day"),
    "unit": _l("Unit"),
    "working": _l("On this day"),
    "name": _l("Name"),
}
EVERYWHERE = _l("Everywhere")
OFF_OR_WORKED = [(0, _l("Nobody works")), (1, _l("It is worked"))]


def unit_or_everywhere(help_text: Any) -> Any:
    return one_of(LABELS["unit"], units, EVERYWHERE, validators=[Optional()], description=help_text)


def unit_name(unit: Unit | None) -> str:
    return str(unit or EVERYWHERE)


def off_or_worked(working: bool) -> str:
    return str(dict(OFF_OR_WORKED)[int(working)])


class DayForm(PanelForm):
    day = DayField(LABELS["day"], [InputRequired()])
    unit = unit_or_everywhere(_l("A unit's own day overrides the one that holds everywhere."))
    working = SelectField(LABELS["working"], choices=OFF_OR_WORKED, coerce=int, default=0)
    name = StringField(
        LABELS["name"],
        [Length(max=255)],
        filters=[trimmed],
        default="",
        description=_l("Why, such as the name of the holiday."),
    )

    def validate_day(self, field: Any) -> None:
        if field.data is None:
            return  # refused already
        if not FIRST_YEAR <= field.data.year <= LAST_YEAR:
            raise ValidationError(
                _("Please choose a day from %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR)
            )
        # The database does not count two days that hold everywhere as the same.
        same = select(CalendarDay.id).where(
            CalendarDay.day == field.data,
            CalendarDay.unit == self.unit.data,
            CalendarDay.id != self.row_id,
        )
        if db.session.scalars(same.limit(1)).first() is not None:
            raise ValidationError(_("This day is entered already for this unit: edit that entry."))


class OfYear(BaseFilter):
    """The list shows one year; a row's own page is there whatever its year."""

    name = "year"

    def apply(self, query: Any, value: Any) -> Any:
        query = query.outerjoin(CalendarDay.unit).options(contains_eager(CalendarDay.unit))
        if (request.endpoint or "").endswith(".list"):
            query = query.where(CalendarDay.day.between(*year_calendar.ends(value())))
        return query


def chosen_year() -> int:
    """The year that the address names, else the present one."""
    written = request.args.get("year", "")
    if not written:
        return today().year
    if not (written.isascii() and written.isdecimal() and len(written) == 4):
        abort(400)
    return int(written) if FIRST_YEAR <= int(written) <= LAST_YEAR else abort(400)


class CalendarDayView(RecordsView):
    datamodel = SQLAInterface(CalendarDay)
    list_template = "panel/admin/calendar_days.html"
    list_title, add_title = _l("Calendar days"), _l("New day")
    edit_title, show_title = _l("Edit day"), _l("Calendar day")
    label_columns = LABELS
    formatters_columns = {
        "day": lambda day: format_date(day, "EEE d MMM y"), "unit": unit_name, "working": off_or_worked,
    }  # fmt: skip
    search_columns = ["day"]
    base_filters = [["day", OfYear, chosen_year]]
    base_order = ("day", "asc")
    list_columns = show_columns = add_columns = edit_columns = ["day", "unit", "working", "name"]
    order_columns = ["day", "working", "name"]
    add_form = edit_form = DayForm

    def pre_add(self, item: CalendarDay) -> None:
        g.calendar_year = item.day.year

    pre_update = pre_add

    def pre_delete(self, item: CalendarDay) -> None:
        super().pre_delete(item)
        self.pre_add(item)

    def post_add_redirect(self) -> Response:
        """Back to the year of the day that was kept."""
        return redirect(url_for(".list", year=g.get("calendar_year")))

    post_edit_redirect = post_delete_redirect = post_add_redirect

    def year(self) -> int:
        return chosen_year()

    def years(self) -> list[int]:
        """The chosen year and those beside it."""
        return [year for year in range(chosen_year() - 1, chosen_year() + 2) if FIRST_YEAR <= year <= LAST_YEAR]

    def holidays(self) -> list[Holiday]:
        return year_calendar.holidays_in(chosen_year())

    def entered(self) -> Mapping[date, list[str]]:
        """What was entered for days of the chosen year, in words."""
        return {
            day: [f"{off_or_worked(row.working)} ({unit_name(row.unit)})" for row in rows]
            for day, rows in year_calendar.entered_in(chosen_year()).items()
        }


PAGE = Page(CalendarDayView, admins, key="calendar_days", label=_l("Calendar days"), category=MASTER_DATA, group=TIMES)
