"""A conversation over real servers: a mail is read, the answer goes out, its reply comes back to the case."""

from __future__ import annotations

import pytest
from flask import Flask

from app.extensions import db
from app.services.mail import reading
from app.services.notices import postman
from tests.services.mail.building import JPEG, plain, report, with_files
from tests.services.mail.conftest import Post
from tests.services.mail.corpus import KNOWN
from tests.services.mail.dovecot import Dovecot
from tests.services.notices.post_office import post_office


def test_there_and_back(app: Flask, imap: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post(app, imap.url(user))
    with post_office() as office, app.app_context():
        for name, value in (office.settings() | {"MAILBOXES": (post.mailbox,)}).items():
            monkeypatch.setitem(app.config, name, value)
        imap.deliver(user, plain("first", "Saldo saya hilang.", sender=KNOWN))
        assert (reading.read(post.mailbox), postman.send_due()) == (1, 1)
        [case], [answer] = post.cases(), office.mails
        assert case.number in answer["Subject"]
        assert answer["To"] == "rahmat@pelanggan.example"
        assert answer["In-Reply-To"] == "<first@pelanggan.example>"
        # The answer falls back into the mailbox, somebody's mail program answers it, and so does the customer.
        away = plain("cuti", "Saya sedang cuti.", sender=KNOWN, Auto_Submitted="auto-replied")
        said = {"sender": KNOWN, "subject": "Re: tanpa nomor", "In_Reply_To": str(answer["Message-ID"])}
        imap.deliver(
            user, answer.as_bytes(), away, with_files("balas", ("ktp.jpg", JPEG), text="Ini KTP saya.", **said)
        )
        assert (reading.read(post.mailbox), postman.send_due()) == (3, 0)
        assert [entry.note for entry in post.entries(case)] == ["Saldo saya hilang.", "Ini KTP saya."]
        assert post.files(case) == ["ktp.jpg"]
        assert len(post.cases()) == len(office.mails) == 1
        imap.deliver(user, report("gagal", str(answer["Message-ID"])))
        assert reading.read(post.mailbox) == 1
        db.session.expire_all()
        assert [mail.state for mail in post.answers(case)] == ["bounced"]
