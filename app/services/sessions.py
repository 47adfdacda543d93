"""Ending what a user has signed in with: cookies and tokens by the session epoch, API keys by revoking them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder.security.sqla.models import ApiKey
from flask_babel import gettext as _
from sqlalchemy import select, update

from app.extensions import db
from app.models import User
from app.services import clock
from app.services.errors import Conflict


def end(user: Any) -> None:
    """Ends everything that ``user`` is signed in with, in the transaction that is open: nothing of it may outlive a
    log-out, a change of password or the account."""
    user.session_epoch = User.session_epoch + 1
    living = update(ApiKey).where(ApiKey.user_id == user.id, ApiKey.revoked_on.is_(None))
    # Flask-AppBuilder keeps the times of keys in the server's own zone.
    db.session.execute(living.values(revoked_on=datetime.now()))


def check_unended(user_id: int, epoch: int) -> None:
    """Raises ``Conflict`` where what was signed in at ``epoch`` has ended; until the transaction is over it can't."""
    held = db.session.scalar(select(User.session_epoch).where(User.id == user_id).with_for_update(of=User))
    if held != epoch:
        raise Conflict(_("Please sign in first."))


def key_end(wanted: datetime | None) -> datetime | None:
    """The end of an API key as Flask-AppBuilder keeps it, naive and in the server's zone; without a zone ``wanted`` is
    read in the deployment's."""
    if wanted is None:
        return None
    aware = wanted if wanted.tzinfo else wanted.replace(tzinfo=clock.zone())
    return aware.astimezone().replace(tzinfo=None)
