"""Ending what a user has signed in with: cookies and tokens by the session epoch, API keys by revoking them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from flask_appbuilder.security.sqla.models import ApiKey
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.models import User
from app.services.cases import presence
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, Unavailable

LATER = _l(
    "You are signed out in this browser. The database is busy, so your other sessions and your API keys end a little "
    "later; you need not do anything."
)
LEFT = _l(
    "You are signed out in this browser. The database is busy, so your other sessions and your API keys could not be "
    "ended. Sign in and out once more in a moment."
)


def end(user: Any) -> None:
    """Ends everything that ``user`` is signed in with, in the transaction that is open: nothing of it may outlive a
    log-out, a change of password or the account."""
    user.session_epoch = User.session_epoch + 1
    presence.leave_all(db.session(), user.id)
    living = update(ApiKey).where(ApiKey.user_id == user.id, ApiKey.revoked_on.is_(None))
    # Flask-AppBuilder keeps the times of keys in the server's own zone.
    db.session.execute(living.values(revoked_on=datetime.now()))


def end_now(user_id: int, epoch: int) -> None:
    """The same by itself, of what was signed in at ``epoch``; nothing where that has ended already."""
    with write_transaction() as session:
        user = session.scalars(select(User).where(User.id == user_id).with_for_update(of=User)).unique().one_or_none()
        if user is not None and user.session_epoch == epoch:
            end(user)


def log_out(user_id: int, epoch: int) -> None:
    """Ends everything now, or as soon as the database lets it. Raises ``Unavailable``, with a sentence for somebody
    who is signed out where they sit but not yet elsewhere."""
    try:
        end_now(user_id, epoch)
    except (Unavailable, SQLAlchemyError) as error:
        db.session.rollback()
        current_app.logger.warning("The sessions of user %s could not be ended yet: %s", user_id, error)
        raise Unavailable(LATER if _ended_later(user_id, epoch) else LEFT) from error


def _ended_later(user_id: int, epoch: int) -> bool:
    try:
        current_app.extensions["tuntas_end_sessions"](user_id, epoch)
    except Exception:
        current_app.logger.exception("The queue does not take the end of the sessions of user %s", user_id)
        return False
    return True


def check_unended(user_id: int, epoch: int) -> None:
    """Raises ``Conflict`` where what was signed in at ``epoch`` has ended; until the transaction is over it can't."""
    current = db.session.scalar(select(User.session_epoch).where(User.id == user_id).with_for_update(of=User))
    if current != epoch:
        raise Conflict(_("Please sign in first."))


def key_end(wanted: datetime | None) -> datetime | None:
    """The end of an API key as Flask-AppBuilder keeps it, naive and in the server's zone; without a zone ``wanted`` is
    read in the deployment's."""
    if wanted is None:
        return None
    aware = wanted if wanted.tzinfo else wanted.replace(tzinfo=clock.zone())
    return aware.astimezone().replace(tzinfo=None)
