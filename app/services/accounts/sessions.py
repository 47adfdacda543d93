"""What somebody is signed in with, and how it ends: the sessions of browsers, tokens, API keys.

A session is a row that its cookie names. Tokens are worth nothing once their user's epoch has gone on, keys once they
are revoked. ``end`` ends all of it; what ends one session alone leaves tokens and keys.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from flask_appbuilder.security.sqla.models import ApiKey
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, delete, event, inspect, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, object_session

from app.extensions import db
from app.models import User, UserSession
from app.services.audit.log import record
from app.services.cases import presence
from app.services.core import clock, database
from app.services.core.access import Actor
from app.services.core.database import reading, write_transaction
from app.services.core.errors import Conflict, NotVisible, Unavailable
from app.services.notices.account_notices import tell_owner

LATER = _l(
    "You are signed out in this browser. The database is busy, so what else was to end ends a little later; you need "
    "not do anything."
)
LEFT = _l(
    "You are signed out in this browser. The database is busy, so what else was to end could not be ended. Sign in and "
    "out once more in a moment."
)
#: A session's last use is noted no more often than this.
SEEN_EVERY = timedelta(minutes=5)
#: How long a session that is over is known, so that a device is known again.
KEPT = timedelta(days=180)


class SignedIn(NamedTuple):
    """A user and the session of theirs that a request named."""

    user: Any
    id: int
    seen_at: datetime


def begin(user_id: int, address: str, device: str, means: str, told: bool = True) -> str:
    """A new session; answers its name, which only the cookie knows. Where that is ``told``, its owner hears of a device
    or an address that they have not signed in from before."""
    name, now = secrets.token_urlsafe(32), clock.now()
    with write_transaction() as session:
        known = session.execute(
            select(UserSession.device, UserSession.address).where(UserSession.user_id == user_id).distinct()
        ).all()
        session.add(
            UserSession(
                user_id=user_id, digest=_digest(name), created_at=now, seen_at=now, address=address[:64],
                device=device[:80], means=means,
            )
        )  # fmt: skip
        devices, addresses = {one.device for one in known}, {one.address for one in known}
        if told and known and not (device in devices and address in addresses):
            _tell_new_place(session, user_id, ", ".join(filter(None, (device, address))))
    return name


def _tell_new_place(session: Any, user_id: int, place: str) -> None:
    tell_owner(session, Actor.of(session.get(User, user_id)), "new_place", user_id, place[:60])


def find(user_id: int, name: str, *options: Any) -> SignedIn | None:
    """The user, if this is the name of an open session of theirs: one query. ``options``: what is loaded with them."""
    query = (
        select(User, UserSession.id, UserSession.seen_at)
        .join(UserSession, UserSession.user_id == User.id)
        .where(User.id == user_id, UserSession.digest == _digest(name), _is_open())
    )
    found = db.session.execute(query.options(*options)).unique().one_or_none()
    return SignedIn(*found) if found else None


def seen(session_id: int) -> None:
    """Notes that a session is in use, unless that was noted lately or somebody else is writing."""
    now = clock.now()
    stale = (UserSession.id == session_id, UserSession.seen_at <= now - SEEN_EVERY)
    database.note(update(UserSession).where(*stale).values(seen_at=now))


def renew(session_id: int) -> str:
    """Another name for a session, the old one is worth nothing: whoever had learned it before its user showed once more
    who they are has nothing of that."""
    name = secrets.token_urlsafe(32)
    with write_transaction() as session:
        session.execute(update(UserSession).where(UserSession.id == session_id).values(digest=_digest(name)))
    return name


def open_sessions(user_id: int) -> Sequence[UserSession]:
    """Those in which a user is signed in, the one used last first."""
    found = select(UserSession).where(UserSession.user_id == user_id, _is_open())
    latest = found.order_by(UserSession.seen_at.desc(), UserSession.id.desc())
    rows: Sequence[UserSession] = db.session.scalars(latest).all()
    return rows


def end_one(actor: Actor, user_id: int, session_id: int) -> None:
    """Ends one session of a user, who is ``actor`` or looked after by them. Raises ``NotVisible``."""
    with write_transaction() as session:
        wanted = (UserSession.id == session_id, UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        row = session.scalars(select(UserSession).where(*wanted).with_for_update(of=UserSession)).one_or_none()
        if row is None:
            raise NotVisible(_("There is no such session any more."))
        row.ended_at = clock.now()
        presence.leave_all(session, user_id)
        record(actor, "session.ended", _subject(session, user_id), device=row.device, address=row.address)


def end_others(actor: Actor, user_id: int, kept: int | None = None) -> int:
    """Ends the sessions of a user but ``kept``, and with them their tokens, which say not where they are; API keys
    stay. How many sessions there were."""
    with write_transaction() as session:
        others = [UserSession.user_id == user_id, _is_open()]
        if kept is not None:
            others.append(UserSession.id != kept)
        ended = session.scalars(
            update(UserSession).where(*others).values(ended_at=clock.now()).returning(UserSession.id),
            execution_options={"synchronize_session": False},
        ).all()
        session.execute(update(User).where(User.id == user_id).values(session_epoch=User.session_epoch + 1))
        record(actor, "session.ended", _subject(session, user_id), sessions=len(ended))
    return len(ended)


def end(user: Any) -> None:
    """Ends everything that ``user`` is signed in with, in the transaction that is open: nothing of it may outlive a
    log-out of all, a change of password or the account."""
    session = object_session(user) or db.session()
    if not inspect(user).attrs.session_epoch.history.has_changes():
        user.session_epoch = User.session_epoch + 1
    presence.leave_all(session, user.id)
    living = update(ApiKey).where(ApiKey.user_id == user.id, ApiKey.revoked_on.is_(None))
    # Flask-AppBuilder keeps the times of keys in the server's own zone.
    session.execute(living.values(revoked_on=datetime.now()))
    opened = update(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
    session.execute(opened.values(ended_at=clock.now()))


@event.listens_for(Session, "before_flush")
def _end_with_the_account(session: Session, context: Any, instances: Any) -> None:
    """Whatever gives a user another password or epoch, or makes them inactive, ends what they are signed in with: a
    form, a command, a directory."""
    for user in [one for one in session.dirty if isinstance(one, User)]:
        changed = inspect(user).attrs
        left = changed.active.history.has_changes() and not user.active
        if left or changed.password.history.has_changes() or changed.session_epoch.history.has_changes():
            end(user)


def log_out(user_id: int, name: str, everywhere: bool) -> None:
    """Ends the session of this name, or everything, now or as soon as the database lets it. Raises ``Unavailable``,
    with a sentence for somebody who is signed out where they sit but not yet elsewhere."""
    known: int | None = None
    try:
        known = _open_by(user_id, name)
        if known is not None:
            end_now(known, int(everywhere))
    except (Unavailable, SQLAlchemyError) as error:
        db.session.rollback()
        current_app.logger.warning("The sessions of user %s could not be ended yet: %s", user_id, error)
        later = known is not None and _ended_later(known, int(everywhere))
        raise Unavailable(LATER if later else LEFT) from error


def _open_by(user_id: int, name: str) -> int | None:
    mine = (UserSession.user_id == user_id, UserSession.digest == _digest(name), UserSession.ended_at.is_(None))
    with reading():
        found: int | None = db.session.scalar(select(UserSession.id).where(*mine))
        db.session.rollback()
    return found


def end_now(session_id: int, everywhere: int) -> None:
    """Signs out by a session, of it alone or (1) of everything; nothing where it has ended already, since an old cookie
    ends nobody's new sessions and keys."""
    with write_transaction() as session:
        living = (UserSession.id == session_id, UserSession.ended_at.is_(None))
        row = session.scalars(select(UserSession).where(*living).with_for_update(of=UserSession)).one_or_none()
        if row is None:
            return
        user = session.get_one(User, row.user_id)
        if everywhere:
            end(user)
        else:
            row.ended_at = clock.now()
            presence.leave_all(session, user.id)
        record(Actor.of(user), "sign_out.done", ("user", user.id, user.username), everywhere=bool(everywhere))


