"""Who is told of a change of somebody's second factors, and how the audit log calls them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import User
from app.services.audit.log import Subject
from app.services.core.access import ADMIN, Actor, users_with
from app.services.notices import notify
from app.services.notices.account import ADDED as ADDED
from app.services.notices.account import BLOCKED as BLOCKED
from app.services.notices.account import CODE_USED as CODE_USED
from app.services.notices.account import CODES_MADE as CODES_MADE
from app.services.notices.account import REMOVED as REMOVED
from app.services.notices.account import RESET, RESET_OF, of_somebody


def subject(session: Session, user_id: int) -> Subject:
    return "user", user_id, session.scalar(select(User.username).where(User.id == user_id)) or ""


def told(session: Session, user_ids: Iterable[int], action: str, by: str) -> None:
    """By notice and by mail."""
    notify.about_account(session, list(user_ids), action, by)


def told_of_reset(session: Session, user_id: int, actor: Actor) -> None:
    """The owner and every admin, also the one who did it: another may sit at their desk."""
    told(session, [user_id], RESET, actor.name)
    admins = session.scalars(select(User.id).where(User.active, users_with((ADMIN,)), User.id != user_id))
    told(session, admins, of_somebody(RESET_OF, subject(session, user_id)[2]), actor.name)
