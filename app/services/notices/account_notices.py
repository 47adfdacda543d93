"""Tells people of what was done to accounts and roles: in the inbox and by mail, whatever they chose."""

from __future__ import annotations

from collections.abc import Callable, Collection

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from app.models import Notice, User
from app.services.core import clock
from app.services.core.access import ADMIN, Actor, users_with
from app.services.notices import outbox
from app.services.notices.account_wording import ACCOUNT, ROLES, account_action, account_mail


def tell_owner(
    session: Session, actor: Actor, what: str, user_id: int, username: str, *, formerly: str = ""
) -> None:  # fmt: skip
    """Tells the owner of an account what was done to it. ``formerly``: the address that was theirs before."""
    _tell(session, actor, ACCOUNT, what, username, [user_id], also_to=formerly)


def tell_of_roles(
    session: Session, actor: Actor, what: str, user_id: int, username: str, more: Callable[[], str] = str
) -> None:  # fmt: skip
    """Tells all admins, and whom it concerns. ``more``: says in the language of the moment what was changed."""
    found = select(User.id).where(User.active, or_(users_with((ADMIN,)), User.id == user_id)).order_by(User.id)
    ids = {*session.scalars(found), user_id}
    _tell(session, actor, ROLES, what, username, ids, more)


def tell_admins(session: Session, actor: Actor, what: str, user_id: int, username: str) -> None:
    """Tells all admins but the owner of what was done to an account."""
    found = select(User.id).where(User.active, users_with((ADMIN,)), User.id != user_id).order_by(User.id)
    _tell(session, actor, ROLES, what, username, list(session.scalars(found)))


def _tell(
    session: Session, actor: Actor, kind: str, what: str, username: str, ids: Collection[int],
    more: Callable[[], str] = str, also_to: str = "",
) -> None:  # fmt: skip
    at, action = clock.now(), account_action(what, username)
    rows = [
        {"user_id": pk, "case_id": None, "kind": kind, "action": action, "by_name": actor.name, "at": at}
        for pk in sorted(ids)
    ]
    if not rows:
        return
    session.execute(insert(Notice), rows)
    people = select(User.email, User.mail_language).where(User.id.in_(ids)).order_by(User.id)
    wanted = [(address or "", language) for address, language in session.execute(people)]
    for address, language in [*wanted, *((also_to, language) for _address, language in wanted if also_to)]:
        if "@" in address and len(address) <= outbox.LONGEST:
            with force_locale(language or current_app.config["BABEL_DEFAULT_LOCALE"]):
                subject, text = account_mail(kind, action, actor.name, more())
            outbox.write(session, address, subject, text, actor_id=actor.id, internal=True, language=language)
