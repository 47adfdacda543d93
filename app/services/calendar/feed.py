"""The private calendar feed of a person: its content, how its address is created and revoked.

Anybody with the address can read the feed, so only a digest of its secret is stored, and its content is determined at
each request by what its owner may see then. It names no customer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from icalendar import Calendar, Event
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import FeedToken, User
from app.models.derive import case_model
from app.services.audit import log
from app.services.calendar.agenda import place
from app.services.calendar.entries import Entry, planned
from app.services.core import clock, masking
from app.services.core.access import Actor, sops_of
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, Forbidden, NotVisible, Refused
from app.services.deadlines.due_reports import Period, due_between
from app.workflow.declaration import Sop

#: How far back and ahead a feed goes (ahead only for due reports).
PAST, AHEAD = timedelta(days=90), timedelta(days=180)
#: Largest number of entries; those nearest to today come first.
MOST = 2000
#: The last use of an address is noted no more often than this.
NOTED_EVERY = timedelta(hours=1)
SECRET_BYTES = 32


@dataclass(frozen=True)
class Links:
    """URLs in a feed: of a case, and of a report that is due."""

    case: Callable[[Sop, int], str]
    report: Callable[[Period], str]


def made(actor: Actor) -> FeedToken | None:
    """``actor``'s address, None if they have none."""
    token: FeedToken | None = db.session.scalars(select(FeedToken).where(FeedToken.user_id == actor.id)).one_or_none()
    return token


def make(actor: Actor) -> str:
    """A new secret, which can't be shown again; the previous address becomes invalid."""
    if actor.id is None:
        raise Forbidden(_("Please sign in first."))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    try:
        with write_transaction() as session:
            session.execute(delete(FeedToken).where(FeedToken.user_id == actor.id))
            session.add(FeedToken(user_id=actor.id, digest=_digest(secret), made_at=clock.now()))
            log.record(actor, "calendar.made", ("user", actor.id, actor.name))
    except IntegrityError as error:
        raise Conflict(_("Somebody else has just done this.")) from error
    return secret


def revoke(actor: Actor) -> None:
    with write_transaction() as session:
        gone = session.scalars(delete(FeedToken).where(FeedToken.user_id == actor.id).returning(FeedToken.id)).all()
        if gone:
            log.record(actor, "calendar.revoked", ("user", actor.id, actor.name))


def owner_of(secret: str) -> Actor:
    """The owner of a feed, with their present roles. Raises ``NotVisible``: unknown, revoked, or of a user who is no
    longer active."""
    token = db.session.scalars(select(FeedToken).where(FeedToken.digest == _digest(secret))).one_or_none()
    user: Any = db.session.get(User, token.user_id) if token else None
    if token is None or user is None or not user.active:
        raise NotVisible(_("There is nothing here, or you may not see it."))
    actor = Actor.of(user)
    _note(token)
    return actor


def content(actor: Actor, name: str, links: Links) -> bytes:
    """The calendar of ``actor`` (iCalendar, RFC 5545): coming entries, and those of the last ``PAST``."""
    calendar = Calendar()
    calendar.add("prodid", "-//Tuntas//Agenda//ID")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    today = clock.today()
    entries = planned(actor, sops_of(actor), today - PAST, None)
    shown = [entry for entry in entries if entry.stands or entry.day <= today]
    shown = sorted(shown, key=lambda entry: abs((entry.day - today).days))[:MOST]
    for event in _appointments(sorted(shown, key=lambda entry: (entry.day, str(entry.when), entry.row)), links):
        calendar.add_component(event)
    for period in due_between(actor, today - PAST, today + AHEAD):
        calendar.add_component(_report(period, links.report(period)))
    return bytes(calendar.to_ical())


def _appointments(entries: Sequence[Entry], links: Links) -> Iterator[Event]:
    places = _places(entries)
    for entry in entries:
        event = _event(
            f"{entry.sop.key}-{entry.records.key}-{entry.row}-{entry.number.lower()}@tuntas",
            entry.when, f"{entry.records.label}: {entry.number}", links.case(entry.sop, entry.case_id),
            entry.changed_at,
        )  # fmt: skip
        if where := places.get(entry.case_id):
            event.add("location", where)
        yield event


def _places(entries: Sequence[Entry]) -> dict[int, str]:
    """The place of the next appointment, by case id; past ones may have been elsewhere."""
    found: dict[int, str] = {}
    for sop in {entry.sop.key: entry.sop for entry in entries}.values():
        ids = [entry.case_id for entry in entries if entry.sop is sop and entry.stands]
        model: Any = case_model(sop.key)
        for case in db.session.scalars(select(model).where(model.id.in_(ids))).unique() if ids else ():
            found[case.id] = ", ".join(place(sop, case, masking.hidden(sop)))
    return found


def _report(period: Period, address: str) -> Event:
    since = datetime.combine(period.opens, time(), UTC)
    return _event(f"{period.uid}@tuntas", period.due, period.name, address, since)


def _event(uid: str, when: date | datetime, summary: str, address: str, changed: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstart", when.astimezone(UTC) if isinstance(when, datetime) else when)
    event.add("summary", summary)
    event.add("url", address)
    # Without a METHOD both say when the entry was last revised.
    event.add("dtstamp", changed.astimezone(UTC))
    event.add("last-modified", changed.astimezone(UTC))
    return event


def _note(token: FeedToken) -> None:
    now, pk = clock.now(), token.id
    if token.used_at is not None and now - token.used_at < NOTED_EVERY:
        return
    try:
        with write_transaction() as session:
            session.execute(update(FeedToken).where(FeedToken.id == pk).values(used_at=now))
    except Refused:
        return  # a busy database is no reason to refuse the feed


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
