"""Looking after those who came in by LDAP: who was removed there, or has lost their groups, is out here as well."""

from __future__ import annotations

import logging

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.models import User
from app.models.people import LDAP
from app.services.accounts.directories import joining, ldap
from app.services.core.errors import Refused, Unavailable

log = logging.getLogger(__name__)


def look_after() -> None:
    """Asks the server for everybody who has roles by it. While it is away nobody loses anything."""
    settings = current_app.config["LDAP"]
    if settings is None:
        return
    theirs = select(User.id, User.username).where(User.origin == LDAP, User.origin_key != "", User.active)
    known = db.session.execute(theirs.order_by(User.id)).tuples().all()
    db.session.rollback()
    for pk, username in known:
        try:
            joining.keep_to(pk, ldap.known(settings, username))
        except Unavailable:
            return
        except Refused as refusal:
            log.warning("User %s can't follow the directory: %s", pk, refusal)
