"""Locks a case for writing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Case
from app.services.core.access import Actor, visible_or_404


def locked(session: Session, actor: Actor, sop: str, pk: int) -> Any:
    """The case as it is now, locked until the transaction ends. On SQLite the write lock is the whole database's; on
    PostgreSQL it is the row's. Raises ``NotVisible``."""
    session.execute(select(Case.__table__.c.id).where(Case.__table__.c.id == pk).with_for_update())
    return visible_or_404(actor, sop, pk)
