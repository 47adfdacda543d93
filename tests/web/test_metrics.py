"""``/metrics``: for who is named alone; what was answered, and how much of everything there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from app.extensions import db
from app.models import Clock
from app.services.cases import transitions
from app.services.core import clock
from app.services.notices import outbox
from app.services.operation import figures
from tests.cast import Cast
from tests.services.cases.test_transitions import REPORT, depok
from tests.services.running import CALL

BEARER = {"Authorization": "Bearer a token"}


def numbers(text: str) -> dict[str, float]:
    pairs = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(number) for name, _space, number in pairs}


def test_without_a_name_nobody_finds_it(any_app: Flask) -> None:
    assert any_app.test_client().get("/metrics", headers=BEARER).status_code == 404


def test_how_much_of_everything_there_is(any_app: Flask) -> None:
    any_app.config["METRICS_TOKEN"] = "a token"
    any_app.extensions.pop("tuntas_figures", None)
    with any_app.test_request_context():
        depok()
        cast = Cast(any_app)
        for _n in range(3):
            transitions.create(cast.actor("cso"), "keluhan", REPORT)
        transitions.create(cast.actor("cs"), "pengaduan", CALL)
        outbox.write(db.session(), "somebody@example.test", "Subject", "Text")
        db.session.execute(update(Clock).where(Clock.sop == "pengaduan").values(due_at=clock.now()))
        db.session.commit()
    any_app.extensions["tuntas_end_sessions"](1)
    client = any_app.test_client()
    assert client.get("/metrics", headers={"Authorization": "Bearer a tokem"}).status_code == 404
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    told = numbers(answer.text)
    assert told['tuntas_cases{sop="keluhan",state="reported"}'] == 3
    assert told['tuntas_clocks{level="late",sop="pengaduan"}'] >= 1
    assert told['tuntas_queue{state="waiting"}'] == 1
    assert told["tuntas_workers"] == 0
    assert told['tuntas_mails{state="queued"}'] >= 1
    # Names of people are no labels.
    assert "Sri" not in answer.text


def test_requests_are_counted_by_route(cast: Cast) -> None:
    cast.app.config["METRICS_TOKEN"] = "a token"
    client = cast.app.test_client()

    def counted() -> dict[str, float]:
        return numbers(client.get("/metrics", headers=BEARER, buffered=True).text)

    name = 'tuntas_requests_total{method="GET",route="/login/",status="200"}'
    before = counted().get(name, 0)
    for query in ("", "?a=1", "?b=2"):
        client.get(f"/login/{query}", buffered=True)
    client.open("/login/", method="BREW", buffered=True)
    told = counted()
    assert told[name] == before + 3
    assert any('method="other"' in one for one in told)
    assert told['tuntas_request_seconds_bucket{le="+Inf",method="GET",route="/login/"}'] >= 3


def test_who_asks_often_asks_the_database_seldom(app: Flask) -> None:
    app.extensions.pop("tuntas_figures", None)
    with app.app_context():
        asked: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        first = figures.current()
        once = len(asked)
        assert once > 0
        assert figures.current() == first
        assert len(asked) == once


@pytest.mark.parametrize("address", ["10.1.2.3", "::1"])
def test_a_network_may_be_named(make_app: Callable[..., Flask], address: str) -> None:
    from config import from_environment

    app = make_app(METRICS_FROM=from_environment({"METRICS_FROM": "10.0.0.0/8, ::1"})["METRICS_FROM"])
    asks: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": address}}
    assert app.test_client().get("/metrics", **asks).status_code == 200
    assert app.test_client().get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 404
