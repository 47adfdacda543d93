"""The daily digest: one mail on the morning of each working day with what somebody has not read yet, of the kinds that
they want so. Runs in the background every few minutes; running twice at once is harmless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import NoticeChoice, User
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.database import write_transaction
from app.services.core.formatting import moment
from app.services.deadlines.working_calendar import Calendar, calendar_of
from app.services.notices import inbox, outbox
from app.services.notices.inbox import InboxEntry
from app.services.notices.wording import ALL_KINDS
from app.sop import SOPS

#: When it is written, in the zone of the person's unit.
MORNING = time(7)
#: How far back the first one reaches where nothing is known of an earlier one.
FIRST = timedelta(days=7)
#: Lines of a digest; whoever has more reads them in the system.
MOST = 200


def send() -> int:
    """Writes the digests that are due into the outbox; returns how many."""
    wanted = select(NoticeChoice.user_id).where(NoticeChoice.digest)
    people = select(User.id, User.unit_id, User.digested_at).where(User.active, User.id.in_(wanted)).order_by(User.id)
    calendars: dict[int | None, Calendar] = {}
    written = 0
    for pk, unit_id, last in db.session.execute(people).tuples().all():
        if unit_id not in calendars:
            calendars[unit_id] = calendar_of(unit_id)
        due = _due(calendars[unit_id], clock.now())
        if due is not None and (last is None or last < due):
            written += _write(pk, due)
    return written


def _due(calendar: Calendar, now: datetime) -> datetime | None:
    """The moment of today's digest, once it has come; None before it and on days off."""
    today = now.astimezone(calendar.zone).date()
    due = datetime.combine(today, MORNING, calendar.zone)
    return due if due <= now and calendar.is_working_day(today) else None


def _write(user_id: int, due: datetime) -> bool:
    now = clock.now()
    with write_transaction() as session:
        user = _still_due(session, user_id, due)
        if user is None:
            return False  # another worker was first
        since = user.digested_at or now - FIRST
        session.execute(update(User).where(User.id == user_id).values(digested_at=now))
        if "@" not in (user.email or "") or len(user.email) > outbox.LONGEST:
            return False
        chosen = select(NoticeChoice.kind).where(NoticeChoice.user_id == user_id, NoticeChoice.digest)
        lines = inbox.unread_since(Actor.of(user), list(session.scalars(chosen)), since)
        if not lines:
            return False
        with force_locale(user.mail_language or current_app.config["BABEL_DEFAULT_LOCALE"]):
            subject = ngettext("Digest: %(num)s notice", "Digest: %(num)s notices", len(lines))
            text = _text(lines)
        outbox.write(session, user.email, subject, text, internal=True, language=user.mail_language)
    return True


def _still_due(session: Session, user_id: int, due: datetime) -> Any:
    """The user, locked, unless somebody else has written today's digest meanwhile."""
    waits = or_(User.digested_at.is_(None), User.digested_at < due)
    found = select(User).where(User.id == user_id, User.active, waits).with_for_update(of=User)
    return session.scalars(found.execution_options(populate_existing=True)).unique().one_or_none()


def _text(lines: Sequence[InboxEntry]) -> str:
    """Lines by case, in the order in which the cases were first heard of; those that say the same stand once."""
    groups: dict[str, dict[str, None]] = {}
    for line in lines[:MOST]:
        groups.setdefault(_title(line), {})[f"{line.outside} ({moment(line.at)})"] = None
    template = current_app.jinja_env.get_template("mail/digest.txt")
    return template.render(
        greeting=_("What you have not read yet:"), groups=[{"title": t, "lines": list(g)} for t, g in groups.items()],
        hint="\n".join(_hints(len(lines))),
    ).strip()  # fmt: skip


def _title(line: InboxEntry) -> str:
    if line.sop is None:
        return str(ALL_KINDS[line.kind])
    return f"{SOPS[line.sop].label} {line.number}"


def _hints(count: int) -> Iterator[str]:
    if count > MOST:
        yield str(_("The first %(most)s of %(count)s are shown.", most=MOST, count=count))
    yield str(_("Please sign in to see the cases. Which notices come by mail, you choose in your profile."))
