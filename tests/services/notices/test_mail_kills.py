"""No mail is lost and none goes out twice, whatever happens to the workers: two at once, and killed at every point. One
window is open, which SMTP leaves: killed after the server has accepted a mail and before that is written down."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import OutgoingMail
from app.services.core.database import write_transaction
from app.services.notices import outbox, postman
from tests import databases
from tests.conftest import settings_for
from tests.services.notices.post_office import SENDER, PostOffice, post_office
from tests.services.notices.workers import Workers, workers

pytestmark = pytest.mark.slow

MAILS = 40
#: Kills at each point of the conversation, and at any moment.
AT_EACH_POINT, AT_ANY_MOMENT = 4, 12
POINTS = ("connected", "MAIL", "RCPT", "DATA", "accepted")


class Stage:
    """Mails that wait, a server, and processes that send them."""

    def __init__(self, app: Flask, office: PostOffice, running: Workers) -> None:
        self.app, self.office, self.workers = app, office, running
        self.write()

    def write(self) -> None:
        with self.app.app_context(), write_transaction() as session:
            for number in range(MAILS):
                outbox.write(session, f"orang{number}@example.test", "Kabar", "Halo")

    def rows(self) -> list[OutgoingMail]:
        with self.app.app_context():
            found = list(db.session.scalars(select(OutgoingMail)))
            db.session.expunge_all()
            return found

    def accepted(self) -> Counter[str]:
        return Counter(str(mail["Message-ID"]) for mail in self.office.mails)


@pytest.fixture(params=databases.BOTH)
def stage(request: pytest.FixtureRequest, make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[Stage]:
    with post_office() as office:
        address: dict[str, Any] = {}
        if request.param != databases.CHOSEN:
            address["SQLALCHEMY_DATABASE_URI"] = request.getfixturevalue("pg_url")
        app = make_app(**office.settings(), **address)
        database = {"SQLALCHEMY_DATABASE_URI": app.config["SQLALCHEMY_DATABASE_URI"]}
        same = settings_for(Path(app.config["INSTANCE_PATH"]), **database)
        given = {"SMTP_URL": f"smtp://127.0.0.1:{office.port}", "MAIL_FROM": SENDER, "INSTANCE_PATH": str(tmp_path)}
        with workers(same, given) as running:
            yield Stage(app, office, running)


def test_no_mail_is_lost_or_doubled_whoever_is_killed_or_works_beside(stage: Stage) -> None:
    chance, ahead = random.Random(7), count(0, int(postman.LEASE_TIME.total_seconds()) + 3600)
    victim: list[int] = []
    in_the_window: set[str] = set()

    def kill(what: Any = None) -> None:
        if victim:
            os.kill(victim.pop(), signal.SIGKILL)

    def accepted(mail: Any) -> None:
        if victim:
            in_the_window.add(str(mail["Message-ID"]))
        kill()

    for point in POINTS * AT_EACH_POINT:
        stage.office.answers = {point: kill} if point in ("MAIL", "RCPT", "DATA") else {}
        stage.office.seen = accepted if point == "accepted" else (lambda mail: None)
        stage.office.greeted = kill if point == "connected" else (lambda: None)
        victim[:] = [stage.workers.start(next(ahead))]
        stage.workers.wait()
        assert not victim, f"nobody was killed at {point}"
    stage.office.answers, stage.office.seen, stage.office.greeted = {}, (lambda mail: None), (lambda: None)
    before = len(stage.office.accepted)
    for _time in range(AT_ANY_MOMENT):
        pid = stage.workers.start(next(ahead))
        timer = threading.Timer(chance.uniform(0, 0.06), os.kill, (pid, signal.SIGKILL))
        timer.start()
        timer.join()
        stage.workers.wait()
    stage.workers.start(next(ahead))
    stage.workers.wait()

    rows, arrived = stage.rows(), stage.accepted()
    assert {row.state for row in rows} == {"sent"}
    assert set(arrived) == {row.message_id for row in rows}, "none is lost"
    doubled = {pk for pk, times in arrived.items() if times > 1}
    of_known_kills = Counter(str(mail["Message-ID"]) for mail in stage.office.mails[:before])
    assert {pk for pk, times in of_known_kills.items() if times > 1} <= in_the_window
    assert len(doubled - in_the_window) <= AT_ANY_MOMENT
    assert in_the_window <= doubled, "the window is there, and its mails bear the same Message-ID"

    arrived.clear()
    stage.office.accepted.clear()
    stage.write()
    together = next(ahead)
    for _worker in range(3):
        stage.workers.start(together)
    stage.workers.wait()
    new = {row.message_id for row in stage.rows()} - {row.message_id for row in rows}
    assert len(new) == MAILS
    assert stage.accepted() == Counter(new), "several at once never send the same"
