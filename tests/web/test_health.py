"""``/health`` answers 200 while database, storage and queue work, on the embedded parts and on Redis."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from flask import Flask

from tests.conftest import missing_part

REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/9")


def test_all_is_well(any_app: Flask) -> None:
    answer = any_app.test_client().get("/health")
    assert (answer.status_code, answer.json) == (200, {"database": True, "storage": True, "queue": True})


def test_the_queue_may_be_redis(make_app: Callable[..., Flask]) -> None:
    try:
        redis.Redis.from_url(REDIS).ping()
    except redis.ConnectionError:
        missing_part("a Redis server")
    assert make_app(QUEUE_URL=REDIS).test_client().get("/health").status_code == 200


@pytest.mark.parametrize(
    ("setting", "broken", "part"),
    [
        ("STORAGE_URL", "file:///dev/null/nowhere", "storage"),
        ("QUEUE_URL", "redis://127.0.0.1:1/0", "queue"),
        ("SQLALCHEMY_DATABASE_URI", "sqlite:////dev/null/nowhere.sqlite3", "database"),
    ],
)
def test_what_does_not_work_is_named(
    make_app: Callable[..., Flask], setting: str, broken: str, part: str, tmp_path: Path
) -> None:
    answer = make_app(**{setting: broken}).test_client().get("/health")
    assert answer.status_code == 503
    assert [name for name, works in answer.json.items() if not works] == [part]
