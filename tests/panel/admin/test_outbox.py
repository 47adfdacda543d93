"""The admin's page of outgoing mail: what waits, failed and why, sent again, discarded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Event, OutgoingMail
from app.services.core import clock, history
from app.services.core.database import write_transaction
from app.services.notices import outbox, postman
from tests.cast import Cast
from tests.panel.helpers import in_english, somasi
from tests.services.notices.post_office import PostOffice, post_office

WRONG = "550 5.1.1 no such user"


class Stage:
    def __init__(self, app: Flask, cast: Cast, office: PostOffice, pdf: bytes) -> None:
        self.app, self.cast, self.office = app, cast, office
        self.path = somasi(cast.login("legal"), pdf)
        self.admin: FlaskClient = cast.login("admin")
        in_english(self.admin)

    def write(self, to: str, subject: str = "Kabar", internal: bool = False) -> int:
        with self.app.app_context(), write_transaction() as session:
            case = session.scalars(select(Case)).one()
            mail = outbox.write(session, to, subject, "Halo", case_id=case.id, internal=internal)
            session.flush()
            return mail.id

    def post(self) -> None:
        with self.app.app_context():
            postman.send_due()

    def states(self) -> dict[str, str]:
        with self.app.app_context():
            rows = select(OutgoingMail.recipient, OutgoingMail.state)
            return dict(db.session.execute(rows.order_by(OutgoingMail.id)).tuples().all())

    def actions(self) -> list[str]:
        with self.app.app_context():
            assert list(history.verify(db.session())) == []
            return list(db.session.scalars(select(Event.action).order_by(Event.seq)))

    def page(self, query: str = "") -> str:
        return self.admin.get(f"/outbox/{query}").text


@pytest.fixture
def stage(app: Flask, cast: Cast, pdf: bytes) -> Iterator[Stage]:
    before: dict[str, Any] = {name: app.config[name] for name in ("SMTP", "MAIL_FROM")}
    with post_office() as office:
        office.answers["RCPT"] = lambda address: WRONG if address.startswith("salah") else None
        app.config.update(office.settings())
        yield Stage(app, cast, office, pdf)
    app.config.update(before)


def test_what_failed_is_told_with_its_reason_and_sent_again(stage: Stage) -> None:
    wrong, _fine = stage.write("salah@example.test"), stage.write("benar@example.test", "Jawaban")
    stage.post()
    text = stage.page()
    assert WRONG in text
    assert "could not be sent" in text
    failed = stage.page("?state=failed")
    assert "salah@example.test" in failed
    assert "benar@example.test" not in failed
    assert "salah@example.test" not in stage.page("?words=jawab")
    assert "There are no such mails." in stage.page("?kind=users")
    assert stage.admin.get("/outbox/?state=x&kind=y&page=z&words=%00").status_code == 200
    stage.office.answers.clear()
    answer = stage.admin.post("/outbox/resend", data={"mail": wrong, "state": "failed", "words": "salah"})
    assert answer.location == "/outbox/?state=failed&words=salah"
    assert stage.states()["salah@example.test"] == "queued"
    stage.post()
    assert stage.states() == {"salah@example.test": "sent", "benar@example.test": "sent"}
    assert stage.actions() == ["submit", "mail_failed", "mail_resent"]
    stage.admin.post("/outbox/resend", data={"mail": wrong})
    assert "None of these mails" in stage.page(), "what is sent is not sent twice by a click"
    assert len(stage.office.accepted) == 2


def test_what_is_discarded_does_not_go_out_and_the_case_says_so(stage: Stage) -> None:
    pk, notice = stage.write("budi@example.test"), stage.write("cs@example.test", internal=True)
    stage.admin.post("/outbox/discard", data={"mail": [pk, notice, "x", str(2**40)]})
    assert "2 mails are discarded." in stage.page()
    stage.post()
    assert (set(stage.states().values()), stage.office.accepted) == ({"discarded"}, [])
    assert stage.actions() == ["submit", "mail_discarded"]
    stage.admin.post("/outbox/discard", data={})
    assert "Please choose at least one mail." in stage.page()
    assert "Mail discarded" in stage.admin.get(stage.path).text


def test_one_that_is_being_sent_is_left_alone(stage: Stage) -> None:
    pk = stage.write("budi@example.test")
    with stage.app.app_context():
        assert postman._leased(clock.now()) is not None
    for verb in ("discard", "resend"):
        stage.admin.post(f"/outbox/{verb}", data={"mail": pk})
    assert stage.states() == {"budi@example.test": "sending"}
    with stage.app.app_context(), clock.at(clock.now() + timedelta(hours=1)):
        assert postman.send_due() == 1


def test_a_test_mail_goes_to_the_admin_alone(stage: Stage) -> None:
    assert stage.admin.post("/outbox/test").status_code == 303
    assert "A test mail to admin@example.test is on its way" in stage.page()
    stage.post()
    assert [recipient for recipient, _mail in stage.office.accepted] == ["admin@example.test"]


def test_without_a_server_the_pages_say_that_mails_wait(stage: Stage) -> None:
    stage.app.config["SMTP"] = None
    assert "No mail server is set up (SMTP_URL and MAIL_FROM)" in stage.page()
    cs = stage.cast.login("cs")
    in_english(cs)
    assert "No mail server is set up yet" in cs.get("/notices/choices").text


def test_nobody_but_an_admin_reaches_it(stage: Stage) -> None:
    pk = stage.write("budi@example.test")
    for name in ("supervisor", "legal", "cs"):
        browser = stage.cast.login(name)
        assert "/outbox/" not in browser.get("/").text
        for answer in (browser.get("/outbox/"), *(
            browser.post(f"/outbox/{verb}", data={"mail": pk}) for verb in ("resend", "discard", "test")
        )):  # fmt: skip
            assert answer.status_code in (302, 403, 404), name
            assert "budi@example.test" not in answer.text
    assert stage.states() == {"budi@example.test": "queued"}
