"""The page of background work: for admins; what failed is run again or discarded, what comes by itself is asked for."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import JobRun
from app.services.core import clock
from app.services.operation import queued, runs, workers
from tests.cast import Cast

PAGE = "/background/"


@pytest.fixture
def failed(app: Flask) -> int:
    with app.app_context():
        pk = runs.begin("make_export", "t", "w", None, [12])
        runs.end(pk, "failed", "Traceback (most recent call last):\nOSError: disk <full>")
    return pk


@pytest.mark.parametrize("role", ["supervisor", "cs", "legal"])
def test_it_is_for_admins_alone(cast: Cast, failed: int, role: str) -> None:
    client = cast.login(role)
    assert client.get(PAGE).status_code in (302, 403)
    for gesture in ("run", "again", "settle", "drop"):
        assert client.post(f"{PAGE}{gesture}", data={"run": failed, "name": "count_anew"}).status_code in (302, 403)
    with cast.app.app_context():
        assert not db.session.get(JobRun, failed).settled
        assert queued.now_queued().waiting == 0


def test_without_a_worker_it_says_so(cast: Cast) -> None:
    admin = cast.login("admin")
    assert 'role="alert"' in admin.get(PAGE).text
    with cast.app.app_context():
        workers.tell("host:1:abc")
    page = admin.get(PAGE).text
    assert 'role="alert"' not in page
    assert "host:1:abc" in page


def test_what_failed_is_run_again(cast: Cast, failed: int) -> None:
    admin = cast.login("admin")
    page = admin.get(PAGE).text
    assert "OSError: disk &lt;full&gt;" in page
    assert admin.post(f"{PAGE}again", data={"run": failed}).status_code == 302
    queue = cast.app.extensions["tuntas_queue"]
    task = queue.dequeue()
    assert (task.name, task.args) == ("make_export", (12,))
    assert "OSError" not in admin.get(PAGE).text
    assert admin.post(f"{PAGE}again", data={"run": failed}).status_code == 409
    assert admin.post(f"{PAGE}again", data={"run": 999}).status_code == 404


def test_or_discarded(cast: Cast, failed: int) -> None:
    admin = cast.login("admin")
    assert admin.post(f"{PAGE}settle", data={"run": failed}).status_code == 302
    assert "OSError" not in admin.get(PAGE).text
    assert cast.app.extensions["tuntas_queue"].pending_count() == 0


def test_what_comes_by_itself_has_its_times_and_is_asked_for(cast: Cast) -> None:
    with cast.app.app_context():
        runs.end(runs.begin("count_anew", "t", "w", clock.now(), []), "done")
        ticks = len(queued.scheduled_ticks())
    admin = cast.login("admin")
    page = admin.get(PAGE).text
    assert len(re.findall(r'name="name" value="\w+"', page)) == ticks
    assert admin.post(f"{PAGE}run", data={"name": "count_anew"}).status_code == 302
    assert admin.post(f"{PAGE}run", data={"name": "make_export"}).status_code == 404
    queue = cast.app.extensions["tuntas_queue"]
    queue.execute(queue.dequeue())
    with cast.app.app_context():
        assert db.session.scalars(select(JobRun.outcome).where(JobRun.name == "count_anew")).all() == ["done", "done"]


def test_a_queue_that_is_away_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from huey import RedisHuey

    admin = cast.login("admin")
    away = RedisHuey("tuntas", url="redis://127.0.0.1:1/0")
    away._registry = cast.app.extensions["tuntas_queue"]._registry
    monkeypatch.setitem(cast.app.extensions, "tuntas_queue", away)
    page = admin.get(PAGE)
    assert page.status_code == 200
    assert page.text.count('role="alert"') == 2
    assert admin.post(f"{PAGE}run", data={"name": "count_anew"}).status_code == 503
