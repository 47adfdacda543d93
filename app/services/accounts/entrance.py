"""Who may come in by name and password: asked by the form and by the API alike, so that no way in is easier.

The order is always the same: the brake, whether the password is right, what state the account is in, the record of it.
An account that is not there takes as long as one that is, and answers alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from flask import current_app, request
from flask_babel import gettext as _
from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from app.extensions import db
from app.models import User
from app.models.people import HERE, LDAP
from app.services.accounts import brake, sign_ins
from app.services.accounts.directories import joining, ldap
from app.services.accounts.directories.person import Person
from app.services.accounts.factors import enrolled
from app.services.audit import log
from app.services.core import clock
from app.services.core.access import NOBODY, Actor
from app.services.core.database import reading, write_transaction
from app.services.core.errors import Forbidden, NotVisible, TooMany

#: Where the password was given, or by what else they came.
Way = Literal["form", "api", "confirm", "passkey", "oidc"]


@dataclass(frozen=True)
class Account:
    """Of the user who was named, as it was read before the password was looked at."""

    id: int
    username: str
    password: str
    active: bool
    one_time_until: datetime | None
    origin: str
    origin_key: str

    @property
    def subject(self) -> log.Subject:
        return ("user", self.id, self.username)


def admit(username: str, password: str, way: Way = "form") -> Any | None:
    """The active user of this name (or mail address) and password; None for anybody else. Raises ``TooMany``,
    ``Forbidden`` with a sentence for who gave the right password but may not come in, and ``Unavailable`` where the
    directory that keeps it can't be asked."""
    username, password = _plain(username), _plain(password)
    account = _named(username)
    name = account.username if account else username
    _brake(account, name, way)
    if (person := _vouched(account, name, password)) is not None:
        return admit_person(person, way)
    if not _is_right(account, password) or account is None or not account.active:
        _refused(account, name, way, "inactive" if account and not account.active else "password")
        return None
    if account.one_time_until is not None and account.one_time_until <= clock.now():
        _refused(account, name, way, "expired")
        raise Forbidden(_("This one-time password has expired. Please ask an admin for a new one."))
    return _admitted(account, way)


def admit_person(person: Person, way: Way) -> Any:
    """The user of somebody for whom a directory has just vouched. Raises ``Forbidden`` with a sentence."""
    try:
        account = _read(User.id == joining.admitted(person))
    except Forbidden:
        theirs = (User.origin == person.origin, User.origin_key == person.key)
        _refused(_read(and_(*theirs)), person.username, way, "directory")
        raise
    return _admitted(account, way) if account else None


def confirm(user_id: int, password: str) -> Any | None:
    """The user who is signed in already, if this is their password; else None. Raises ``TooMany``."""
    account, password = _read(User.id == user_id), _plain(password)
    name = account.username if account else ""
    _brake(account, name, "confirm")
    person = _vouched(account, name, password)
    vouched = person is not None and account is not None and person.key == account.origin_key
    if account is None or not (vouched or _is_right(account, password)) or not account.active:
        _refused(account, name, "confirm", "password")
        return None
    with write_transaction() as session:
        brake.passed(session, name, _address())
        log.record(_actor(account), "sign_in.confirmed", account.subject)
    return _loaded(account)


def _brake(account: Account | None, name: str, way: Way) -> None:
    # Asked also of an account that is not there, which shall take as long.
    known = sign_ins.is_known(account.id if account else 0, _address())
    db.session.rollback()
    try:
        brake.begin(name, _address(), known)
    except TooMany:
        current_app.logger.warning("Sign-in braked: %s", account.username if account else "no such account")
        raise


def _vouched(account: Account | None, name: str, password: str) -> Person | None:
    """Whom the LDAP server knows by this password. An account goes before what the server knows under the same name; it
    is asked for those that are its own, and for whom nobody here knows."""
    settings, origin = current_app.config["LDAP"], account.origin if account else LDAP
    return ldap.person(settings, name, password) if settings and origin == LDAP else None


