"""When and from where somebody signed in, and who was refused in their name, as the audit log has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.models import AuditEntry
from app.services.accounts.brake import place
from app.services.core import clock
from app.services.core.database import reading

DONE, REFUSED = "sign_in.done", "sign_in.refused"
#: How long an address stays known, and how many of one person count.
KNOWN, MOST_KNOWN = timedelta(days=90), 100
#: Lines that are shown.
SHOWN = 10


@dataclass(frozen=True)
class SignIn:
    """``way``: ``form``, ``api`` or ``confirm``."""

    at: datetime
    address: str
    done: bool
    way: str


def latest(user_id: int, limit: int = SHOWN) -> list[SignIn]:
    """Done and refused, newest first."""
    found = _of(user_id, (DONE, REFUSED), AuditEntry.at, AuditEntry.address, AuditEntry.action, AuditEntry.detail)
    rows = db.session.execute(found.order_by(AuditEntry.seq.desc()).limit(limit))
    return [SignIn(at, address, action == DONE, detail.get("way", "")) for at, address, action, detail in rows]


def refused_since_last(user_id: int) -> int:
    """How many were refused between the newest sign-in and the one before it."""
    newest = db.session.scalars(_of(user_id, (DONE,), AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(2)).all()
    until, since = (*newest, 0, 0)[:2]
    refused = _of(user_id, (REFUSED,), func.count()).where(AuditEntry.seq > since, AuditEntry.seq < until)
    return int(db.session.scalar(refused) or 0)


def is_known(user_id: int, address: str) -> bool:
    """Whether this person has signed in from there lately."""
    found = _of(user_id, (DONE,), AuditEntry.address).where(AuditEntry.at > clock.now() - KNOWN)
    with reading():
        known = db.session.scalars(found.distinct().limit(MOST_KNOWN)).all()
    return place(address) in {place(one) for one in known}


def _of(user_id: int, actions: tuple[str, ...], *columns: Any) -> Any:
    mine = (AuditEntry.subject_type == "user", AuditEntry.subject == str(user_id), AuditEntry.action.in_(actions))
    return select(*columns).where(*mine)
