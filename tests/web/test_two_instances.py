"""Two instances beside each other, on one PostgreSQL and one Redis: what one knows the other knows."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
import redis
from flask import Flask

from tests.cast import Cast
from tests.conftest import missing_part
from tests.web.test_health import REDIS

ATTEMPTS = 4


@pytest.fixture
def two(make_app: Callable[..., Flask], pg_url: str) -> tuple[Flask, Flask]:
    """They share a secret key (``tests.conftest.SETTINGS``) and no folder."""
    try:
        server = redis.Redis.from_url(REDIS)
        server.ping()
    except redis.ConnectionError:
        missing_part("a Redis server")
    shared = {
        "SQLALCHEMY_DATABASE_URI": pg_url, "QUEUE_URL": REDIS, "RATELIMIT_ENABLED": True,
        "RATELIMIT_STORAGE_URI": REDIS, "RATELIMIT_KEY_PREFIX": uuid.uuid4().hex,
        "AUTH_RATE_LIMIT": f"{ATTEMPTS} per hour",
    }  # fmt: skip
    return make_app(**shared), make_app(**shared)


def test_they_share_sessions_and_limits(two: tuple[Flask, Flask]) -> None:
    here, there = two
    browser, elsewhere = Cast(here).login("cs"), there.test_client()
    session = browser.get_cookie("tuntas")
    assert session is not None
    elsewhere.set_cookie("tuntas", session.value)
    assert elsewhere.get("/").status_code == 200, "signed in on one is signed in on the other"
    token = Cast(there).api("cs")
    assert here.test_client().get("/api/v1/worklist", headers=token.headers).status_code == 200
    browser.post("/logout/", data={"scope": "all"})
    assert elsewhere.get("/").status_code == 302, "signed out on one is signed out on the other"
    assert here.test_client().get("/api/v1/worklist", headers=token.headers).status_code == 401

    wrong = {"username": "cs", "password": "wrong"}
    answers = [app.test_client().post("/login/", data=wrong).status_code for app in (here, there) * ATTEMPTS]
    assert 429 in answers[: ATTEMPTS + 1], answers
    assert set(answers[ATTEMPTS:]) == {429}, "whoever is asked"
