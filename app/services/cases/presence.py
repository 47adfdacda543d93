"""Who else has a case open; an open page reports so at intervals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Presence, User
from app.services.core import clock
from app.services.core.access import Actor, visible_or_404
from app.services.core.database import write_transaction
from app.sop import sop_of
from app.workflow.declaration import Sop

#: A presence without a ping for longer has ended; pages ping twice as often.
SEEN = timedelta(seconds=45)


@dataclass(frozen=True)
class Other:
    """Somebody else on the same case; ``doing``: the label of the step whose form they have open, or empty."""

    name: str
    doing: str


def ping(actor: Actor, sop_key: str, pk: int, doing: str = "") -> list[Other]:
    """Notes that ``actor`` has the case open; returns who else has, by name.

    ``doing``: the key of the step whose form is open; one that the SOP does not have counts as none.
    """
    case = visible_or_404(actor, sop_key, pk)
    case_id, sop, now = case.id, sop_of(case), clock.now()
    key = doing if doing in sop.transition_by_key else ""
    try:
        with write_transaction() as session:
            session.execute(delete(Presence).where(Presence.case_id == case_id, Presence.seen_at < now - SEEN))
            _note(session, case_id, actor, key, now)
    except IntegrityError:
        pass  # two pages of the same person at the same moment: the other one has noted it
    return others(actor, sop, case_id)


def others(actor: Actor, sop: Sop, case_id: int) -> list[Other]:
    """Who else is on the case."""
    found = db.session.execute(
        select(User.first_name, User.last_name, Presence.doing)
        .join(User, User.id == Presence.user_id)
        .where(Presence.case_id == case_id, Presence.user_id != actor.id, Presence.seen_at >= clock.now() - SEEN)
        .order_by(User.first_name, User.last_name, User.id)
    )
    return [Other(f"{first} {last}".strip(), _label(sop, doing)) for first, last, doing in found]


def leave(actor: Actor, sop_key: str, pk: int, doing: str = "") -> None:
    """``actor`` has left the page on which they were ``doing`` that. Another page of theirs on the same case, which may
    have told of itself before this arrives, stays."""
    case_id = visible_or_404(actor, sop_key, pk).id
    gone = (Presence.case_id == case_id, Presence.user_id == actor.id, Presence.doing == doing)
    with write_transaction() as session:
        session.execute(delete(Presence).where(*gone))


def leave_all(session: Session, user_id: int) -> None:
    """The user is nowhere any more: they have signed out."""
    session.execute(delete(Presence).where(Presence.user_id == user_id))


def forget(before: datetime) -> int:
    """Removes presences last seen before a moment; returns how many."""
    with write_transaction() as session:
        gone = session.scalars(delete(Presence).where(Presence.seen_at < before).returning(Presence.id)).all()
    return len(gone)


def _note(session: Session, case_id: int, actor: Actor, doing: str, now: datetime) -> None:
    mine = (Presence.case_id == case_id, Presence.user_id == actor.id)
    updated = update(Presence).where(*mine).values(doing=doing, seen_at=now).returning(Presence.id)
    if session.scalar(updated) is None:
        session.add(Presence(case_id=case_id, user_id=actor.id, doing=doing, seen_at=now))


def _label(sop: Sop, key: str) -> str:
    step = sop.transition_by_key.get(key)
    return str(step.label) if step else ""
