"""The workers: each tells every while that it is alive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.extensions import db
from app.models import Worker
from app.services.core import clock
from app.services.core.database import aside_transaction

#: Who has told nothing for longer is away.
SILENT = timedelta(minutes=2)
#: Seconds between two tellings.
EVERY = 20
#: Workers that were killed are shown for so long.
SHOWN = timedelta(days=1)


def tell(name: str) -> None:
    """The worker of this name (``host:pid:…``) is alive."""
    now = clock.now()
    with aside_transaction() as session:
        told = session.execute(update(Worker).where(Worker.name == name).values(seen_at=now).returning(Worker.id))
        if told.first() is None:
            session.add(Worker(name=name, started_at=now, seen_at=now))


def leave(name: str) -> None:
    """It ends of its own will."""
    with aside_transaction() as session:
        session.execute(delete(Worker).where(Worker.name == name))


def known() -> Sequence[Worker]:
    """Those that are alive, and those that went away without a word, the last heard first."""
    query = select(Worker).where(Worker.seen_at >= clock.now() - SHOWN)
    found: Sequence[Worker] = db.session.scalars(query.order_by(Worker.seen_at.desc(), Worker.id)).all()
    return found


def is_alive(worker: Worker) -> bool:
    return bool(worker.seen_at >= clock.now() - SILENT)


def any_alive() -> bool:
    alive = select(Worker.id).where(Worker.seen_at >= clock.now() - SILENT).limit(1)
    return db.session.scalar(alive) is not None
