"""Whoever can write to the queue runs no code by it."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from flask import Flask
from huey.registry import Message

from app import jobs
from app.extensions import db
from app.models import JobRun
from app.services.operation import queued
from tests.conftest import missing_part
from tests.jobs.test_several import REDIS as THEIRS
from tests.servers import wait_until

REDIS = urlsplit(THEIRS)._replace(path="/12").geturl()


class Code:
    """Runs where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


@pytest.fixture(params=["sqlite", "redis"])
def app(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Flask:
    if request.param == "sqlite":
        return make_app()
    try:
        redis.Redis.from_url(REDIS).flushdb()
    except redis.ConnectionError:
        missing_part("a Redis server")
    return make_app(QUEUE_URL=REDIS)


def forged(mark: Path, app: Flask) -> list[bytes]:
    """A bare pickle; one with the signature of another; the task of somebody who knows all but the key."""
    queue = app.extensions["tuntas_queue"]
    code = pickle.dumps(Code(mark))
    message = pickle.dumps(Message("forged", "make_export", args=(Code(mark),)))
    signed = queue.serializer.serialize("something else")
    return [code, message, code + b":" + signed.rpartition(b":")[2], code + b":" + b"0" * 64, b"", b":", b"\x80"]


def test_a_forged_message_is_refused_and_told_and_the_queue_goes_on(
    app: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mark, queue = tmp_path / "ran", app.extensions["tuntas_queue"]
    refused = forged(mark, app)
    for message in refused:
        queue.storage.enqueue(message)
    with app.app_context():
        queued._put("send_out", [])
        found = queued.now_queued()
        assert found is not None
        assert [one.name for one in found.listed] == ["send_out"], "the page lists what is ours"
    with caplog.at_level(logging.ERROR):
        worker = jobs.EmbeddedWorker(app)
        try:
            wait_until(lambda: done(app), "the queue did not go on")
        finally:
            worker.stop()
    assert not mark.exists()
    told = [line for line in caplog.messages if "Error reading from queue" in line]
    assert len(told) == len(refused)


def done(app: Flask) -> bool:
    with app.app_context():
        try:
            return any(run.name == "send_out" and run.outcome == "done" for run in db.session.query(JobRun))
        finally:
            db.session.remove()


def test_what_another_key_has_signed_is_refused(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    ours, others = make_app(), make_app(SECRET_KEY="of somebody else, who read our code")
    message = others.extensions["tuntas_queue"].serializer.serialize(Code(tmp_path / "ran"))
    with pytest.raises(ValueError, match="mismatch"):
        ours.extensions["tuntas_queue"].serializer.deserialize(message)
    assert not (tmp_path / "ran").exists()
