"""Events reach the endpoints that want them: signed, once, again after a failure, never for what was rolled back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from standardwebhooks import WebhookVerificationError

from app.extensions import db
from app.models import Notice, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from app.services.cases import comments, transitions
from app.services.core import clock, sealed
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, NotVisible, Refused
from app.services.notices import inbox
from app.services.webhooks import calling, endpoints, sending
from tests.cast import Cast
from tests.receiver import Receiver, receiving
from tests.services.cases.test_transitions import REPORT, depok

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LOCAL = [ip_network("127.0.0.0/8")]


class Stage:
    """A keluhan and what is told of it."""

    def __init__(self, app: Flask, receiver: Receiver) -> None:
        self.app, self.cast, self.receiver = app, Cast(app), receiver

    def endpoint(self, name: str = "CRM", url: str = "", **more: Any) -> int:
        with write_transaction() as session:
            row = WebhookEndpoint(
                name=name, url=url or self.receiver.url, sealed_secret=sealed.seal(SECRET),
                **{"sops": [], "events": []} | more,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return int(row.id)

    def report(self) -> Any:
        return transitions.create(self.cast.actor("cso"), "keluhan", REPORT)

    def start(self, case: Any) -> Any:
        return transitions.perform(self.cast.actor("unit", unit="ULP-DPK"), "keluhan", case.id, "start", {})

    def told(self) -> list[str]:
        """The types of what the receiver got."""
        return [got.json["type"] for got in self.receiver.got]

    def later(self, **length: float) -> int:
        """What is sent when so much time has gone by."""
        db.session.rollback()
        with clock.at(clock.now() + timedelta(**length)):
            return sending.send_due()


@pytest.fixture
def stage(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setitem(any_app.config, "WEBHOOK_ALLOW_PRIVATE", LOCAL)
    monkeypatch.setitem(any_app.config, "PUBLIC_URL", "https://tuntas.example.id")
    with receiving() as receiver, any_app.test_request_context():
        depok()
        yield Stage(any_app, receiver)


def deliveries() -> list[WebhookDelivery]:
    db.session.rollback()
    return list(db.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def test_an_event_arrives_signed_with_nothing_of_a_person(stage: Stage) -> None:
    stage.endpoint()
    case = stage.start(stage.report())
    assert sending.send_due() == 2
    created, started = stage.receiver.got
    assert created.headers["content-type"] == "application/json"
    message = started.verified(SECRET)
    assert message["type"] == "case.start"
    assert message["data"] == {
        "sop": "keluhan", "id": case.id, "number": case.number, "state": "in_progress", "from": "reported",
        "action": "start", "round": 1, "version": case.version,
        "url": f"https://tuntas.example.id/api/v1/keluhan/{case.id}",
    }  # fmt: skip
    assert created.json["data"]["from"] is None
    for secret in (REPORT["name"], REPORT["address"], REPORT["description"], REPORT["phone"][-4:]):
        assert str(secret) not in created.body.decode()
    with pytest.raises(WebhookVerificationError):
        started.verified("whsec_" + "AAAA9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert [row.state for row in deliveries()] == ["sent", "sent"]
    [attempt] = deliveries()[0].log
    assert (attempt.status, attempt.error) == (204, "")
    assert sending.send_due() == 0, "once"


def abort_after(_case: Any) -> None:
    raise RuntimeError


def test_what_is_rolled_back_is_told_to_nobody(stage: Stage) -> None:
    stage.endpoint()
    case = stage.report()
    with pytest.raises(RuntimeError), write_transaction():
        abort_after(stage.start(case))
    assert [row.type for row in deliveries()] == ["case.report"]
    with pytest.raises(Refused):
        transitions.perform(stage.cast.actor("cso"), "keluhan", case.id, "start", {})
    assert [row.type for row in deliveries()] == ["case.report"]


def test_the_worker_is_woken_once_the_step_is_committed(stage: Stage) -> None:
    queue = stage.app.extensions["tuntas_queue"]
    queue.flush()
    case = stage.report()
    assert queue.pending() == [], "nobody wants to know"
    stage.endpoint()
    with pytest.raises(RuntimeError), write_transaction():
        abort_after(stage.start(case))
    assert queue.pending() == []
    with write_transaction():
        stage.start(case)
        stage.report()
        assert queue.pending() == []
    assert [task.name for task in queue.pending()] == ["send_out_now"]
    queue.dequeue().execute()
    assert stage.told() == ["case.start", "case.report"]
    queue.flush()


@pytest.mark.parametrize(
    ("sops", "events", "expected"),
    [
        ([], [], ["case.report", "case.start"]),
        (["gangguan"], [], []),
        (["keluhan"], ["keluhan.step:start"], ["case.start"]),
        ([], ["keluhan.state:reported", "gangguan.step:start"], ["case.report"]),
        ([], ["*.step:upload"], []),
    ],
)
def test_an_endpoint_gets_what_it_chose(stage: Stage, sops: list[str], events: list[str], expected: list[str]) -> None:
    stage.endpoint(sops=sops, events=events)
    stage.endpoint("Off", active=False)
    stage.start(stage.report())
    sending.send_due()
    assert stage.told() == expected


def test_a_comment_for_named_roles_is_told_to_no_program(stage: Stage) -> None:
    stage.endpoint(events=["*.step:comment"])
    case, cso = stage.report(), stage.cast.actor("cso")
    comments.write(cso, "keluhan", case.id, "Hanya untuk unit", readers=["Unit"])
    comments.write(cso, "keluhan", case.id, "Untuk semua")
    sending.send_due()
    assert stage.told() == ["case.comment"]


def test_a_failure_is_tried_again_under_the_same_id_and_logged(stage: Stage) -> None:
    stage.endpoint()
    stage.receiver.answers = [500, 302]
    stage.report()
    assert sending.send_due() == 1
    [row] = deliveries()
    assert (row.state, row.attempts, row.error) == ("waiting", 1, "HTTP 500")
    assert sending.send_due() == 0, "not before its pause is over"
    assert stage.later(minutes=2) == 1
    assert stage.later(minutes=3) == 0, "the pauses grow"
    assert stage.later(minutes=30) == 1
    [row] = deliveries()
    assert (row.state, [attempt.status for attempt in row.log]) == ("sent", [500, 302, 204])
    assert {got.id for got in stage.receiver.got} == {row.message_id}
    assert {got.path for got in stage.receiver.got} == {"/hook"}, "a redirect is not followed"
    said = row.log[0].answer
    assert said.startswith("answer of 500")
    assert len(said) == calling.KEPT
    assert all(got.verified(SECRET) for got in stage.receiver.got[:1])


def test_an_endpoint_that_fails_keeps_no_other_waiting(stage: Stage) -> None:
    with receiving() as closed:
        url = closed.url
    stage.endpoint("Broken", url=url)
    stage.endpoint()
    for _n in range(3):
        stage.report()
    assert sending.send_due() == 4, "one attempt at the broken one, three at the other"
    assert len(stage.told()) == 3
    assert "Connection" in deliveries()[0].error


def test_after_days_of_failure_an_endpoint_is_switched_off_and_admins_are_told(stage: Stage) -> None:
    pk = stage.endpoint()
    admin, cso = stage.cast.actor("admin"), stage.cast.actor("cso")
    stage.receiver.answers = [500] * 99
    stage.report()
    sending.send_due()
    for days in (1, 2, 3, 4):
        stage.later(days=days)
    stage.report()
    assert db.session.get(WebhookEndpoint, pk).active
    stage.later(days=6)
    db.session.rollback()
    endpoint = db.session.get(WebhookEndpoint, pk)
    assert (endpoint.active, bool(endpoint.disabled_at)) == (False, True)
    [line] = inbox.latest(admin, 9)
    assert (line.kind, line.action) == ("webhook_off", "CRM")
    assert "CRM" in line.sentence
    assert inbox.latest(cso, 9) == []
    assert db.session.query(Notice).filter_by(kind="webhook_off").count() == 1
    written = len(deliveries())
    stage.report()
    assert len(deliveries()) == written, "nothing more is written for it"


def test_who_answers_gone_wants_no_more(stage: Stage) -> None:
    pk = stage.endpoint()
    stage.receiver.answers = [410]
    stage.report()
    sending.send_due()
    assert not db.session.get(WebhookEndpoint, pk).active


def test_one_success_ends_the_days_of_failure(stage: Stage) -> None:
    pk = stage.endpoint()
    stage.receiver.answers = [500]
    stage.report()
    sending.send_due()
    assert db.session.get(WebhookEndpoint, pk).failing_since
    stage.later(hours=1)
    assert db.session.get(WebhookEndpoint, pk, populate_existing=True).failing_since is None


def test_a_delivery_that_failed_for_good_can_be_replayed(stage: Stage) -> None:
    pk = stage.endpoint()
    stage.receiver.answers = [500] * (len(sending.PAUSES) + 1)
    stage.report()
    sending.send_due()
    for at in range(1, len(sending.PAUSES) + 1):
        assert stage.later(days=at * 1.3) == 1 or at > 4
    with write_transaction() as session:
        session.get(WebhookEndpoint, pk).active = True
    stage.later(days=20)
    for more in range(21, 60, 2):
        with write_transaction() as session:
            session.get(WebhookEndpoint, pk).active = True
        stage.later(days=more)
    [row] = deliveries()
    assert (row.state, row.attempts) == ("failed", len(sending.PAUSES) + 1)
    other = stage.endpoint("Other", active=False)
    with pytest.raises(NotVisible):
        endpoints.replay(other, row.id)
    endpoints.replay(pk, row.id)
    with write_transaction() as session:
        session.get(WebhookEndpoint, pk).active = True
    assert sending.send_due() == 1
    assert {got.id for got in stage.receiver.got} == {row.message_id}
    assert deliveries()[0].state == "sent"
    endpoints.replay(pk, row.id)
    assert sending.send_due() == 1, "what arrived can be sent again as well"


def test_for_a_day_both_secrets_sign(stage: Stage) -> None:
    pk = stage.endpoint()
    endpoints.rotate(pk)
    fresh = endpoints.secret_of(pk)
    assert fresh != SECRET
    assert SECRET not in json.dumps([db.session.get(WebhookEndpoint, pk).sealed_previous])
    stage.report()
    sending.send_due()
    [got] = stage.receiver.got
    assert got.verified(SECRET) == got.verified(fresh)
    assert len(got.headers["webhook-signature"].split()) == 2
    with write_transaction() as session:
        session.get(WebhookEndpoint, pk).previous_until = clock.now() - timedelta(seconds=1)
    stage.report()
    sending.send_due()
    last = stage.receiver.got[-1]
    assert last.verified(fresh)
    with pytest.raises(WebhookVerificationError):
        last.verified(SECRET)


def test_a_secret_sealed_under_another_key_is_said_to_be(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    pk = stage.endpoint()
    monkeypatch.setitem(stage.app.config, "SECRET_KEY", "another key of the same deployment")
    stage.report()
    assert sending.send_due() == 1
    assert stage.told() == []
    assert "SECRET_KEY" in deliveries()[0].error
    with pytest.raises(Conflict):
        endpoints.secret_of(pk)
    endpoints.rotate(pk)
    stage.later(minutes=2)
    assert stage.told() == ["case.report"]


def test_a_test_is_sent_at_once(stage: Stage) -> None:
    pk = stage.endpoint(active=False)
    assert endpoints.test(pk).status == 204
    [got] = stage.receiver.got
    assert got.verified(SECRET)["type"] == "webhook.test"
    stage.receiver.answers = [503]
    assert endpoints.test(pk).status == 503


def test_a_worker_that_died_leaves_it_to_another_and_its_late_word_counts_nothing(stage: Stage) -> None:
    stage.endpoint()
    stage.report()
    dead = sending.delivery.claim(WebhookDelivery)
    assert dead is not None
    db.session.rollback()
    assert sending.send_due() == 0, "it has the lease"
    assert stage.later(minutes=6) == 1
    with write_transaction() as session:
        assert not sending.delivery.settle(session, WebhookDelivery, dead, "late", ())
    assert [row.state for row in deliveries()] == ["sent"]
    assert db.session.query(WebhookAttempt).count() == 1


def test_old_deliveries_are_forgotten_and_those_that_wait_are_not(stage: Stage) -> None:
    stage.endpoint()
    stage.endpoint("Slow", active=False)
    stage.report()
    sending.send_due()
    stage.receiver.answers = [500]
    stage.report()
    sending.send_due()
    with clock.at(clock.now() + sending.KEPT + timedelta(days=1)):
        sending.forget_old()
    assert [row.state for row in deliveries()] == ["waiting"]
