"""How near a deadline is, how large a file, and what else templates show beside ``services.shown``. Change here how the
panel tells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from flask_babel import format_decimal
from flask_babel import gettext as _

from app.services import clock, phones
from app.services.shown import answer, day, moment, money, remembered
from app.services.slices import NEAR
from app.services.wording import action_label, state_label


def size(count: int) -> str:
    """``1,2 MB`` of ``count`` bytes."""
    if count < 1000:
        return f"{count} B"
    number, unit = (count / 1_000_000, "MB") if count >= 1_000_000 else (count / 1000, "kB")
    return f"{format_decimal(round(number, 1))} {unit}"


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


def register(app: Flask) -> None:
    """Makes these the filters of our templates."""
    app.jinja_env.filters.update(
        moment=moment, day=day, money=money, filesize=size, answer=answer, remembered=remembered,
        deadline_level=deadline_level, deadline_words=deadline_words, phone=phones.national,
    )  # fmt: skip
    app.jinja_env.globals.update(action_label=action_label, state_label=state_label)
