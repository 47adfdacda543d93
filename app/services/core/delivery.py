"""The queue of what leaves the system: written with what caused it, claimed by one worker at a time, sent outside of
any transaction, tried again with growing pauses.

A worker that dies while it sends leaves its lease; once that has run out another one tries again. So nothing is lost,
and what had gone out just before the death goes out twice.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, event, or_, select, update
from sqlalchemy.orm import Session, scoped_session

from app.extensions import db
from app.models.delivery import FAILED, SENT, WAITING
from app.services.core import clock
from app.services.core.database import reading, write_transaction

#: How long a worker may have a row: longer than any attempt takes.
LEASE = timedelta(minutes=5)
#: A pause is up to this much longer, so that what failed together does not come again together.
JITTER = 0.2
LONGEST_ERROR = 500
#: Seconds after which a run leaves the rest to the next one.
RUN = 50
#: The worker's task that sends what is due, among the application's extensions.
TASK = "tuntas_send_out"
_WAKES = "wakes the worker"
_SILENT = {"synchronize_session": False}


@dataclass(frozen=True)
class Claimed:
    """A row that this worker may send; ``lease`` proves it. ``attempts``: how many there were with this one."""

    id: int
    lease: str
    attempts: int


def send_due(model: Any, owner: Any, active: Select[Any], attempt: Callable[[Claimed], tuple[int, bool]]) -> int:
    """Sends what is due; returns how many attempts there were. ``owner``: the column that names the receiver;
    ``active``: those that are switched on; ``attempt`` answers the receiver and whether it went well. One that fails
    gets no second attempt in this run, so it does not keep the others waiting."""
    attempts, failing, begun = 0, set[int](), time.monotonic()
    while time.monotonic() - begun < RUN:
        claimed = claim(model, owner.in_(active), owner.not_in(failing))
        if claimed is None:
            break
        receiver, well = attempt(claimed)
        attempts += 1
        if not well:
            failing.add(receiver)
    return attempts


def claim(model: Any, *conditions: ColumnElement[bool]) -> Claimed | None:
    """The row of a queue that has waited longest, of those that fit; None when nothing is due."""
    free = (*_due(model), *conditions)
    with reading():  # most of the time nothing waits, which takes no lock
        if db.session.scalar(select(model.id).where(*free).limit(1)) is None:
            return None
    with write_transaction() as session:
        next_one = select(model.id).where(*free).order_by(model.next_at, model.id).limit(1)
        pk = session.scalar(next_one.with_for_update(skip_locked=True, of=model))
        return None if pk is None else _lease(session, model, pk)


def claim_row(model: Any, pk: int) -> Claimed | None:
    """This one row, due or not; None while another worker has it or when it is over."""
    with write_transaction() as session:
        mine = (model.id == pk, model.state == WAITING, _unleased(model))
        found = session.scalar(select(model.id).where(*mine).with_for_update(skip_locked=True, of=model))
        return None if found is None else _lease(session, model, pk)


def _due(model: Any) -> tuple[ColumnElement[bool], ...]:
    return model.state == WAITING, model.next_at <= clock.now(), _unleased(model)


def _unleased(model: Any) -> ColumnElement[bool]:
    return or_(model.leased_until.is_(None), model.leased_until < clock.now())


def _lease(session: Session, model: Any, pk: int) -> Claimed:
    token = uuid.uuid4().hex
    taken = update(model).where(model.id == pk).values(
        lease=token, leased_until=clock.now() + LEASE, attempts=model.attempts + 1
    )  # fmt: skip
    attempts = session.scalar(taken.returning(model.attempts), execution_options=_SILENT)
    return Claimed(pk, token, int(attempts or 0))


def settle(session: Session, model: Any, claimed: Claimed, error: str, pauses: Sequence[timedelta]) -> bool:
    """Notes how an attempt ended: sent (no ``error``), to be tried again after the next of ``pauses``, or given up.
    Answers whether the row was still this worker's."""
    now = clock.now()
    values: dict[str, Any] = {"error": error[:LONGEST_ERROR], "lease": "", "leased_until": None}
    if error and claimed.attempts <= len(pauses):
        values |= {"next_at": now + pause(pauses[claimed.attempts - 1])}
    else:
        values |= {"state": FAILED if error else SENT, "next_at": None, "ended_at": now}
    mine = update(model).where(model.id == claimed.id, model.lease == claimed.lease)
    done: Any = session.execute(mine.values(**values), execution_options=_SILENT)
    return bool(done.rowcount)


def pause(length: timedelta) -> timedelta:
    return length * (1 + random.uniform(0, JITTER))  # noqa: S311 (no secret)


def again(session: Session, model: Any, ids: Collection[int], now: datetime) -> int:
    """Puts what is over, or waits for its next attempt, to the front of the queue, as if it were new; answers how
    many. What a worker is sending at this moment stays as it is."""
    anew = update(model).where(model.id.in_(ids), _unleased(model))
    values = {"state": WAITING, "next_at": now, "ended_at": None, "attempts": 0, "lease": "", "leased_until": None}
    done: Any = session.execute(anew.values(**values), execution_options=_SILENT)
    return int(done.rowcount)


def wake(session: Session | scoped_session[Session]) -> None:
    """Has a worker look once this transaction is committed, rather than with its next tick."""
    # SQLAlchemy would listen to every session of a registry.
    own: Session = session() if isinstance(session, scoped_session) else session
    if not own.info.get(_WAKES):
        own.info[_WAKES] = True
        event.listen(own, "after_commit", _wake, once=True)


def _wake(session: Session) -> None:
    session.info.pop(_WAKES, None)
    try:
        current_app.extensions[TASK]()
    except Exception:  # the tick comes anyway
        current_app.logger.exception("The queue does not wake the worker")
