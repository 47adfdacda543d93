"""What lies in the queue, and what is put into it by hand."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from app.models import JobRun
from app.services.audit import log
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, NotVisible, Unavailable
from app.services.operation import runs
from app.services.operation.ticks import Tick

#: How the id of a task begins that somebody asked for: it comes on top of those that come by themselves.
BY_HAND = "by-hand-"
#: How late a tick may be before it is asked for again, and how often that is done.
LATE, TRIES = timedelta(minutes=10), 3
#: Tasks that the page lists.
SHOWN = 50


@dataclass(frozen=True)
class Queued:
    """``at``: when it will be tried again; None for what is done as soon as a worker is free."""

    task: str
    name: str
    at: datetime | None


@dataclass(frozen=True)
class Queue:
    """``waiting`` and ``scheduled``: how many; ``listed``: the first of them."""

    waiting: int
    scheduled: int
    listed: list[Queued]


def now_queued() -> Queue | None:
    """None while the queue is away."""
    queue = _queue()
    try:
        listed = [*_listed(queue.pending(SHOWN)), *_listed(queue.scheduled(SHOWN))]
        return Queue(queue.pending_count(), queue.scheduled_count(), listed)
    except Exception:
        current_app.logger.warning("The queue is away", exc_info=True)
        return None


def scheduled_ticks() -> tuple[Tick, ...]:
    ticks: tuple[Tick, ...] = current_app.extensions["tuntas_ticks"]
    return ticks


def run_now(name: str) -> Tick:
    """The tick of this name, besides its times. What failed of it before is settled. Raises ``NotVisible``."""
    found = next((tick for tick in scheduled_ticks() if tick.name == name), None)
    if found is None:
        raise NotVisible(_("There is nothing here, or you may not see it."))
    with write_transaction():
        _put(name, [])
        runs.settle_all(name)
        log.record(log.present(), "job.ordered", ("job", name, name))
    return found


def run_again(pk: int) -> str:
    """What failed, with what it was given; its name. Raises ``NotVisible``, ``Conflict`` or ``Unavailable``."""
    with write_transaction():
        run = runs.failed_or_refused(pk)
        if not can_run_again(run):
            raise Conflict(_("This can't be run again by hand."))
        runs.settle(pk)
        _put(run.name, run.arguments or [])
        log.record(log.present(), "job.ordered", ("job", run.name, run.name), again=pk)
        return run.name


def can_run_again(run: JobRun) -> bool:
    return run.arguments is not None and _task_of(run.name) is not None


def catch_up() -> list[str]:
    """Asks for every tick whose last time passed without a run that came to its end: no worker was there, or it was
    killed. At most ``TRIES`` times for each time; the names."""
    caught, now = [], clock.now()
    for tick in scheduled_ticks():
        due = tick.last_before(now - LATE)
        if due and 0 <= runs.tried_since(tick.name, due) < TRIES:
            _put(tick.name, [])
            caught.append(tick.name)
    return caught


def drop(task: str) -> None:
    """A task that waits for its moment is not tried again. Raises ``NotVisible`` when it waits no more."""
    queue = _queue()
    meant = next((one for one in queue.scheduled() if one.id == task), None)
    if meant is None:
        raise NotVisible(_("There is nothing here, or you may not see it."))
    queue.revoke_by_id(task, revoke_once=True)
    log.record_now(log.present(), "job.dropped", ("job", meant.name, meant.name))


def _put(name: str, arguments: list[int]) -> None:
    made = _task_of(name)
    if made is None:
        raise NotVisible(_("There is nothing here, or you may not see it."))
    try:
        _queue().enqueue(made(tuple(arguments), id=f"{BY_HAND}{uuid.uuid4().hex}"))
    except Exception as error:
        current_app.logger.exception("The queue does not take %s", name)
        raise Unavailable(_("Nothing can be made in the background at the moment. Please try again later.")) from error


def _task_of(name: str) -> Any:
    return next((made for made in _queue()._registry._registry.values() if made.__name__ == name), None)


def _listed(tasks: list[Any]) -> Iterator[Queued]:
    revoked = _queue().is_revoked
    for task in tasks:
        if not revoked(task):
            yield Queued(task.id, task.name, task.eta.replace(tzinfo=UTC) if task.eta else None)


def _queue() -> Any:
    return current_app.extensions["tuntas_queue"]
