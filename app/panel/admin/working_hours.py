"""Working hours: when units work through the week. Only admins reach these pages."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import contains_eager
from wtforms import SelectField, ValidationError
from wtforms.validators import DataRequired, InputRequired

from app.extensions import db
from app.models import Unit, WorkingHours
from app.panel.admin.calendar_days import unit_name, unit_or_everywhere
from app.panel.admin.forms import PanelForm, TickChoices
from app.panel.admin.records import RecordsView, TableWidget
from app.panel.inputs import HourField
from app.services.core.clock import today
from app.services.core.formatting import time_of_day
from app.web.pages import MASTER_DATA, TIMES, Page, admins

LABELS = {
    "unit": _l("Unit"),
    "weekday": _l("Day of the week"),
    "weekdays": _l("Days of the week"),
    "opens": _l("From"),
    "closes": _l("To"),
}


def weekday_name(weekday: int) -> str:
    """``Monday`` of 0, in the reader's language."""
    return str(get_locale().days["stand-alone"]["wide"][weekday]) if 0 <= weekday < 7 else str(weekday)


def weekdays() -> list[tuple[int, str]]:
    return [(weekday, weekday_name(weekday)) for weekday in range(7)]


def clock_time(at: time) -> str:
    return time_of_day(datetime.combine(today(), at))


class HoursForm(PanelForm):
    """One stretch of working time on one day of the week."""

    unit = unit_or_everywhere(_l("A unit with hours of its own has only those."))
    weekday = SelectField(LABELS["weekday"], choices=weekdays, coerce=int, default=0)
    opens = HourField(LABELS["opens"], [InputRequired()])
    closes = HourField(LABELS["closes"], [InputRequired()], description=_l("A break makes two entries."))

    def days(self) -> list[int]:
        return [self.weekday.data]

    def validate_closes(self, field: Any) -> None:
        if self.opens.data is None or field.data is None:
            return  # refused already
        if field.data <= self.opens.data:
            raise ValidationError(_("It must close after it opens."))
        other = db.session.scalars(
            select(WorkingHours).where(
                WorkingHours.unit == self.unit.data,
                WorkingHours.weekday.in_(self.days()),
                WorkingHours.opens < field.data,
                WorkingHours.closes > self.opens.data,
                WorkingHours.id != self.row_id,
            )
        ).first()
        if other is not None:
            span = f"{clock_time(other.opens)}–{clock_time(other.closes)}"
            raise ValidationError(
                _("This overlaps with %(day)s, %(span)s.", day=weekday_name(other.weekday), span=span)
            )


class NewHoursForm(HoursForm):
    """The same stretch on several days at once, so that nothing is counted by half a week."""

    weekday = None
    weekdays = TickChoices(LABELS["weekdays"], [DataRequired()], choices=weekdays, coerce=int, default=[0, 1, 2, 3, 4])

    def days(self) -> list[int]:
        return self.weekdays.data or []


class ByUnit(BaseFilter):
    """What holds everywhere first, then unit by unit through the week."""

    name = "order"

    def apply(self, query: Any, value: Any) -> Any:
        return (
            query.outerjoin(WorkingHours.unit)
            .options(contains_eager(WorkingHours.unit))
            .order_by(WorkingHours.unit_id.is_not(None), Unit.name, Unit.id, WorkingHours.weekday, WorkingHours.opens)
        )


class HoursWidget(TableWidget):
    template = "panel/admin/hours_table.html"


class HoursInterface(SQLAInterface):
    def is_date(self, col_name: str) -> bool:
        # Flask-AppBuilder knows no filters of times of day and would say so in the log at every start.
        return col_name in ("opens", "closes") or bool(super().is_date(col_name))


class WorkingHoursView(RecordsView):
    datamodel = HoursInterface(WorkingHours)
    list_template = "panel/admin/working_hours.html"
    list_widget = HoursWidget
    list_title, add_title = _l("Working hours"), _l("New working hours")
    edit_title, show_title = _l("Edit working hours"), _l("Working hours")
    label_columns = LABELS
    formatters_columns = {
        "unit": unit_name, "weekday": weekday_name, "opens": clock_time, "closes": clock_time,
    }  # fmt: skip
    search_columns = ["weekday"]
    base_filters = [["weekday", ByUnit, None]]
    page_size = 100
    list_columns = ["unit", "weekday", "opens", "closes"]
    order_columns = ["id"]  # the list has its own order; nothing shown is in these
    show_columns = edit_columns = list_columns
    add_columns = ["unit", "weekdays", "opens", "closes"]
    add_form, edit_form = NewHoursForm, HoursForm

    def pre_add(self, item: Any) -> None:
        """One entry per day, all of them with the last one's commit."""
        *others, item.weekday = item.weekdays
        db.session.add_all(
            WorkingHours(unit=item.unit, weekday=weekday, opens=item.opens, closes=item.closes) for weekday in others
        )


PAGE = Page(WorkingHoursView, admins, key="working_hours", label=_l("Working hours"), category=MASTER_DATA, group=TIMES)
