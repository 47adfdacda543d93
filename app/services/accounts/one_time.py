"""One-time passwords: what an admin gives somebody, who has to choose one of their own before anything else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import User
from app.models.people import HERE
from app.services.accounts import brake, passwords, sessions
from app.services.audit import log
from app.services.core import clock
from app.services.core.access import SYSTEM, Actor
from app.services.core.database import reading, write_transaction
from app.services.core.errors import Forbidden, NotVisible, ValidationFailed
from app.services.notices import account_notices

GOOD_FOR = timedelta(hours=72)
#: Of the very first admin: there is nobody who could give them another one.
FIRST_GOOD_FOR = timedelta(days=3650)


def made() -> tuple[str, str]:
    """A password and its hash; the first is kept nowhere. Making it takes its time, so no transaction stays open."""
    db.session.rollback()
    password = passwords.one_time()
    return password, hashed(password)


def put(user: Any, kept: str, good_for: timedelta = GOOD_FOR) -> None:
    """Gives ``user`` the one-time password of this hash, in the transaction that is open."""
    user.password, user.one_time_until = kept, clock.now() + good_for


def reset(actor: Actor, user_id: int) -> str:
    """A one-time password instead of the one that somebody has; whatever they are signed in with ends, and they are
    told. Raises ``Forbidden`` for one's own, ``NotVisible``."""
    if actor.id == user_id:
        raise Forbidden(_("Please change your own password under “Change password”."))
    password, kept = made()
    with write_transaction() as session:
        user = _locked(session, user_id)
        _replace(session, actor, user, kept)
    return password


def reset_from_console(user_id: int, password: str) -> None:
    """The same with a password that whoever runs the deployment has typed. Raises ``ValidationFailed``."""
    _check(user_id, password)
    kept = hashed(password)
    with write_transaction() as session:
        _replace(session, SYSTEM, _locked(session, user_id), kept)


def _replace(session: Session, actor: Actor, user: Any, kept: str) -> None:
    _refuse_elsewhere(user)
    put(user, kept)
    sessions.end(user)
    brake.release(session, user.username)
    log.record(actor, "password.reset", ("user", user.id, user.username), until=user.one_time_until.isoformat())
    account_notices.tell_owner(session, actor, "reset", user.id, user.username)


def choose(actor: Actor, user_id: int, password: str) -> None:
    """The password that somebody has chosen for themselves; their other sessions and their keys end. Raises
    ``ValidationFailed`` for one that is too easy to guess."""
    _check(user_id, password)
    kept = hashed(password)
    with write_transaction() as session:
        user = _locked(session, user_id)
        _refuse_elsewhere(user)
        first = user.one_time_until is not None
        user.password, user.one_time_until = kept, None
        sessions.end(user)
        log.record(actor, "password.changed", ("user", user.id, user.username), first=first)
        account_notices.tell_owner(session, actor, "changed", user.id, user.username)


def unlock(actor: Actor, user_id: int) -> None:
    """Lets the owner try at once again, from wherever; they are told."""
    with write_transaction() as session:
        user = _locked(session, user_id)
        places = brake.release(session, user.username)
        log.record(actor, "sign_in.unlocked", ("user", user.id, user.username), places=places)
        account_notices.tell_owner(session, actor, "unlocked", user.id, user.username)


def about(user: Any) -> tuple[str | None, ...]:
    """What no password of this user may be built on."""
    return (user.first_name, user.last_name, user.username, (user.email or "").partition("@")[0])


def _check(user_id: int, password: str) -> None:
    """Without a lock, which would be held for long."""
    db.session.rollback()
    with reading():
        user = db.session.get(User, user_id)
        known = about(user) if user else ()
        db.session.rollback()
    if why := passwords.problem(password, *known):
        raise ValidationFailed(why)


def _refuse_elsewhere(user: Any) -> None:
    if user.origin != HERE:
        raise Forbidden(_("A directory keeps the password of this user."))


def hashed(password: str) -> str:
    return str(current_app.appbuilder.sm.hashed(password))  # type: ignore[attr-defined]


def _locked(session: Session, user_id: int) -> Any:
    user = session.scalars(select(User).where(User.id == user_id).with_for_update(of=User)).unique().one_or_none()
    if user is None:
        raise NotVisible(_("There is nothing here, or you may not see it."))
    return user
