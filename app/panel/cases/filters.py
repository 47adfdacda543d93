"""The conditions by which a list of cases can be filtered, by column or by the boxes above it."""

from __future__ import annotations

from datetime import MAXYEAR, date, datetime, timedelta
from typing import Any

from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.filters import SQLAFilterConverter
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_
from sqlalchemy.orm import Query

from app.models import Case
from app.services.cases.worklist import turn_of
from app.services.core import clock, conditions, phones
from app.web.actor import current_actor
from app.workflow import values
from app.workflow.declaration import Field


class ColumnFilter(BaseFilter):
    """A condition on one column; ``read`` raises ``values.InvalidValue`` for what can't be read."""

    def read(self, written: str) -> Any:
        return written.strip()

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        return query.filter(self.condition(getattr(self.model, self.column_name), value))

    def condition(self, column: Any, value: Any) -> Any:
        return column == value


class Contains(ColumnFilter):
    name = _l("contains")

    def condition(self, column: Any, value: str) -> Any:
        return column.icontains(value, autoescape=True)


class Equals(ColumnFilter):
    name = _l("is")


class From(ColumnFilter):
    """On or after a day."""

    name = _l("from")

    def read(self, written: str) -> date:
        day = values.parse(Field("day", "", "date"), written, clock.zone())
        # The day after the last one that a calendar has can't be reckoned with.
        if not isinstance(day, date) or day.year >= MAXYEAR:
            raise values.InvalidValue("date")
        return day

    def condition(self, column: Any, value: date) -> Any:
        return column >= self.edge(value)

    def edge(self, day: date) -> date | datetime:
        """``day`` as the column keeps it: a date, or the moment at which that day begins."""
        return values.start_of(day, clock.zone()) if self.datamodel.is_datetime(self.column_name) else day


class Until(From):
    """On or before a day."""

    name = _l("until")

    def condition(self, column: Any, value: date) -> Any:
        return column < self.edge(value + timedelta(days=1))


class CaseFilterConverter(SQLAFilterConverter):
    """Plain conditions only: none of them loads a table of references, none takes a value that it can't
    read."""

    conversion_table = (
        ("is_datetime", [From, Until]),
        ("is_date", [From, Until]),
        ("is_text", [Contains, Equals]),
        ("is_string", [Contains, Equals]),
    )

    def convert(self, col_name: str) -> list[BaseFilter] | None:
        for is_of_kind, kinds in self.conversion_table:
            if getattr(self.datamodel, is_of_kind)(col_name):
                return [kind(col_name, self.datamodel) for kind in kinds]
        return None


class Quick(BaseFilter):
    """A condition behind a link or box of its own above the list: state, deadline, mine, a few words."""

    name = "quick"

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        return query.filter(value)


def in_state(state: str) -> Any:
    return Case.state == state


def late() -> Any:
    return conditions.due("late")


def near() -> Any:
    return conditions.due("near")


def mine() -> Any:
    """The cases whose next step is the present user's."""
    return turn_of(current_actor())


def numbered(written: str) -> Any:
    """How the number begins, with or without spaces."""
    return Case.number.startswith("".join(written.split()).upper(), autoescape=True)


def words(written: str) -> Any:
    """Number, name or phone of whoever reported."""
    number = "".join(written.split()).upper()
    found = [numbered(written), Case.reporter_name.icontains(written, autoescape=True)]
    if sum(c.isdigit() for c in written) >= 4:
        phone = phones.normalised(written)
        found.append(Case.reporter_phone.contains(phone, autoescape=True))
        found.append(Case.number.contains(number, autoescape=True))
    return or_(*found)
