"""Notices in chats: which channel gets which, in whose words, once, and nothing of its URL anywhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select, text

from app.extensions import db
from app.models import ChannelMessage, NoticeChannel
from app.services.cases import comments, transitions
from app.services.core import clock, sealed
from app.services.core.database import write_transaction
from app.services.deadlines.due_reports import due_reports
from app.services.notices import channel_queue, notify
from app.services.notices.channels import chat
from app.services.notices.recipients import Person
from app.services.notices.wording import KINDS, announcement
from app.sop import SOPS
from tests.cast import Cast
from tests.receiver import Receiver, receiving
from tests.services.notices.test_notices import FROM_CS, SOMASI, uploads

TOKEN = "xoxb-geheim-4711"


class Stage:
    def __init__(self, app: Flask, receiver: Receiver) -> None:
        self.app, self.cast, self.receiver = app, Cast(app), receiver

    def channel(self, name: str = "Obrolan", url: str = "", **more: Any) -> int:
        address = url or f"json://bot:{TOKEN}@127.0.0.1:{self.receiver.port}/{name}"
        with write_transaction() as session:
            row = NoticeChannel(
                name=name, sealed_url=sealed.seal(address), **{"roles": [], "kinds": [], "sops": []} | more
            )
            session.add(row)
            session.flush()
            return int(row.id)

    def somasi(self) -> Any:
        return transitions.create(self.cast.actor("legal"), "somasi", SOMASI, uploads("somasi"))

    def documents(self, case: Any, note: str = "") -> None:
        papers = uploads(*FROM_CS)
        answers = {"offered_compensation": "1"}
        transitions.perform(self.cast.actor("cs"), "somasi", case.id, "submit_documents", answers, papers, note=note)

    def got(self) -> list[tuple[str, str, str]]:
        """Channel, title and text of what came in since the last look."""
        channel_queue.send_due()
        found = [(got.path[1:], got.json["title"], got.json["message"]) for got in self.receiver.got]
        self.receiver.got.clear()
        return found


@pytest.fixture
def stage(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setitem(any_app.config, "WEBHOOK_ALLOW_PRIVATE", [ip_network("127.0.0.1/32")])
    with receiving() as receiver, any_app.test_request_context():
        made = Stage(any_app, receiver)
        for name in ("legal", "cs", "legal_litigasi_1", "supervisor", "admin"):
            made.cast.user(name)
        made.cast.user("cs_dua", "cs")
        yield made


def test_a_channel_gets_once_what_several_people_are_told_and_no_name(stage: Stage) -> None:
    stage.channel()
    case = stage.somasi()
    label = SOPS["somasi"].state_by_key["awaiting_cs_documents"].label
    with force_locale("id"):
        state, sop = str(label), str(SOPS["somasi"].label)
    [(_channel, title, said)] = stage.got()
    assert title == f"{sop} {case.number}"
    assert case.number in said
    assert state in said, "in the language of the deployment"
    for name in (SOMASI["customer_name"], SOMASI["sender"], "Legal Uji", "Cs Uji"):
        assert str(name) not in title + said
    assert stage.got() == []


def test_by_role_kind_and_sop(stage: Stage) -> None:
    for name, chosen in {
        "cs": {"roles": ["CS"]}, "legal": {"roles": ["Legal Litigasi 1", "Legal"]}, "turns": {"kinds": ["my_turn"]},
        "revisions": {"kinds": ["revision"]}, "keluhan": {"sops": ["keluhan"]}, "somasi": {"sops": ["somasi"]},
        "off": {"active": False},
    }.items():  # fmt: skip
        stage.channel(name, **chosen)
    case = stage.somasi()
    assert {channel for channel, *_more in stage.got()} == {"cs", "turns", "somasi"}
    stage.documents(case)
    assert {channel for channel, *_more in stage.got()} == {"legal", "turns", "somasi"}
    answers = {"requested": ["bukti_pod"]}
    transitions.perform(
        stage.cast.actor("legal_litigasi_1"), "somasi", case.id, "request_revision", answers, note="Kurang jelas"
    )
    got = stage.got()
    assert {channel for channel, *_more in got} == {"cs", "revisions", "turns", "somasi"}
    assert not any("Kurang jelas" in said for _channel, _title, said in got)


def test_the_address_of_the_case_goes_with_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(stage.app.config, "PUBLIC_URL", "https://tuntas.example.id")
    stage.channel()
    case = stage.somasi()
    [(_channel, _title, said)] = stage.got()
    link = said.splitlines()[-1]
    assert link.startswith("https://tuntas.example.id/")
    browser = stage.cast.login("legal")
    assert case.number in browser.get(link.removeprefix("https://tuntas.example.id")).text


def test_where_only_some_may_read_no_channel_learns_of_a_mention(stage: Stage) -> None:
    stage.channel(kinds=["mention"])
    case, legal = stage.somasi(), stage.cast.actor("legal")
    comments.write(legal, "somasi", case.id, "@legal_litigasi_1 rahasia", readers=["Legal Litigasi 1"])
    assert stage.got() == []
    comments.write(legal, "somasi", case.id, "@legal_litigasi_1 untuk semua")
    [(_channel, _title, said)] = stage.got()
    assert case.number in said
    assert "legal_litigasi_1" not in said


def test_a_due_report_and_a_webhook_that_was_switched_off_have_no_case(stage: Stage) -> None:
    stage.channel(roles=["Admin"])
    period = due_reports()[0].next_due()
    with write_transaction() as session:
        admin = stage.cast.actor("admin")
        notify.report_due(session, [Person(admin.id or 0, "admin", "", True)], period, 80)
        notify.webhook_off(session, "CRM")
    first, second = stage.got()
    assert first[2] == str(period.notice)
    assert "CRM" in second[2]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_sentence(app: Flask, kind: str) -> None:
    """With a step, a deadline, a comment or nothing behind it, and nobody in it."""
    without_case = kind in ("report_due", "webhook_off", "privacy_due")
    with app.test_request_context():
        action = {
            "my_turn": "reported", "deadline": "state:reported@80", "escalation": "state:reported", "handed_over": "",
            "void_asked": "", "report_due": f"{due_reports()[0].next_due().key}@80", "webhook_off": "CRM",
            "privacy_due": "PDP-2026-00001@80",
        }.get(kind, "start")  # fmt: skip
        title, said = announcement(None if without_case else SOPS["keluhan"], "K54", kind, action, "")
    assert without_case or ("K54" in said and "K54" in title)
    assert "  " not in said
    assert not said.startswith(" ")


def test_what_fails_is_tried_again_and_its_reason_betrays_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    pk = stage.channel()
    stage.receiver.answers = [500]
    stage.somasi()
    with caplog.at_level(logging.DEBUG):
        assert channel_queue.send_due() == 1
    [row] = channel_queue.messages(pk)
    assert (row.state, row.attempts, row.lease) == ("waiting", 1, "")
    assert row.error
    assert TOKEN not in row.error + caplog.text
    assert channel_queue.stuck_counts() == {pk: 1}
    assert channel_queue.send_due() == 0
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert channel_queue.send_due() == 1
    db.session.rollback()
    assert channel_queue.messages(pk)[0].state == "sent"
    assert channel_queue.stuck_counts() == {}
    assert TOKEN not in str(db.session.execute(text("SELECT * FROM notice_channels")).all())


def test_given_up_after_a_day_and_sent_again_when_an_admin_wants(stage: Stage) -> None:
    pk = stage.channel()
    stage.receiver.answers = [500] * (len(channel_queue.PAUSES) + 1)
    stage.somasi()
    channel_queue.send_due()
    for hours in (1, 3, 8, 20, 40, 60, 80):
        db.session.rollback()
        with clock.at(clock.now() + timedelta(hours=hours)):
            channel_queue.send_due()
    db.session.rollback()
    assert [row.state for row in channel_queue.messages(pk)] == ["failed"]
    assert channel_queue.send_again(pk) == 1
    assert len(stage.got()) == 1 + len(channel_queue.PAUSES) + 1
    assert channel_queue.send_again(pk) == 0


def test_a_private_address_needs_the_setting(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(stage.app.config, "WEBHOOK_ALLOW_PRIVATE", [])
    pk = stage.channel()
    assert channel_queue.test(pk).result == "later"
    assert stage.receiver.got == []
    assert "WEBHOOK_ALLOW_PRIVATE" in channel_queue.messages(pk)[0].error


def test_a_test_goes_out_at_once(stage: Stage) -> None:
    pk = stage.channel(active=False)
    assert channel_queue.test(pk).result == "sent"
    [got] = stage.receiver.got
    assert "Tuntas" in got.json["title"]


def test_a_url_sealed_under_another_key_is_refused_for_good(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    pk = stage.channel()
    monkeypatch.setitem(stage.app.config, "SECRET_KEY", "another key of the same deployment")
    stage.somasi()
    channel_queue.send_due()
    [row] = channel_queue.messages(pk)
    assert (row.state, "SECRET_KEY" in row.error) == ("failed", True)


def test_only_services_elsewhere(app: Flask) -> None:
    assert chat.service_of("tgram://123456789:abcdefghijklmnopqrstuvwxyz_ABCDEFGH/-100123") == "Telegram"
    for wrong in ("syslog://", "SYSLOG://x", "dbus://", "nonsense", "", "https//x", "file:///etc/passwd"):
        assert chat.service_of(wrong) is None, wrong


def test_old_messages_are_forgotten(stage: Stage) -> None:
    stage.channel()
    stage.somasi()
    stage.got()
    with clock.at(clock.now() + channel_queue.KEPT + timedelta(days=1)):
        channel_queue.forget_old()
    assert db.session.scalars(select(ChannelMessage)).all() == []
