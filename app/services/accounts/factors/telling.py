"""Who is told of a change of somebody's second factors, and how the audit log calls them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import User
from app.services.audit.log import Subject
from app.services.core.access import Actor
from app.services.notices.account_notices import tell_admins, tell_owner

#: What happened, of ``services/notices/account_wording.py``.
ADDED, REMOVED, RESET, RESET_OF = "factor_added", "factor_removed", "factors_reset", "factors_reset_of"
BLOCKED, CODE_USED, CODES_MADE = "code_blocked", "recovery_used", "recovery_made"


def subject(session: Session, user_id: int) -> Subject:
    return "user", user_id, session.scalar(select(User.username).where(User.id == user_id)) or ""


def told(session: Session, actor: Actor, what: str, user_id: int) -> None:
    """The owner of the account."""
    tell_owner(session, actor, what, user_id, subject(session, user_id)[2])


def told_of_reset(session: Session, actor: Actor, user_id: int) -> None:
    """The owner and every admin, also the one who did it: another may sit at their desk."""
    told(session, actor, RESET, user_id)
    tell_admins(session, actor, RESET_OF, user_id, subject(session, user_id)[2])
