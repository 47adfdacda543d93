"""A mail server, a mailbox of complaints, and what came of its mails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Document, Event, IncomingMail, OutgoingMail
from app.services.core.wording import MAIL_CAME
from app.services.mail.taking_in import take_in
from config import from_environment
from mail_settings import Mailbox
from tests.conftest import missing_part
from tests.services.mail import dovecot
from tests.services.mail.building import SERVICE
from tests.services.mail.dovecot import Dovecot


class Post:
    """A mailbox of complaints, as the settings make it, and what came of its mails."""

    def __init__(self, app: Flask, url: str, **more: str) -> None:
        self.app = app
        settings = {"MAILBOX_1_URL": url, "MAILBOX_1_SOP": "pengaduan", "INSTANCE_PATH": app.config["INSTANCE_PATH"]}
        self.mailbox: Mailbox = from_environment(settings | more)["MAILBOXES"][0]

    def takes(self, *mails: bytes) -> list[bool]:
        return [take_in(self.mailbox, mail) for mail in mails]

    def mail(self, message_id: str) -> IncomingMail:
        db.session.rollback()
        return db.session.scalars(select(IncomingMail).where(IncomingMail.message_id == message_id)).one()

    def cases(self) -> list[Any]:
        return list(db.session.scalars(select(Case).order_by(Case.id)))

    def entries(self, case: Case) -> list[Event]:
        mine = select(Event).where(Event.case_id == case.id, Event.action == MAIL_CAME)
        return list(db.session.scalars(mine.order_by(Event.seq)))

    def files(self, case: Case, kind: str = "data_pelanggan") -> list[str]:
        mine = select(Document.filename).where(Document.case_id == case.id, Document.type == kind)
        return list(db.session.scalars(mine.order_by(Document.id)))

    def answers(self, case: Case | None = None) -> list[OutgoingMail]:
        found = select(OutgoingMail).where(OutgoingMail.internal.is_(False)).order_by(OutgoingMail.id)
        return list(db.session.scalars(found.where(OutgoingMail.case_id == case.id) if case else found))


@pytest.fixture(scope="session")
def imap() -> Iterator[Dovecot]:
    try:
        with dovecot.running() as server:
            yield server
    except FileNotFoundError:
        missing_part("Debian's dovecot-imapd")


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """Of the mail server, for one test alone."""
    return f"{request.node.name.partition('[')[0][5:50]}@contoh.example"


@pytest.fixture
def post(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """On SQLite, unless a test asks for another app."""
    app: Flask = request.getfixturevalue(getattr(request, "param", "app"))
    with app.app_context():
        made = Post(app, f"imap://{SERVICE.replace('@', '%40')}:x@127.0.0.1/INBOX")
        monkeypatch.setitem(app.config, "MAILBOXES", (made.mailbox,))
        yield made
