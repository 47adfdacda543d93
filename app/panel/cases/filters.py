"""The conditions by which a list of cases can be filtered, by column or by the boxes above it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import MAXYEAR, date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_

from app.extensions import db
from app.models import Case
from app.models.derive import case_model
from app.services.cases.worklist import turn_of
from app.services.core import clock, conditions
from app.services.search import containing
from app.web.actor import current_actor
from app.workflow import values
from app.workflow.declaration import Field, Sop


class ColumnFilter:
    """A condition on one column, of the case or of its SOP's own table (``own``); ``read`` raises
    ``values.InvalidValue`` for what can't be read."""

    def __init__(self, sop: Sop, key: str) -> None:
        self.key, self.own = key, key in sop.fields
        self.column = case_model(sop.key).__table__.c[key] if self.own else getattr(Case, key)

    def read(self, written: str) -> Any:
        return written.strip()

    def condition(self, value: Any) -> Any:
        return self.column == value


class Contains(ColumnFilter):
    """Words that begin so are in it; those that lie beside each other beside each other."""

    name = _l("contains")

    def condition(self, value: str) -> Any:
        return and_(containing.by_words(db.session(), value), self.column.icontains(value, autoescape=True))


class Equals(ColumnFilter):
    name = _l("is")


class Is(Equals):
    """The same of a text, which the search index finds."""

    def condition(self, value: str) -> Any:
        return and_(containing.by_words(db.session(), value), self.column == value)


class From(ColumnFilter):
    """On or after a day."""

    name = _l("from")

    def read(self, written: str) -> date:
        day = values.parse(Field("day", "", "date"), written, clock.zone())
        # The day after the last one that a calendar has can't be reckoned with.
        if not isinstance(day, date) or day.year >= MAXYEAR:
            raise values.InvalidValue("date")
        return day

    def condition(self, value: date) -> Any:
        return self.column >= self.edge(value)

    def edge(self, day: date) -> date | datetime:
        """``day`` as the column keeps it: a date, or the moment at which that day begins."""
        return values.start_of(day, clock.zone()) if self.column.type.python_type is datetime else day


class Until(From):
    """On or before a day."""

    name = _l("until")

    def condition(self, value: date) -> Any:
        return self.column < self.edge(value + timedelta(days=1))


def of(sop: Sop, key: str) -> Sequence[ColumnFilter]:
    """The filters of a column, in the order in which addresses count them (``_flt_0_name``)."""
    field = sop.fields.get(key)
    if field is None or field.kind.storage in ("moment", "date"):
        return From(sop, key), Until(sop, key)
    if field.choices:
        return Equals(sop, key), Equals(sop, key)
    return Contains(sop, key), Is(sop, key)


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
    return containing.numbered(db.session(), written)


def words(written: str) -> Any:
    """Number, name or phone of whoever reported."""
    return containing.anywhere(db.session(), written)
