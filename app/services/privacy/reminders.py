"""Warns the officers of requests whose time runs out. Runs in the background; running twice at once is harmless."""

from __future__ import annotations

from sqlalchemy import select

from app.extensions import db
from app.models import PrivacyRequest
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.core.officers import privacy_officers
from app.services.deadlines.counting import LEVELS
from app.services.notices import notify
from app.services.privacy.rights import OPEN


def watch() -> int:
    """Notifies once for each level that a request's time has reached; returns how many people were notified."""
    wanted = select(PrivacyRequest.id).where(PrivacyRequest.state == OPEN, PrivacyRequest.warned_level < LEVELS[-1])
    return sum(_watch(pk) for pk in db.session.scalars(wanted).all())


def _watch(pk: int) -> int:
    with write_transaction() as session:
        row = session.get(PrivacyRequest, pk, with_for_update=True)
        if row is None or row.state != OPEN:
            return 0
        used = (clock.now() - row.received_at) / (row.due_at - row.received_at) * 100
        reached = [level for level in LEVELS if row.warned_level < level <= used]
        if not reached:
            return 0
        row.warned_level = reached[-1]
        return notify.privacy_due(session, row.number, reached[-1], privacy_officers())
