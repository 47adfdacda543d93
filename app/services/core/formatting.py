"""Values as people read them, on pages and in printed forms: dates, money, phones, answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask_babel import format_date, format_decimal, format_time, ngettext
from flask_babel import gettext as _

from app.models import Case
from app.services.core import clock, phones
from app.workflow.declaration import Field
from app.workflow.values import position
from app.workflow.veil import Masked

#: What is shown where there is nothing.
NOTHING = "–"


def moment(at: datetime | None) -> str:
    """``23 Nov 2026 14.05 WIB``, in the deployment's zone."""
    if at is None:
        return NOTHING
    local = at.astimezone(clock.zone())
    return f"{format_date(local, 'd MMM y', rebase=False)} {time_of_day(local)} {local.tzname()}"


def time_of_day(local: datetime) -> str:
    """``14.05``, of a moment in the zone in which it is to be shown."""
    separator = "." if "." in format_time(local, "short", rebase=False) else ":"
    return f"{local:%H}{separator}{local:%M}"


def day(on: date | datetime | None) -> str:
    """``23 Nov 2026``."""
    if on is None:
        return NOTHING
    if isinstance(on, datetime):
        on = on.astimezone(clock.zone()).date()
    return str(format_date(on, "d MMM y", rebase=False))


def money(rupiah: int | None) -> str:
    """``Rp1.250.000``."""
    if rupiah is None:
        return NOTHING
    return ("-" if rupiah < 0 else "") + "Rp" + str(format_decimal(abs(rupiah)))


def name_of(row: Any) -> str:
    """A row that a field refers to: a case by number and title, master data by its name."""
    return f"{row.number} {row.title}" if isinstance(row, Case) else str(row)


def who(name: str, account: str | None) -> str:
    """``Sari Dewi (unit_a)``: a name, which others may have too, and the account, which is one person's."""
    return f"{name} ({account})" if account else name


def length(amount: int, measure: str) -> str:
    """``20 working days``: how long something may take (``workflow.parts.Measure``)."""
    if measure == "working_hours":
        return str(ngettext("%(num)s working hour", "%(num)s working hours", amount))
    if measure == "working_days":
        return str(ngettext("%(num)s working day", "%(num)s working days", amount))
    if measure == "calendar_days":
        return str(ngettext("%(num)s calendar day", "%(num)s calendar days", amount))
    return str(ngettext("%(num)s month", "%(num)s months", amount))


def yes_or_no(value: bool) -> str:
    return str(_("Yes") if value else _("No"))


def answer(field: Field, value: Any) -> str:
    """The value of a field in words; rows are shown as a table instead."""
    if value is None or value == "" or value == []:
        return NOTHING
    if isinstance(value, Masked):
        return value
    if field.choices:
        labels = {choice.key: str(choice.label) for choice in field.choices}
        many = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(one), str(one)) for one in many)
    return SHOWN[field.kind.shown](value)


def remembered(field: Field, stored: Any) -> str:
    """The same for a value as the history stores it: JSON, with moments in ISO 8601; a tick of the days when the field
    was none of choices."""
    if isinstance(stored, Masked):
        return stored
    if isinstance(stored, bool):
        return yes_or_no(stored)
    try:
        if field.type == "date" and isinstance(stored, str):
            stored = date.fromisoformat(stored)
        elif field.type == "datetime" and isinstance(stored, str):
            stored = datetime.fromisoformat(stored)
    except ValueError:
        return str(stored)
    return answer(field, stored)


def in_sentence(field: Field | None, type_: str, value: Any) -> str:
    """A value in a sentence of an SOP's document: by the field whose value it is, else by its type there."""
    if value is None:
        return NOTHING
    if field is not None or isinstance(value, Masked):
        return answer(field, value) if field is not None else str(value)
    return OF_TYPE.get(type_, str)(value)


#: By the types of expressions (``workflow.document.expressions``); a date comes before a moment.
OF_TYPE: dict[str, Callable[[Any], str]] = {
    "number": lambda n: str(format_decimal(n)), "date": day, "moment": moment, "truth": yes_or_no, "row": name_of,
}  # fmt: skip
#: By ``FieldKind.shown``.
SHOWN: dict[str, Callable[[Any], str]] = {
    "as it is": str, "number": lambda n: str(format_decimal(n)), "money": money, "position": position, "date": day,
    "moment": moment, "truth": yes_or_no, "name": name_of, "phone": phones.national,
}  # fmt: skip
