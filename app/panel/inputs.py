"""Inputs for days, moments, hours and amounts: text, so that every browser shows them as they are written here.

``static/js/dates.js`` gives a day its picker and ``static/js/money.js`` groups an amount; the server reads what was
typed either way.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from flask import Flask
from flask_babel import lazy_gettext as _l
from wtforms import Field, ValidationError
from wtforms.widgets import TextInput

from app.services.core import clock
from app.services.core.wording import REASONS
from app.workflow.days import as_day, as_moment, as_time, read_day, read_time

#: The attributes of an input by what is typed into it.
ATTRIBUTES: dict[str, dict[str, Any]] = {
    "date": {"inputmode": "numeric", "autocomplete": "off", "maxlength": 40, "placeholder": _l("dd/mm/yyyy"),
             "data-date": "date"},
    "moment": {"inputmode": "numeric", "autocomplete": "off", "maxlength": 40, "placeholder": _l("dd/mm/yyyy hh.mm"),
               "data-date": "moment"},
    "time": {"inputmode": "numeric", "autocomplete": "off", "maxlength": 8, "placeholder": _l("hh.mm"),
             "data-hour": True},
    "money": {"inputmode": "numeric", "autocomplete": "off", "maxlength": 40, "data-money": True},
}  # fmt: skip


def written_moment(at: datetime) -> str:
    """``29/11/2026 14.30``, local to the deployment."""
    return as_moment(at.astimezone(clock.zone()))


def written_amount(amount: int) -> str:
    """``1.250.000``, in every language, as the script groups it and as it is written here."""
    return f"{amount:,}".replace(",", ".")


def written_day(value: Any) -> str:
    """A day, or what was typed for one, as its input shows it; what is none stays as it was typed."""
    day = value if isinstance(value, date) else read_day(str(value or ""))
    return as_day(day) if day else str(value or "")


class _Typed(Field):
    """A field of a plain table's form whose value is read from text. ``data`` is None while nothing can be read."""

    widget = TextInput()
    kind: ClassVar[str]
    read: staticmethod[[str], Any]
    show: staticmethod[[Any], str]

    def __init__(self, label: Any = None, validators: Any = None, **settings: Any) -> None:
        settings["render_kw"] = ATTRIBUTES[self.kind] | (settings.get("render_kw") or {})
        super().__init__(label, validators, **settings)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.show(self.data) if self.data is not None else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        written = str(valuelist[0]).strip() if valuelist else ""
        self.data = self.read(written)
        if written and self.data is None:
            raise ValidationError(str(REASONS[self.kind]))


class DayField(_Typed):
    """A ``date``."""

    kind, read, show = "date", staticmethod(read_day), staticmethod(as_day)


class HourField(_Typed):
    """A ``time`` of the day, of hours and minutes."""

    kind, read, show = "time", staticmethod(read_time), staticmethod(as_time)


def register(app: Flask) -> None:
    app.jinja_env.globals.update(input_attributes=ATTRIBUTES, zone_name=lambda: clock.zone().key)
    app.jinja_env.filters["written_day"] = written_day
