"""The account of somebody whom a directory knows: found or made, and kept to what it says.

An account of this system is never taken over by a directory that knows the same name: an admin links the two, by what
the account says of its origin, or they stay apart.
"""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.models import User
from app.services.accounts import sessions
from app.services.accounts.directories.person import Person
from app.services.audit import log
from app.services.core.access import SYSTEM
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, Forbidden

NO_ROLE = _l("You are known, but none of your groups has a role here. Please ask an admin.")
TAKEN = _l(
    "An account of this system has your user name or e-mail address already. Please ask an admin: they can say on its "
    "page that it is yours."
)
UNFIT = _l("The directory gives you a user name that no account can have here. Please ask an admin.")
INACTIVE = _l("Your account is deactivated. Please ask an admin.")


def admitted(person: Person) -> int:
    """The id of the person's account, with the roles, name and address that the directory says; in a transaction of its
    own, which is kept where they are refused for having no role any more. Raises ``Forbidden``, with a sentence."""
    try:
        pk = _admitted(person)
    except IntegrityError:  # they came in twice at once, for the first time
        pk = _admitted(person)
    if not person.roles:
        raise Forbidden(NO_ROLE)
    return pk


def _admitted(person: Person) -> int:
    with write_transaction() as session:
        user = _account(session, person)
        if user is not None and not user.active:
            raise Forbidden(INACTIVE)
        if user is None and not person.roles:
            raise Forbidden(NO_ROLE)
        if user is None:
            user = _made(session, person)
        else:
            _follow(session, user, person)
        session.flush()
        return int(user.id)


def keep_to(user_id: int, person: Person | None) -> None:
    """The same for somebody who is not there: whom the directory does not know any more, or who has given their name
    to somebody else, has no roles here."""
    with write_transaction() as session:
        user = session.get(User, user_id)
        if user is not None:
            _follow(session, user, person if person and person.key == user.origin_key else None)


def _account(session: Any, person: Person) -> Any | None:
    if not person.is_fit:
        raise Forbidden(UNFIT)
    mine = select(User).where(User.origin == person.origin, User.origin_key == person.key)
    if (user := session.scalars(mine).unique().one_or_none()) is not None:
        return user
    same = select(User).where(func.lower(User.username) == person.username.lower())
    user = session.scalars(same).unique().first()
    if user is None:
        return None
    if user.origin != person.origin or user.origin_key:
        raise Forbidden(TAKEN)  # somebody else's: of this system, of another directory, or of who had the name before
    user.origin_key, user.one_time_until = person.key, None
    log.record(SYSTEM, "user.linked", _subject(user), origin=person.origin)
    return user


def _made(session: Any, person: Person) -> Any:
    email = person.email or f"{person.username}@localhost"
    if _has_address(session, email):
        raise Forbidden(TAKEN)
    user = User(
        username=person.username, first_name=person.first_name, last_name=person.last_name, email=email, active=True,
        password="", origin=person.origin, origin_key=person.key, roles=_roles(session, person.roles),
    )  # fmt: skip
    session.add(user)
    session.flush()
    return user


def _follow(session: Any, user: Any, person: Person | None) -> None:
    """Roles are those of the directory, no more and no fewer. Without any, open sessions and keys end."""
    wanted = person.roles if person else frozenset()
    before = {role.name for role in user.roles}
    if before != wanted:
        user.roles = _roles(session, wanted)
        log.record(SYSTEM, "user.roles_followed", _subject(user), before=sorted(before), after=sorted(wanted))
        if not wanted:
            sessions.end(user)
    if person is not None:
        _describe(session, user, person)


def _describe(session: Any, user: Any, person: Person) -> None:
    said = {"first_name": person.first_name, "last_name": person.last_name}
    if person.email and person.email != user.email and not _has_address(session, person.email):
        said["email"] = person.email
    for key, value in said.items():
        if getattr(user, key) != value:
            setattr(user, key, value)


def _has_address(session: Any, email: str) -> bool:
    return session.scalar(select(User.id).where(func.lower(User.email) == email.lower()).limit(1)) is not None


def _roles(session: Any, names: frozenset[str]) -> list[Any]:
    """Those that the SOPs declare alone, whatever else stands in the table."""
    declared = names & set(current_app.config["FAB_ROLES"])
    found = list(session.scalars(select(Role).where(Role.name.in_(declared))))
    if len(found) != len(names):
        raise Conflict(_("A role of the settings is not there."))
    return found


def _subject(user: Any) -> log.Subject:
    return ("user", user.id, user.username)
