"""Mailboxes of a real server are read: each mail once, and nothing of what is hostile gets further."""

from __future__ import annotations

import base64
import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import IncomingMail, MailboxState
from app.services.core import clock, history
from app.services.mail import reading
from tests.services.mail.building import SERVICE, mixed, plain
from tests.services.mail.conftest import Post
from tests.services.mail.corpus import KNOWN, Sample, samples
from tests.services.mail.dovecot import Dovecot

CHANGED = re.compile(rb"\0|\r(?!\n)")


@pytest.fixture
def served(app: Flask, imap: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post(app, imap.url(user))
    monkeypatch.setitem(app.config, "MAILBOXES", (post.mailbox,))
    monkeypatch.setitem(app.config, "MAIL_FROM", f"Layanan <{SERVICE}>")
    return post


def became(post: Post, sample: Sample, row: IncomingMail) -> str:
    if row.state != "on_case" or row.case is None:
        return row.reason
    first = min(one.id for one in db.session.scalars(select(IncomingMail).where(IncomingMail.case_id == row.case_id)))
    return "case" if row.id == first else "entry"


def test_all_of_the_corpus(served: Post, imap: Dovecot, user: str, app: Flask) -> None:
    with app.app_context():
        # On the way into the mailbox NUL and bare line breaks are lost; test_parsing reads those.
        corpus = [s for s in samples(f"PGD-{clock.today():%y%m%d}-00001") if not CHANGED.search(s.raw[:5_000])]
        imap.deliver(user, *(sample.raw for sample in corpus))
        once = [sample for sample in corpus if sample.becomes != "nothing"]
        assert reading.read(served.mailbox) == len(once)
        assert (imap.count(user, "UNSEEN"), imap.count(user)) == (0, len(corpus))
        rows = db.session.scalars(select(IncomingMail).order_by(IncomingMail.id)).all()
        assert {s.name: became(served, s, row) for s, row in zip(once, rows, strict=True)} == {
            sample.name: sample.becomes for sample in once
        }
        for sample, row in zip(once, rows, strict=True):
            if row.state == "on_case":
                assert sample.says in f"{row.subject}\n\n{row.text}", sample.name
                assert sample.not_says not in row.text, sample.name
        assert list(history.verify(db.session())) == []
        # Nobody is answered but who has opened a case, each once, and with the number.
        opened = [row for row, sample in zip(rows, once, strict=True) if sample.becomes == "case"]
        answers = {one.recipient: one for one in served.answers()}
        assert len(answers) == len(served.answers()) == len(opened)
        for row in opened:
            assert str(row.case) in answers[row.sender].subject
            assert answers[row.sender].in_reply_to == row.message_id
        # Read again, nothing is done again.
        assert reading.read(served.mailbox) == 0
        db.session.rollback()
        assert len(served.answers()) == len(opened)


def test_twenty_megabytes(
    served: Post, imap: Dovecot, user: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """They are a document where documents may be so large; a mail that is larger than may be waits for somebody."""
    with app.app_context():
        imap.deliver(user, attached("besar", b"%PDF-1.4\n" + b"a" * (4 << 20)))
        assert reading.read(served.mailbox) == 1
        row = served.mail("<besar@pelanggan.example>")
        assert (row.state, row.reason, row.sender) == ("quarantined", "too_large", "rahmat@pelanggan.example")
        assert row.size > 4 << 20
        assert row.storage_key
        monkeypatch.setitem(app.config, "UPLOAD_MAX_BYTES", 25 << 20)
        imap.deliver(user, attached("lain", b"%PDF-1.4\n" + b"a" * (20 << 20)))
        assert reading.read(served.mailbox) == 1
        [case] = served.cases()
        assert served.files(case) == ["besar.pdf"]


def attached(key: str, content: bytes) -> bytes:
    named = b"Content-Type: application/pdf; name=besar.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return mixed(key, named + base64.encodebytes(content).replace(b"\n", b"\r\n"), sender=KNOWN)


def test_a_mail_counts_as_seen_once_it_is_stored(
    served: Post, imap: Dovecot, user: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The storage is away: nothing is stored, and the mail waits where it is."""
    with app.app_context():
        imap.deliver(user, plain("tunggu"))
        monkeypatch.setitem(app.config, "STORAGE_URL", "file:///proc/tidak/ada")
        app.extensions.pop("tuntas_store", None)
        assert reading.read(served.mailbox) == 0
        assert (imap.count(user, "UNSEEN"), served.cases()) == (1, [])
        monkeypatch.undo()
        app.extensions.pop("tuntas_store", None)
        assert reading.read(served.mailbox) == 1
        assert (imap.count(user, "UNSEEN"), len(served.cases())) == (0, 1)


def test_a_worker_that_died_in_between_has_done_nothing_twice(
    served: Post, imap: Dovecot, user: str, app: Flask
) -> None:  # fmt: skip
    """Stored, but not yet marked as seen: found again, it is marked and nothing else."""
    with app.app_context():
        imap.deliver(user, plain("mati"))
        assert served.takes(plain("mati")) == [True]
        assert imap.count(user, "UNSEEN") == 1
        assert reading.read(served.mailbox) == 0
        assert (imap.count(user, "UNSEEN"), len(served.cases()), len(served.answers())) == (0, 1, 1)


def test_what_is_stored_is_moved_where_the_settings_say(app: Flask, imap: Dovecot, user: str) -> None:
    post = Post(app, imap.url(user), MAILBOX_1_FOLDER_DONE="Selesai")
    with app.app_context():
        imap.deliver(user, plain("satu"), plain("dua"))
        with imap.inside(user) as client:  # somebody has looked at one by their own program
            client.select("INBOX")
            client.store("1", "+FLAGS", "\\Seen")
        assert reading.read(post.mailbox) == 2
        assert (imap.count(user), imap.count(user, folder="Selesai")) == (0, 2)


def test_a_mailbox_that_can_not_be_read_is_told(app: Flask, imap: Dovecot, user: str) -> None:
    with app.app_context():
        wrong = Post(app, imap.url(user).replace("rahasia", "salah")).mailbox
        assert reading.read(wrong) == 0
        state = db.session.get(MailboxState, wrong.address)
        assert state is not None
        assert state.problem
        assert "salah" not in state.problem
        assert state.read_at is None
        away = Post(app, imap.url(user).replace(f":{imap.port}/", ":1/")).mailbox
        assert reading.read(away) == 0
        reading.read(Post(app, imap.url(user)).mailbox)
        db.session.expire_all()
        assert state.problem == ""
        assert state.read_at is not None
