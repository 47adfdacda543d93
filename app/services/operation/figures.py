"""How many cases, clocks, tasks, mails and exports there are, for who watches the system from outside.

Read once in a while and kept: whoever asks more often is told the same again, and no question takes longer than
``MOST`` milliseconds of PostgreSQL's time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import Select, case, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Case, Clock, Export, JobRun, OutgoingMail, Worker
from app.services.core import clock
from app.services.operation import workers
from app.sop import SOPS

#: Seconds for which they are kept.
KEPT = 15.0
#: Milliseconds for one question.
MOST = 2_000
DAY = timedelta(days=1)
#: States of the outbox that somebody should look at, or that pass by themselves.
UNSENT = ("queued", "sending", "failed", "bounced")
log = structlog.get_logger("tuntas.figures")


@dataclass(frozen=True)
class Figure:
    """``numbers``: by the values of ``labels``."""

    name: str
    help: str
    labels: tuple[str, ...]
    numbers: dict[tuple[str, ...], float] = field(default_factory=dict)


def current() -> list[Figure]:
    """All of them, not older than ``KEPT``. What can't be read is left out."""
    kept = current_app.extensions.get("tuntas_figures")
    if kept is None or time.monotonic() - kept[0] > KEPT:
        kept = current_app.extensions["tuntas_figures"] = (time.monotonic(), list(_read()))
    return list(kept[1])


def _read() -> Iterator[Figure]:
    for name, help_text, labels, query in _queries():
        try:
            with Session(db.engine) as session:
                if db.engine.dialect.name == "postgresql":
                    session.execute(text(f"SET LOCAL statement_timeout = {MOST}"))
                rows = session.execute(query).all()
        except SQLAlchemyError:
            log.warning("figure not read", figure=name, exc_info=True)
            continue
        yield Figure(name, help_text, labels, {tuple(map(str, row[:-1])): row[-1] for row in rows})
    yield from _queue()


def _queries() -> Iterator[tuple[str, str, tuple[str, ...], Select[Any]]]:
    """Each has an index to itself or is about the open, the waiting or the last day alone. In the last column is the
    number."""
    now = clock.now()
    yield "cases", "Cases by procedure and state, also those declared void", ("sop", "state"), (
        select(Case.sop, Case.state, func.count()).group_by(Case.sop, Case.state)
    )  # fmt: skip
    level = case((Clock.due_at.is_(None), "paused"), (Clock.due_at < now, "late"),
                 (Clock.level >= 80, "80"), (Clock.level >= 50, "50"), else_="0")  # fmt: skip
    yield "clocks", "Running deadlines by procedure and how much of them is used", ("sop", "level"), (
        select(Clock.sop, level, func.count())
        .where(Clock.sop.in_(SOPS), Clock.ended_at.is_(None))
        .group_by(Clock.sop, level)
    )  # fmt: skip
    yield "mails", "Mails that have not gone out, by state", ("state",), (
        select(OutgoingMail.state, func.count())
        .where(OutgoingMail.state.in_(UNSENT))
        .group_by(OutgoingMail.state)
    )  # fmt: skip
    yield "exports", "Exports of the last day by state", ("state",), (
        select(Export.state, func.count()).where(Export.at >= now - DAY).group_by(Export.state)
    )  # fmt: skip
    yield "job_runs", "Background runs of the last day by name and outcome", ("job", "outcome"), (
        select(JobRun.name, JobRun.outcome, func.count())
        .where(JobRun.started_at >= now - DAY)
        .group_by(JobRun.name, JobRun.outcome)
    )  # fmt: skip
    yield "workers", "Workers that are alive", (), (
        select(func.count()).select_from(Worker).where(Worker.seen_at >= now - workers.SILENT)
    )  # fmt: skip


def _queue() -> Iterator[Figure]:
    queue = current_app.extensions["tuntas_queue"]
    try:
        numbers: dict[tuple[str, ...], float] = {
            ("waiting",): queue.pending_count(),
            ("scheduled",): queue.scheduled_count(),
        }
    except Exception:
        log.warning("figure not read", figure="queue", exc_info=True)
        return
    yield Figure("queue", "Tasks in the queue: to be done now, or at a later moment", ("state",), numbers)
