"""A value as people read it: dates, money, phones, sizes, answers. Change here how anything is shown in the
panel."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from flask_babel import format_date, format_decimal, format_time
from flask_babel import gettext as _

from app.services import clock, phones
from app.services.wording import action_label
from app.workflow.declaration import Field

#: What is shown where there is nothing.
NOTHING = "–"
#: A deadline nearer than this is shown as near.
NEAR = timedelta(days=3)


def moment(at: datetime | None) -> str:
    """``23 Nov 2026 14.05 WIB``, in the deployment's zone."""
    if at is None:
        return NOTHING
    local = at.astimezone(clock.zone())
    return f"{format_date(local, 'd MMM y', rebase=False)} {_clock(local)} {local.tzname()}"


def _clock(local: datetime) -> str:
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


def size(count: int) -> str:
    """``1,2 MB`` of ``count`` bytes."""
    if count < 1000:
        return f"{count} B"
    number, unit = (count / 1_000_000, "MB") if count >= 1_000_000 else (count / 1000, "kB")
    return f"{format_decimal(round(number, 1))} {unit}"


def answer(asked: Field, value: Any) -> str:
    """The value of a field in words; rows are shown as a table instead."""
    if value is None or value == "" or value == []:
        return NOTHING
    if asked.choices:
        labels = {choice.key: str(choice.label) for choice in asked.choices}
        many = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(one), str(one)) for one in many)
    if asked.format == "phone":
        return phones.national(str(value))
    return SHOWN.get(asked.type, str)(value)


def remembered(asked: Field, kept: Any) -> str:
    """The same for a value as the history keeps it: JSON, with moments in ISO 8601."""
    try:
        if asked.type == "date" and isinstance(kept, str):
            kept = date.fromisoformat(kept)
        elif asked.type == "datetime" and isinstance(kept, str):
            kept = datetime.fromisoformat(kept)
    except ValueError:
        return str(kept)
    return answer(asked, kept)


def yes_or_no(value: bool) -> str:
    return _("Yes") if value else _("No")


def deadline_level(due: datetime | None) -> str:
    """``late``, ``near`` or ``ok``; empty without a deadline."""
    if due is None:
        return ""
    left = due - datetime.now(UTC)
    if left < timedelta(0):
        return "late"
    return "near" if left < NEAR else "ok"


def deadline_words(due: datetime | None) -> str:
    """How late or how near, so that no meaning hangs on the colour alone."""
    if due is None:
        return ""
    days = (due.astimezone(clock.zone()).date() - clock.today()).days
    if due < datetime.now(UTC):
        return _("late by %(days)s days", days=-days) if days < 0 else _("late since today")
    if days == 0:
        return _("due today")
    return _("%(days)s days left", days=days)


SHOWN = {
    "money": money,
    "date": day,
    "datetime": moment,
    "boolean": yes_or_no,
    "integer": lambda count: str(format_decimal(count)),
}


def register(app: Flask) -> None:
    """Makes these the filters of our templates."""
    app.jinja_env.filters.update(
        moment=moment, day=day, money=money, filesize=size, answer=answer, remembered=remembered,
        deadline_level=deadline_level, deadline_words=deadline_words, phone=phones.national,
    )  # fmt: skip
    app.jinja_env.globals.update(action_label=action_label)
