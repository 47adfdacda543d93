"""Two web processes and two workers on PostgreSQL and Redis, as a deployment has them: each promise is kept by all of
them together."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.extensions import db
from app.models import Case, Event, JobRun, Link, Notice, OutgoingMail, Worker
from app.services.cases import transitions
from app.services.core import clock, history
from app.services.notices import choices
from app.services.operation import queued
from tests.api.stories.test_reply_template import BOTH, TEMPLATE
from tests.cast import Cast
from tests.conftest import SETTINGS, missing_part, settings_for
from tests.servers import Server, ending, started, wait_until
from tests.services.cases.test_transitions import REPORT, depok
from tests.services.running import CALL
from tests.test_run import wait_for

pytestmark = pytest.mark.slow
#: A database of its own: its queue is emptied.
REDIS = urlsplit(os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/9"))._replace(path="/11").geturl()
WORKER = [sys.executable, "-m", "flask", "--app", "run", "worker"]
AT_ONCE, REPORTS = 8, 40
KELUHAN, TEMPLATES = "/api/v1/keluhan/", "/api/v1/reply_template/"


@pytest.fixture
def app(pg_url: str, tmp_path: Path) -> Iterator[Flask]:
    """In this process, on what the others use."""
    try:
        redis.Redis.from_url(REDIS).flushdb()
    except redis.ConnectionError:
        missing_part("a Redis server")
    app = create_app(settings_for(tmp_path, SQLALCHEMY_DATABASE_URI=pg_url, QUEUE_URL=REDIS))
    with app.test_request_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def shared(app: Flask, tmp_path: Path) -> dict[str, str]:
    """The variables by which the processes find what they share."""
    return {
        "DATABASE_URL": str(app.config["SQLALCHEMY_DATABASE_URI"]), "QUEUE_URL": REDIS,
        "STORAGE_URL": str(app.config["STORAGE_URL"]), "SECRET_KEY": SETTINGS["SECRET_KEY"], "WEB_THREADS": "4",
    }  # fmt: skip


def at_once(gesture: Callable[[int], Any], times: int) -> list[Any]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(gesture, range(times)))


def test_every_promise_is_kept_by_two_servers_and_two_workers(
    app: Flask, shared: dict[str, str], tmp_path: Path
) -> None:
    cast = Cast(app)
    depok()
    warned = overdue(cast)
    server = Server(tmp_path, **shared)
    workers = [started(tmp_path / "workers", tmp_path, WORKER, **shared) for _n in "12"]
    with ending(server.process, *workers):
        wait_for(server.process, f"http://127.0.0.1:{server.port}")
        numbers_have_no_gap(cast, server)
        a_complaint_is_mutated_once(cast, server)
        nobody_decides_on_their_own(cast, server)
        ticks_are_done_once(warned)
        for worker in workers:
            worker.terminate()
        assert [worker.wait(60) for worker in workers] == [0, 0], (tmp_path / "workers").read_text()
    db.session.rollback()
    assert list(history.verify(db.session())) == []
    assert db.session.scalar(select(func.count(Worker.id))) == 0, "who ends takes leave"
    assert set(db.session.scalars(select(JobRun.outcome))) == {"done"}


def overdue(cast: Cast) -> int:
    """A complaint whose deadline has long run out, and somebody who wants to read of it by mail."""
    cs = cast.actor("cs")
    choices.choose(cs, dict.fromkeys(("deadline", "escalation"), choices.AT_ONCE))
    with clock.at(clock.now() - timedelta(days=60)):
        return int(transitions.create(cs, "pengaduan", CALL).id)


def numbers_have_no_gap(cast: Cast, server: Server) -> None:
    headers = cast.api("cso").headers
    answers = at_once(lambda _n: server.post(KELUHAN, REPORT, headers), REPORTS)
    assert {status for status, _said in answers} == {201}, answers
    sequence = sorted(int(said["number"][-5:]) for _status, said in answers)
    assert sequence == list(range(1, REPORTS + 1))


def a_complaint_is_mutated_once(cast: Cast, server: Server) -> None:
    headers = cast.api("unit", unit="ULP-DPK").headers
    pk = db.session.scalar(select(func.min(Case.id)).where(Case.sop == "keluhan"))
    mutate, answers = f"{KELUHAN}{pk}/actions/mutate_to_gangguan", {"mutation_reason": "urgent"}
    statuses = Counter(at_once(lambda _n: server.post(mutate, answers, headers)[0], AT_ONCE))
    assert statuses == {200: 1, 409: AT_ONCE - 1}
    db.session.rollback()
    assert db.session.scalar(select(func.count(Case.id)).where(Case.sop == "gangguan")) == 1
    assert db.session.scalar(select(func.count(Link.id))) == 1


def nobody_decides_on_their_own(cast: Cast, server: Server) -> None:
    """Who submits and approves at the same moment, by both servers: it is submitted, and nothing else."""
    headers = cast.api("both", *BOTH).headers
    status, made = server.post(TEMPLATES, TEMPLATE, headers)
    assert status == 201, made
    steps = ["submit_template", "approve_template"] * AT_ONCE
    at_once(lambda n: server.post(f"{TEMPLATES}{made['id']}/actions/{steps[n]}", {}, headers), len(steps))
    db.session.rollback()
    done = db.session.scalars(select(Event.action).where(Event.case_id == made["id"]).order_by(Event.seq)).all()
    assert done.count("submit_template") == 1
    assert "approve_template" not in done


def ticks_are_done_once(warned: int) -> None:
    """Both workers bring every tick, and somebody asks for more of them on top: one warning, to each person once."""
    for _n in range(AT_ONCE):
        queued.run_now("watch_deadlines")
    watching = select(func.count(JobRun.id)).where(JobRun.name == "watch_deadlines", JobRun.outcome == "done")
    by_itself, by_hand = watching.where(JobRun.slot.is_not(None)), watching.where(JobRun.slot.is_(None))

    def all_done() -> bool:
        db.session.rollback()
        return db.session.scalar(by_hand) == AT_ONCE and bool(db.session.scalar(by_itself))

    wait_until(all_done, "the workers do not come to an end")
    slots = Counter(db.session.execute(select(JobRun.name, JobRun.slot).where(JobRun.slot.is_not(None))).all())
    assert set(slots.values()) == {1}
    events = db.session.scalars(
        select(Event.changes).where(Event.case_id == warned, Event.action == "deadline_warning")
    ).all()
    keys = [changes["clock"][1] for changes in events]
    assert keys
    assert len(keys) == len(set(keys)), "each deadline is warned of once"
    told = Counter(db.session.execute(
        select(Notice.user_id, Notice.kind, Notice.action).where(Notice.case_id == warned, Notice.kind == "deadline")
    ).all())  # fmt: skip
    assert told
    assert set(told.values()) == {1}
    mails = Counter(db.session.execute(
        select(OutgoingMail.recipient, OutgoingMail.subject, OutgoingMail.text).where(OutgoingMail.case_id == warned)
    ).all())  # fmt: skip
    assert mails
    assert set(mails.values()) == {1}
