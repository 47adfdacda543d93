"""Two workers at once, one of which is killed while it sends: nothing is lost, and nothing goes twice but what was
under way in that moment. Real processes, on both databases."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.extensions import db
from app.models import ChannelMessage, NoticeChannel, WebhookDelivery, WebhookEndpoint
from app.services.core import clock, delivery, sealed
from app.services.core.database import write_transaction
from app.services.notices import channel_queue
from app.services.webhooks import sending
from app.services.webhooks.outbox import TEST, written
from tests.receiver import Receiver, receiving
from tests.services.core.test_many_at_once import settings_of
from tests.services.webhooks.test_sending import LOCAL, SECRET

pytestmark = pytest.mark.slow
EACH = 25
WORKERS = 2
SPAWN = multiprocessing.get_context("spawn")


def work(settings: dict[str, Any], at_once: Any) -> None:
    """What a worker's tick does, in a process of its own."""
    app = create_app(settings)
    with app.app_context():
        at_once.wait(60)
        for _round in range(3):  # SQLite's lock may be somebody else's for a moment
            sending.send_due()
            channel_queue.send_due()


def workers(app: Flask, at_once: Any) -> list[Any]:
    settings = settings_of(app) | {"WEBHOOK_ALLOW_PRIVATE": LOCAL}
    started = [SPAWN.Process(target=work, args=(settings, at_once)) for _n in range(WORKERS)]
    for process in started:
        process.start()
    return started


def queue(receiver: Receiver) -> None:
    with write_transaction() as session:
        endpoint = WebhookEndpoint(
            name="CRM", url=receiver.url, sealed_secret=sealed.seal(SECRET), sops=[], events=[], active=True
        )  # fmt: skip
        channel = NoticeChannel(
            name="Chat", sealed_url=sealed.seal(f"json://127.0.0.1:{receiver.port}/chat"), active=True
        )
        session.add_all([endpoint, channel])
        session.flush()
        session.add_all(written(endpoint.id, TEST, "{}") for _n in range(EACH))
        session.add_all(
            ChannelMessage(channel_id=channel.id, title=f"K{n}", text="x", next_at=clock.now()) for n in range(EACH)
        )


def test_two_workers_of_which_one_is_killed_lose_nothing_and_send_nothing_twice(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setitem(any_app.config, "WEBHOOK_ALLOW_PRIVATE", LOCAL)
    with receiving() as receiver, any_app.app_context():
        queue(receiver)
        db.session.remove()
        at_once = SPAWN.Barrier(WORKERS)
        processes = workers(any_app, at_once)
        calls, held = threading.Lock(), Counter[str]()

        def kill_one() -> None:
            with calls:
                held["calls"] += 1
                if held["calls"] == EACH:
                    os.kill(processes[0].pid, signal.SIGKILL)
                    processes[0].join(30)

        receiver.meanwhile = kill_one
        for process in processes:
            process.join(120)
        assert [process.exitcode for process in processes] == [-signal.SIGKILL, 0]
        with clock.at(clock.now() + delivery.LEASE + timedelta(seconds=1)):
            sending.send_due()
            channel_queue.send_due()
        for model in (WebhookDelivery, ChannelMessage):
            left = [(row.id, row.attempts, row.error) for row in db.session.query(model) if row.state != "sent"]
            assert left == []
        arrived = Counter(got.headers.get("webhook-id") or got.json["title"] for got in receiver.got)
        assert len(arrived) == 2 * EACH
        assert sum(arrived.values()) <= 2 * EACH + 1, "but for the one that was under way"
