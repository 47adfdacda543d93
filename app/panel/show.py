"""Filters of the panel's templates: how near a deadline is, how large a file, values as links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app
from flask_babel import force_locale, format_decimal, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from app.services.core import clock, phones
from app.services.core.conditions import NEAR
from app.services.core.formatting import answer, day, moment, money, remembered, time_of_day
from app.services.core.wording import action_label, state_label
from app.sop import sop_of
from app.workflow.contacts import is_phone, mail_address
from app.workflow.declaration import Field
from app.workflow.document.expressions import Scope
from app.workflow.document.sentences import Sentence
from app.workflow.veil import Masked


def size(count: int) -> str:
    """``1,2 MB`` of ``count`` bytes, by 1024 as the settings and the refusals count."""
    if count < 1 << 10:
        return f"{count} B"
    number, unit = (count / (1 << 20), "MB") if count >= 1 << 20 else (count / (1 << 10), "kB")
    return f"{format_decimal(round(number, 1))} {unit}"


def deadline_level(due: datetime | None) -> str:
    """``late``, ``near`` or ``ok``; empty without a deadline."""
    if due is None:
        return ""
    left = due - clock.now()
    if left < timedelta(0):
        return "late"
    return "near" if left < NEAR else "ok"


def due_in_words(due: datetime | None) -> str:
    """``14.30, 2 hours left``: a deadline in the time that matters for it, the nearer the finer. One that runs out with
    its day is told without the hour."""
    if due is None:
        return ""
    now, local = clock.now(), due.astimezone(clock.zone())
    if due < now:
        return str(_("late by %(span)s", span=span(now - due)))
    days = (local.date() - now.date()).days
    all_day = (local.hour, local.minute) == (23, 59)
    if days == 0:
        at = str(_("today")) if all_day else time_of_day(local)
        return str(_("%(at)s, %(span)s left", at=at, span=span(due - now)))
    if days == 1:
        return str(_("tomorrow")) if all_day else str(_("tomorrow %(time)s", time=time_of_day(local)))
    return str(_("%(span)s left", span=span(timedelta(days=days))))


def age_in_words(since: datetime, until: datetime | None = None) -> str:
    """How long ago something came in, or how long it took."""
    return span((until or clock.now()) - since)


def span(length: timedelta) -> str:
    """``12 minutes``, ``3 hours``, ``5 days``: whole ones, and at least a minute."""
    if length < timedelta(hours=1):
        return str(ngettext("%(num)s minute", "%(num)s minutes", max(1, int(length / timedelta(minutes=1)))))
    if length < timedelta(days=1):
        return str(ngettext("%(num)s hour", "%(num)s hours", int(length / timedelta(hours=1))))
    return str(ngettext("%(num)s day", "%(num)s days", length.days))


def linked(field: Field, value: Any) -> str:
    """The value of a field in words, as a link where a click on it can write or call."""
    if value in (None, "", []) or isinstance(value, Masked):
        return answer(field, value)
    return LINKS[field.kind.link](value, answer(field, value))


def mailed(written: str | None, words: str = "") -> str:
    """An e-mail address as a link; what is none stays as it is."""
    address = None if isinstance(written, Masked) else mail_address(written or "", internal=True)
    if address is None:
        return words or written or ""
    return Markup('<a href="mailto:{}">{}</a>').format(quote(address, safe="@"), words or written)


def dialled(written: str | None, words: str = "") -> str:
    """A phone number as a link, in its national form; what is none stays as it is."""
    if isinstance(written, Masked):
        return written
    words = words or phones.national(written)
    if not written or not is_phone(written):
        return words
    return Markup('<a class="nowrap" href="tel:{}">{}</a>').format(phones.normalised(written), words)


def messaged(written: Any, case: Any) -> str:
    """A link that opens WhatsApp with what the case's SOP writes first to a phone; empty where the SOP writes nothing
    or the number can't be that of a mobile phone. The text is in the deployment's language, whatever the user's own."""
    sop = sop_of(case)
    if isinstance(written, Masked):
        return ""
    number = phones.mobile(written) if sop.whatsapp and isinstance(written, str) and "@" not in written else ""
    if not number:
        return ""
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        text = str(sop.whatsapp.said(Scope(case)) if isinstance(sop.whatsapp, Sentence) else sop.whatsapp)
    label = _("Write to %(number)s by WhatsApp", number=phones.national(written))
    address = f"https://wa.me/{number}?text={quote(text, safe='')}"
    return Markup('<a class="nowrap" href="{}" target="_blank" rel="noopener" aria-label="{}">WhatsApp</a>').format(
        address, label
    )


def _mailed_or_dialled(written: str, words: str) -> str:
    return mailed(written, words) if "@" in written else dialled(written, words)


#: By where a click on a kind leads.
LINKS: dict[str, Callable[[Any, str], str]] = {
    "nowhere": lambda value, words: words, "mail": mailed, "phone": dialled, "mail or phone": _mailed_or_dialled,
}  # fmt: skip


def register(app: Flask) -> None:
    """Makes these the filters of our templates."""
    app.jinja_env.filters.update(
        moment=moment, day=day, money=money, filesize=size, answer=answer, remembered=remembered,
        deadline_level=deadline_level, due_in_words=due_in_words, age_in_words=age_in_words,
        phone=phones.national, linked=linked, dialled=dialled, messaged=messaged,
    )  # fmt: skip
    app.jinja_env.tests["masked_value"] = lambda value: isinstance(value, Masked)
    app.jinja_env.globals.update(action_label=action_label, state_label=state_label)
