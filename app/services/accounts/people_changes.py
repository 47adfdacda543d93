"""What an admin does to users: told, in the transaction that does it; ``audit/changes.py`` records it by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from app.models import User
from app.services.accounts import grants
from app.services.accounts.grants import Rights
from app.services.core.access import SYSTEM, Actor
from app.services.core.database import write_transaction
from app.services.notices import account_notices


@dataclass(frozen=True)
class Details:
    """What a user is called, and where mail reaches them."""

    username: str
    first_name: str
    last_name: str
    email: str

    @classmethod
    def of(cls, user: Any) -> Details:
        return cls(user.username, user.first_name, user.last_name, user.email)

    @classmethod
    def before(cls, user: Any) -> Details:
        """As the database has them; a form has put its own into ``user``, which is not flushed yet."""
        known = inspect(user).attrs

        def old(name: str) -> Any:
            return (known[name].history.deleted or [getattr(user, name)])[0]

        return cls(old("username"), old("first_name"), old("last_name"), old("email"))


def made(session: Session, actor: Actor, user: Any, now: Rights, wanted: Rights) -> None:
    """``user`` is new and has its id; of ``wanted`` they have ``now``."""
    account_notices.tell_owner(session, actor, "made", user.id, user.username)
    # An account that is made switched off has lost nothing.
    grants.changed(session, actor, user, Rights(frozenset(), now.active), now)
    grants.propose(session, actor, user, now, wanted)


def made_on_console(user_id: int) -> None:
    """The same for whom the console has made, by nobody's account; in a transaction of its own."""
    with write_transaction() as session:
        user = session.get(User, user_id)
        rights = grants.rights_of(user)
        made(session, SYSTEM, user, rights, rights)


def changed(
    session: Session, actor: Actor, user: Any, details: tuple[Details, Details], rights: tuple[Rights, Rights, Rights]
) -> None:  # fmt: skip
    """``details``: before and after; ``rights``: before, now, and as they are wanted."""
    (was, is_), (before, now, wanted) = details, rights
    if was != is_ and actor.id != user.id:
        formerly = was.email if was.email != is_.email else ""
        account_notices.tell_owner(session, actor, "details", user.id, user.username, formerly=formerly)
    grants.changed(session, actor, user, before, now)
    grants.propose(session, actor, user, now, wanted)
