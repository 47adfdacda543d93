"""The daily digest: what somebody has not read by the morning of a working day, in one mail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.extensions import db
from app.models import CalendarDay, OutgoingMail, Unit, User
from app.services.core import clock
from app.services.core.access import user_named
from app.services.core.errors import Malformed
from app.services.notices import choices, digest, inbox, outbox
from tests.services.notices.test_notices import CS_2, LITIGATION, Stage

#: 10.30 in Jakarta.
WEDNESDAY = datetime(2026, 11, 18, 3, 30, tzinfo=UTC)


def morning(day: int, hour: int = 0, minute: int = 1) -> Any:
    """Shortly after 7 in Jakarta on a day of November 2026 (in UTC that is midnight)."""
    return clock.at(datetime(2026, 11, day, hour, minute, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _wednesday() -> Iterator[None]:
    """Whatever day the tests are run on, here it is one whose week is known."""
    with time_machine.travel(WEDNESDAY, tick=True):
        yield


@pytest.fixture
def stage(app: Flask) -> Iterator[Stage]:
    made = Stage(app)
    for name in ("legal", "cs", LITIGATION, "supervisor"):
        made.cast.user(name)
    made.cast.user(CS_2, "cs")
    with app.test_request_context():
        yield made


def mails() -> list[OutgoingMail]:
    db.session.rollback()
    return list(db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))


def test_what_is_unread_in_the_morning_comes_in_one_mail_by_case(stage: Stage) -> None:
    cs = stage.actor("cs")
    choices.choose(cs, {"my_turn": "digest", "mention": "at_once"})
    first, second = stage.somasi(), stage.somasi()
    read = stage.somasi()
    inbox.mark_case_read(cs, read.id)
    assert [mails(), digest.send()] == [[], 0], "it was after 7 already when they chose"
    with morning(18, 23, 59):
        assert digest.send() == 0, "6.59"
    with morning(19):
        assert [digest.send(), digest.send()] == [1, 0]
    [mail] = mails()
    assert (mail.recipient, mail.internal, mail.state) == ("cs@example.test", True, "queued")
    assert mail.subject == "Ringkasan: 2 pemberitahuan"
    assert mail.text.index(first.number) < mail.text.index(second.number)
    assert read.number not in mail.text
    assert mail.text.count("•") == 2
    assert "Menunggu dokumen CS" in mail.text
    for secret in ("Budi", "Wijaya", "Legal Uji"):
        assert secret not in mail.text
    with morning(20):
        assert digest.send() == 0, "nothing new"
        assert len(mails()) == 1


def test_days_off_wait_for_the_next_working_day(stage: Stage) -> None:
    choices.choose(stage.actor("cs"), {"my_turn": "digest"})
    with clock.at(datetime(2026, 11, 20, 9, tzinfo=UTC)):
        number = stage.somasi().number
    db.session.add(CalendarDay(day=datetime(2026, 11, 23).date(), working=False, name="Cuti"))
    db.session.commit()
    for day in (21, 22, 23):
        with morning(day):
            assert digest.send() == 0, day
    with morning(24, hour=6):
        assert digest.send() == 1, "a worker that was down at 7 does it later"
    [mail] = mails()
    assert number in mail.text


def test_only_what_they_may_still_see_and_only_for_the_active(stage: Stage) -> None:
    for name in ("cs", CS_2):
        choices.choose(stage.actor(name), {"my_turn": "digest"})
    stage.somasi()
    user_named("cs").roles = [stage.app.appbuilder.sm.find_role("CSO")]
    user_named(CS_2).active = False
    db.session.commit()
    with morning(19):
        assert digest.send() == 0
    assert mails() == []


def test_it_is_seven_where_they_work_and_in_their_language(stage: Stage) -> None:
    stage.cast.user("cs", unit="ULP-JAP")
    db.session.execute(update(Unit).values(zone="Asia/Jayapura"))
    db.session.commit()
    for name, language in (("cs", "en"), (CS_2, "")):
        choices.choose(stage.actor(name), {"my_turn": "digest"}, language)
    stage.somasi()
    with morning(18, 22, 1):
        assert digest.send() == 1, "7.01 in Jayapura"
    [mail] = mails()
    assert (mail.subject, mail.language) == ("Digest: 1 notice", "en")
    assert "Your turn" in mail.text


def test_several_workers_write_one(any_app: Flask) -> None:
    stage = Stage(any_app)
    stage.cast.user("legal")
    with any_app.test_request_context():
        choices.choose(stage.actor("cs"), {"my_turn": "digest"})
        stage.somasi()
    written: list[int] = []

    def work() -> None:
        with any_app.app_context(), morning(19):
            written.append(digest.send())

    threads = [threading.Thread(target=work) for _worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [0, 0, 0, 1]
    with any_app.app_context():
        assert len(mails()) == 1


def test_a_long_one_says_how_much_more_there_is(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "MOST", 1)
    choices.choose(stage.actor("cs"), {"my_turn": "digest"})
    stage.somasi()
    stage.somasi()
    with morning(19):
        digest.send()
    [mail] = mails()
    assert "1 yang pertama dari 2" in mail.text


def test_what_can_not_be_chosen(stage: Stage) -> None:
    cs = stage.actor("cs")
    for ways, language in (({"my_turn": "weekly"}, ""), ({"gossip": "digest"}, ""), ({}, "jv")):
        with pytest.raises(Malformed):
            choices.choose(cs, ways, language)
    choices.choose(cs, {"my_turn": "digest"}, "en")
    since = db.session.scalar(select(User.digested_at).where(User.id == cs.id))
    choices.choose(cs, {"my_turn": "digest", "mention": "digest"})
    assert choices.choices(cs) == {"my_turn": "digest", "mention": "digest"}
    assert choices.language(cs) == "en"
    assert db.session.scalar(select(User.digested_at).where(User.id == cs.id)) == since, "the digest goes on"
    stage.somasi()
    assert mails() == []
    choices.choose(cs, {"my_turn": "at_once"})
    stage.somasi()
    [mail] = mails()
    assert (mail.language, "Your turn" in mail.text) == ("en", True)


def test_notices_leave_the_outbox_after_half_a_year(stage: Stage) -> None:
    with clock.at(WEDNESDAY - timedelta(days=200)):
        for internal, state in ((True, "sent"), (True, "queued"), (False, "sent")):
            outbox.write(db.session(), "a@b.example", "x", "y", internal=internal).state = state
        db.session.commit()
    assert outbox.forget_old() == 1
    assert [(mail.internal, mail.state) for mail in mails()] == [(True, "queued"), (False, "sent")]