def _is_right(account: Account | None, password: str) -> bool:
    """No lock of the database is held meanwhile: this is what takes long, and shall."""
    kept = account.password if account and account.origin == HERE else ""
    right = check_password_hash(kept or _nobodys(_method()), password)
    return right and bool(kept) and bool(password.strip("\x00"))


def _refused(account: Account | None, name: str, way: Way, why: str) -> None:
    """What was typed for a name that no account has may be a password, so only its length is kept."""
    counted = func.coalesce(User.fail_login_count, 0) + 1
    with write_transaction() as session:
        if account is None:
            log.record(NOBODY, "sign_in.refused", way=way, why="unknown", length=len(name))
        else:
            log.record(NOBODY, "sign_in.refused", account.subject, way=way, why=why)
        # Of nobody it finds no row, and takes as long.
        failed = update(User).where(User.id == (account.id if account else 0)).values(fail_login_count=counted)
        session.execute(failed, execution_options={"synchronize_session": False})


def _admitted(account: Account, way: Way) -> Any | None:
    """None where the account was switched off or got another password meanwhile."""
    with write_transaction() as session:
        user: Any = session.get(User, account.id)
        if not user.active or user.password != account.password:
            return None
        brake.passed(session, account.username, _address())
        if enrolled.has_any(account.id):
            log.record(_actor(account), "sign_in.password", account.subject, way=way)
        else:
            _arrived(session, account, way)
    return _loaded(account)


def complete(user_id: int, way: Way, second: str) -> Any:
    """The user, who has done the second step as well. ``second``: by what, of ``factors.enrolled.LABELS``."""
    return _let_in(_read(User.id == user_id), way, second=second)


def admit_by_passkey(user_id: int) -> Any | None:
    """The user who has shown a passkey instead of a password; None where they may not come in."""
    account = _read(User.id == user_id)
    if account is None or not account.active:
        if account is not None:
            _refused(account, account.username, "passkey", "inactive")
        return None
    return _let_in(account, "passkey")


def _let_in(account: Account | None, way: Way, **detail: str) -> Any:
    if account is None:
        raise NotVisible(_("There is no such user."))
    with write_transaction() as session:
        _arrived(session, account, way, **detail)
    return _loaded(account)


def _arrived(session: Session, account: Account, way: Way, **detail: str) -> None:
    user: Any = session.get(User, account.id)
    user.login_count, user.fail_login_count = (user.login_count or 0) + 1, 0
    # Flask-AppBuilder keeps it in the server's own zone.
    user.last_login = datetime.now()
    log.record(_actor(account), "sign_in.done", account.subject, way=way, **detail)


def _named(username: str) -> Account | None:
    """By user name, in capitals or not; by mail address where nobody is called so."""
    if "\x00" in username:
        return None
    is_called = func.lower(User.username) == username.lower()
    return _read(or_(is_called, User.email == username), case((is_called, 0), else_=1))


def _read(which: Any, *order: Any) -> Account | None:
    columns = (User.id, User.username, User.password, User.active, User.one_time_until, User.origin, User.origin_key)
    with reading():
        row = db.session.execute(select(*columns).where(which).order_by(*order, User.id).limit(1)).first()
        db.session.rollback()
    return Account(row[0], row[1], row[2] or "", bool(row[3]), *row[4:]) if row else None


def _loaded(account: Account) -> Any:
    return current_app.appbuilder.sm.get_user_by_id(account.id)  # type: ignore[attr-defined]


def _actor(account: Account) -> Actor:
    return Actor(account.id, _loaded(account).get_full_name(), frozenset())


def _plain(written: str) -> str:
    """Without halves of characters, which neither hashes nor databases take."""
    return written.encode("utf-8", "replace").decode()


def _address() -> str:
    return request.remote_addr or ""


def _method() -> str:
    return str(current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt"))


@cache
def _nobodys(method: str) -> str:
    """A hash that no password has, as costly to look at as anybody's."""
    return str(current_app.appbuilder.sm.hashed("nobody's"))  # type: ignore[attr-defined]
