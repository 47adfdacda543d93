"""What ran in the background, with what result: written by the worker, read by the page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import JobRun, Worker
from app.services.audit import log
from app.services.core import clock
from app.services.core.access import LARGEST_KEY
from app.services.core.database import aside_transaction, write_transaction
from app.services.core.errors import Conflict, NotVisible
from app.services.operation import workers

#: Runs that went well are remembered for so long, failed ones for longer.
KEPT, FAILED_KEPT = timedelta(days=7), timedelta(days=90)
#: Characters of an error; the end of a traceback says most.
LONGEST = 4_000
#: Failed runs that the page lists.
SHOWN = 50
UNWELL = ("failed", "lost")


class Done(Exception):
    """The tick of this minute is another worker's already."""


def begin(name: str, task: str, worker: str, slot: datetime | None, arguments: list[int] | None) -> int:
    """Notes that a run begins; its id. Raises ``Done``."""
    try:
        with aside_transaction() as session:
            run = JobRun(name=name, task=task, slot=slot, arguments=arguments, worker=worker, started_at=clock.now())
            session.add(run)
            session.flush()
            return int(run.id)
    except IntegrityError as error:
        raise Done(name) from error


def end(pk: int, outcome: str, error: str = "") -> None:
    ended = {"ended_at": clock.now(), "outcome": outcome, "error": error[-LONGEST:]}
    with aside_transaction() as session:
        session.execute(update(JobRun).where(JobRun.id == pk).values(**ended))


def tidy() -> None:
    """Ends what no worker continues, and forgets what is old."""
    now = clock.now()
    alive = select(Worker.name).where(Worker.seen_at >= now - workers.SILENT)
    # A worker tells of itself before it begins with anything, and again every few seconds.
    silent = (JobRun.outcome == "running", JobRun.started_at < now - workers.SILENT, JobRun.worker.not_in(alive))
    with write_transaction() as session:
        for lost in (update(JobRun).where(*silent).values(outcome="lost", ended_at=now),
                     delete(JobRun).where(JobRun.outcome.not_in(UNWELL), JobRun.started_at < now - KEPT),
                     delete(JobRun).where(JobRun.started_at < now - FAILED_KEPT),
                     delete(Worker).where(Worker.seen_at < now - workers.SHOWN)):  # fmt: skip
            session.execute(lost, execution_options={"synchronize_session": False})


def last_of(names: Collection[str]) -> dict[str, JobRun]:
    """The last run of each name."""
    last = select(func.max(JobRun.id)).where(JobRun.name.in_(names)).group_by(JobRun.name)
    return {run.name: run for run in db.session.scalars(select(JobRun).where(JobRun.id.in_(last)))}


def tried_since(name: str, moment: datetime) -> int:
    """How often it has failed since; -1 when it came to its end since, or is at it."""
    since = select(JobRun.outcome).where(JobRun.name == name, JobRun.started_at >= moment)
    outcomes = db.session.scalars(since).all()
    return len(outcomes) if all(outcome in UNWELL for outcome in outcomes) else -1


def running() -> Sequence[JobRun]:
    return _runs(JobRun.outcome == "running")


def failed() -> Sequence[JobRun]:
    """What failed and nobody has settled, the last first."""
    return _runs(JobRun.outcome.in_(UNWELL), ~JobRun.settled)


def failed_count() -> int:
    query = select(func.count()).where(JobRun.outcome.in_(UNWELL), ~JobRun.settled)
    return db.session.scalar(query) or 0


def failed_or_refused(pk: int) -> JobRun:
    """A run that failed and that nobody has settled. Raises ``NotVisible``, and ``Conflict`` for the slower of two."""
    run: JobRun | None = db.session.get(JobRun, pk, with_for_update=True) if 0 < pk <= LARGEST_KEY else None
    if run is None:
        raise NotVisible(_("There is nothing here, or you may not see it."))
    if run.settled or run.outcome not in UNWELL:
        raise Conflict(_("Somebody has seen to this already."))
    return run


def settle(pk: int) -> str:
    """Somebody has seen to it; it is listed no more. Its name."""
    with write_transaction():
        run = failed_or_refused(pk)
        run.settled = True
        log.record(log.present(), "job.settled", ("job", run.name, run.name), run=pk)
        return run.name


def settle_all(name: str) -> None:
    """A run by hand stands for all that failed before."""
    with write_transaction() as session:
        of_name = (JobRun.name == name, JobRun.outcome.in_(UNWELL), ~JobRun.settled)
        session.execute(update(JobRun).where(*of_name).values(settled=True))


def _runs(*conditions: Any) -> Sequence[JobRun]:
    query = select(JobRun).where(*conditions).order_by(JobRun.started_at.desc(), JobRun.id.desc())
    found: Sequence[JobRun] = db.session.scalars(query.limit(SHOWN)).all()
    return found