def _ended_later(session_id: int, everywhere: int) -> bool:
    try:
        current_app.extensions["tuntas_end_sessions"](session_id, everywhere)
    except Exception:
        current_app.logger.exception("The queue does not take the end of session %s", session_id)
        return False
    return True


def check_unended(user_id: int, epoch: int) -> None:
    """Raises ``Conflict`` where what was signed in at ``epoch`` has ended; until the transaction is over it can't."""
    current = db.session.scalar(select(User.session_epoch).where(User.id == user_id).with_for_update(of=User))
    if current != epoch:
        raise Conflict(_("Please sign in first."))


def forget_old() -> int:
    """Removes sessions that were over long ago; returns how many."""
    with write_transaction() as session:
        old = delete(UserSession).where(UserSession.created_at < clock.now() - KEPT)
        return len(session.scalars(old.returning(UserSession.id)).all())


def _is_open() -> ColumnElement[bool]:
    """Not ended, begun no longer ago than a session lives, and used lately enough."""
    now, config = clock.now(), current_app.config
    # The last use may be a little later than what is noted of it.
    idle = config["PERMANENT_SESSION_LIFETIME"] + 2 * SEEN_EVERY
    return and_(
        UserSession.ended_at.is_(None),
        UserSession.created_at > now - config["SESSION_MAX_LIFETIME"],
        UserSession.seen_at > now - idle,
    )


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _subject(session: Any, user_id: int) -> tuple[str, object, str]:
    username = session.scalar(select(User.username).where(User.id == user_id))
    return "user", user_id, username or ""
