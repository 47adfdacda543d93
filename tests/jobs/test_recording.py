"""Every run is written down, a tick is done once in its minute, and what was missed is made up for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from huey import Huey
from huey.api import Task
from sqlalchemy import select, update

from app.extensions import db
from app.models import JobRun, Worker
from app.services.core import clock
from app.services.operation import queued, runs, workers


def task_of(app: Flask, name: str, *arguments: Any, **more: Any) -> Task:
    queue: Huey = app.extensions["tuntas_queue"]
    return next(made for made in queue._registry._registry.values() if made.__name__ == name)(arguments, **more)


def written(app: Flask, name: str) -> list[JobRun]:
    with app.app_context():
        return list(db.session.scalars(select(JobRun).where(JobRun.name == name).order_by(JobRun.id)))


@pytest.fixture
def broken(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application whose storage is away, so that sweeping fails."""
    any_app.extensions.pop("tuntas_store", None)
    monkeypatch.setitem(any_app.config, "STORAGE_URL", "file:///dev/null/nowhere")
    return any_app


def test_a_tick_of_two_workers_is_done_once(any_app: Flask) -> None:
    queue = any_app.extensions["tuntas_queue"]
    for _worker in range(2):
        queue.execute(task_of(any_app, "forget_presences"))
    [run] = written(any_app, "forget_presences")
    assert (run.outcome, run.error) == ("done", "")
    assert run.ended_at is not None
    assert run.ended_at >= run.started_at
    with any_app.app_context():
        queued.run_now("forget_presences")
    queue.execute(queue.dequeue())
    assert [run.slot is None for run in written(any_app, "forget_presences")] == [False, True]


def test_what_fails_is_told_with_its_reason_and_run_again(broken: Flask) -> None:
    queue = broken.extensions["tuntas_queue"]
    queue.execute(task_of(broken, "sweep_orphans"))
    [run] = written(broken, "sweep_orphans")
    assert run.outcome == "failed"
    assert run.error.startswith("Traceback")
    with broken.test_request_context():
        assert [one.id for one in runs.failed()] == [run.id]
        assert queued.run_again(run.id) == "sweep_orphans"
        assert runs.failed() == []
        with pytest.raises(Exception, match=r"already|sudah"):
            queued.run_again(run.id)
    assert queue.pending_count() == 1


def test_a_task_that_is_tried_again_by_itself_is_no_failure_yet(any_app: Flask) -> None:
    queue = any_app.extensions["tuntas_queue"]
    task = task_of(any_app, "end_sessions", "no number", retries=2, retry_delay=60)
    queue.execute(task)
    [run] = written(any_app, "end_sessions")
    assert run.outcome == "retrying"
    assert run.arguments is None, "what is no number is not kept"
    with any_app.app_context():
        [waiting] = queued.now_queued().listed
        assert (waiting.name, waiting.task) == ("end_sessions", task.id)
        queued.drop(task.id)
        assert queued.now_queued().listed == []


def test_who_is_killed_is_away_and_what_it_did_is_lost(any_app: Flask) -> None:
    with any_app.app_context():
        workers.tell("gone")
        workers.tell("here")
        pk = runs.begin("count_anew", "t", "gone", clock.now(), [])
        other = runs.begin("sweep_exports", "t", "here", clock.now(), [])
        long_ago = clock.now() - 2 * workers.SILENT
        db.session.execute(update(Worker).where(Worker.name == "gone").values(seen_at=long_ago))
        db.session.execute(update(JobRun).values(started_at=long_ago))
        db.session.commit()
        runs.tidy()
        outcomes = dict(db.session.execute(select(JobRun.id, JobRun.outcome)).all())
        assert outcomes == {pk: "lost", other: "running"}
        assert [workers.is_alive(one) for one in workers.known()] == [True, False]


def test_what_nobody_did_in_time_is_made_up_for_three_times_at_most(any_app: Flask) -> None:
    with any_app.app_context():
        names = {tick.name for tick in queued.scheduled_ticks()}
        for tick in queued.scheduled_ticks():
            due = tick.last_before(clock.now() - queued.LATE)
            if tick.name != "recount_deadlines":
                runs.end(runs.begin(tick.name, "t", "w", due, []), "done")
        assert "recount_deadlines" in names
        for _time in range(queued.TRIES):
            assert queued.catch_up() == ["recount_deadlines"]
            runs.end(runs.begin("recount_deadlines", "t", "w", None, []), "failed", "Error")
            db.session.rollback()
        assert queued.catch_up() == []


def test_old_runs_are_forgotten_failed_ones_later(any_app: Flask) -> None:
    with any_app.app_context():
        for age, outcome in ((8, "done"), (8, "failed"), (91, "failed"), (1, "done")):
            pk = runs.begin("count_anew", "t", "w", None, [])
            runs.end(pk, outcome)
            db.session.execute(
                update(JobRun).where(JobRun.id == pk).values(started_at=clock.now() - timedelta(days=age))
            )
            db.session.commit()
        runs.tidy()
        left = db.session.scalars(select(JobRun).order_by(JobRun.id)).all()
        assert [((clock.now() - run.started_at).days, run.outcome) for run in left] == [(8, "failed"), (1, "done")]


def test_when_a_tick_comes_next(any_app: Flask) -> None:
    with any_app.app_context():
        at = clock.now().replace(hour=10, minute=30, second=20)
        nexts = {tick.name: tick.next_after(at) for tick in queued.scheduled_ticks()}
        told = {name: moment.astimezone(at.tzinfo).strftime("%d %H.%M") for name, moment in nexts.items() if moment}
    day, tomorrow = at.strftime("%d"), (at + timedelta(days=1)).strftime("%d")
    assert told["watch_deadlines"] == f"{day} 10.31"
    assert told["sweep_exports"] == f"{day} 10.47"
    assert told["recount_deadlines"] == f"{tomorrow} 00.06"
