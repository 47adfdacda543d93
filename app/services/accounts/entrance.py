"""Who may come in by name and password: asked by the form and by the API alike, so that no way in is easier."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import case, func, or_, select
from werkzeug.security import check_password_hash

from app.extensions import db
from app.models import User
from app.models.people import HERE, LDAP, OIDC
from app.services.accounts.directories import joining, ldap
from app.services.accounts.directories.person import Person
from app.services.core.database import reading


def admit(username: str, password: str) -> Any | None:
    """The active user of this name and password; None for anybody else. Raises ``Forbidden`` and ``Unavailable`` with
    a sentence for whom a directory knows but who may not come in, and where it can't be asked."""
    if "\x00" in username:
        return None  # no name has it, and PostgreSQL can't be asked for it
    name, origin = _named(username)
    if origin == HERE:
        return _security().auth_user_db(username, password)
    person = _person(origin, name, password)
    return admit_person(person) if person else None


def admit_person(person: Person) -> Any:
    """The user of somebody whom a directory has just vouched for. Raises ``Forbidden`` with a sentence."""
    user = _security().get_user_by_id(joining.admitted(person))
    _security().update_user_auth_stat(user, True)
    return user


def confirm(user_id: int, password: str) -> Any | None:
    """The user who is signed in already, if this is their password; else None."""
    user = db.session.get(User, user_id)
    if user is None or user.origin == HERE:
        return user if user is not None and check_password_hash(user.password or "", password) else None
    name, origin, key = user.username, user.origin, user.origin_key
    person = _person(origin, name, password)
    return db.session.get(User, user_id) if person is not None and person.key == key else None


def _named(username: str) -> tuple[str, str]:
    """The name under which the password is looked for, and where. An account goes before what a directory knows under
    its name or address; who has none may be known to the directory."""
    is_called = func.lower(User.username) == username.lower()
    mine = select(User.username, User.origin).where(or_(is_called, User.email == username))
    with reading():
        row = db.session.execute(mine.order_by(case((is_called, 0), else_=1)).limit(1)).first()
        # Whoever asks a directory for a password waits, and holds up nobody meanwhile.
        db.session.rollback()
    if row is not None:
        return str(row[0]), str(row[1])
    return username, LDAP if current_app.config["LDAP"] else HERE


def _person(origin: str, name: str, password: str) -> Person | None:
    """None where the directory knows nobody so, and where it is not one that knows passwords, or not there any more."""
    settings = current_app.config["LDAP"]
    if origin == OIDC or settings is None:
        return None
    return ldap.person(settings, name, password)


def _security() -> Any:
    return current_app.appbuilder.sm  # type: ignore[attr-defined]
