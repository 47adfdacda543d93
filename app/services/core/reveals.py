"""For how long somebody who gets personal data masked has those of one case before them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from app.extensions import db
from app.models import Reveal
from app.services.core import clock
from app.services.core.access import Actor

#: In the session: until when, by user and case. A page asks for each of its documents.
KNOWN = "reveals"


def revealed_until(actor: Actor, case_id: int) -> datetime | None:
    """None where nothing is revealed. What a program asked for, it was answered once."""
    if actor.id is None:
        return None
    known = db.session.info.setdefault(KNOWN, {})
    if (actor.id, case_id) not in known:
        wanted = (Reveal.user_id == actor.id, Reveal.case_id == case_id, Reveal.until > clock.now())
        known[actor.id, case_id] = db.session.scalar(select(func.max(Reveal.until)).where(*wanted))
    until: datetime | None = known[actor.id, case_id]
    return until if until is not None and until > clock.now() else None


def is_revealed(actor: Actor, case_id: int) -> bool:
    return revealed_until(actor, case_id) is not None


def forget_known() -> None:
    """What was read before counts no more."""
    db.session.info.pop(KNOWN, None)
