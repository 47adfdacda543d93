"""Every task is written down as it begins and ends, whoever has put it into the queue; and a tick is done once in its
minute, however many workers there are. Huey's hooks and signals, so that no task need know of it."""

from __future__ import annotations

import time
import traceback
from datetime import datetime

import structlog
from flask import Flask
from huey import signals
from huey.api import Huey, PeriodicTask, Task
from huey.exceptions import CancelExecution

from app.jobs.heartbeat import NAME
from app.services.core import clock
from app.services.operation import queued, runs
from app.services.operation.ticks import slot_of

#: How a run ended, by Huey's word for it.
OUTCOMES = {
    signals.SIGNAL_COMPLETE: "done", signals.SIGNAL_ERROR: "failed", signals.SIGNAL_TIMEOUT: "failed",
    signals.SIGNAL_LOCKED: "failed", signals.SIGNAL_INTERRUPTED: "lost", signals.SIGNAL_RETRYING: "retrying",
}  # fmt: skip
log = structlog.get_logger("tuntas.job")


class Recorder:
    """Of one queue. A run that can't be written down runs all the same."""

    def __init__(self, app: Flask, queue: Huey) -> None:
        self._app, self._queue = app, queue
        self._going: dict[str, tuple[int | None, float]] = {}
        queue.pre_execute(name="recording")(self.begin)
        queue.signal(*OUTCOMES)(self.end)

    def begin(self, task: Task) -> None:
        """Raises ``CancelExecution`` for a tick that another worker has taken."""
        if self._queue.immediate:
            return  # inside of a request, whose transaction may have the lock
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(job=task.name, task=task.id)
        pk = None
        try:
            with self._app.app_context():
                pk = runs.begin(task.name, task.id, NAME, _slot(task), _numbers(task))
        except runs.Done:
            raise CancelExecution from None
        except Exception:
            log.warning("a run could not be written down", exc_info=True)
        self._going[task.id] = (pk, time.monotonic())

    def end(self, signal: str, task: Task, error: BaseException | None = None) -> None:
        pk, begun = self._going.pop(task.id, (None, None))
        if begun is None:
            return
        outcome = OUTCOMES[signal]
        if outcome == "failed" and task.retries:
            outcome = "retrying"
        said = log.info if outcome == "done" else log.error
        said("job", outcome=outcome, ms=round((time.monotonic() - begun) * 1000), exc_info=error)
        told = "".join(traceback.format_exception(error)) if error else ""
        try:
            if pk is not None:
                with self._app.app_context():
                    runs.end(pk, outcome, told)
        except Exception:
            log.warning("the end of a run could not be written down", exc_info=True)
        structlog.contextvars.clear_contextvars()


def _slot(task: Task) -> datetime | None:
    """Of a tick that came by itself."""
    by_itself = isinstance(task, PeriodicTask) and not task.id.startswith(queued.BY_HAND)
    return slot_of(clock.now()) if by_itself else None


def _numbers(task: Task) -> list[int] | None:
    """What it was given, where that names rows; anything else may be what nobody should read."""
    given = [*task.args, *task.kwargs.values()]
    return given if not task.kwargs and all(isinstance(one, int) for one in given) else None
