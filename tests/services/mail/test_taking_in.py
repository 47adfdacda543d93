"""What becomes of a mail: once, whoever reads it, and never more than whoever wrote it may cause."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from app.extensions import db
from app.models import Case, IncomingMail, Notice, User
from app.panel.cases import timeline
from app.services.cases import transitions
from app.services.core import clock, history
from app.services.core.access import Actor, visible_or_404
from app.services.core.errors import ValidationFailed
from app.services.documents import storage
from app.services.mail import archive
from app.services.mail.taking_in import MOST_PER_HOUR, take_in
from app.services.retention import retention
from app.services.retention.purge import purge_due
from app.sop import SOPS
from tests.cast import Cast
from tests.services.mail.building import JPEG, PDF, plain, report, with_files
from tests.services.mail.building import archive as packed
from tests.services.mail.conftest import Post
from tests.services.mail.corpus import KNOWN

WROTE = {"sender": KNOWN}
#: What one database could do and the other not.
on_both = pytest.mark.parametrize("post", ["app", "pg_app"], indirect=True)


@pytest.fixture
def cs(post: Post) -> Actor:
    return Cast(post.app).actor("cs")


def opened(post: Post, *files: tuple[str, bytes]) -> Any:
    """The case that a mail has opened."""
    post.takes(with_files("first", *files, text="Saldo hilang.", **WROTE))
    return post.cases()[-1]


@on_both
def test_a_mail_opens_a_case_with_its_files_and_is_answered(post: Post, cs: Actor) -> None:
    case = opened(post, ("bukti.pdf", PDF), ("layar.jpg", JPEG), ("foto.zip", packed(99)))
    assert (case.sop, case.state, case.channel, case.name, case.email) == (
        "pengaduan", "open", "email", "Rahmat Hidayat", "rahmat@pelanggan.example",
    )  # fmt: skip
    assert case.complaint == "Tagihan ganda\n\nSaldo hilang."
    assert (case.category, case.identity_verified, case.phone) == (None, "not_asked", None)
    assert post.files(case) == ["bukti.pdf", "layar.jpg"]
    assert post.files(case, "email_pelanggan") == ["Tagihan ganda.eml"]
    [entry] = post.entries(case)
    assert entry.note.startswith("Saldo hilang.\n\n")
    assert "foto.zip" in entry.note
    assert entry.actor_id is None
    [answer] = post.answers(case)
    assert (answer.recipient, answer.in_reply_to) == ("rahmat@pelanggan.example", "<first@pelanggan.example>")
    assert case.number in answer.subject
    assert b"".join(archive.read(post.mail("<first@pelanggan.example>"))).startswith(b"From: Rahmat")
    assert list(history.verify(db.session())) == []
    told = db.session.scalars(select(Notice).join(User, User.id == Notice.user_id).where(User.username == "cs")).all()
    assert [(one.kind, one.case_id) for one in told] == [("my_turn", case.id)]
    assert [line.key for line in timeline.lines(cs, SOPS["pengaduan"], case, post.entries(case), [])] == ["mail_came"]


def test_whoever_handles_it_says_the_category(post: Post, cs: Actor) -> None:
    case = opened(post)
    with pytest.raises(ValidationFailed) as refusal:
        transitions.perform(cs, "pengaduan", case.id, "handle", {"analysis": "Cek"})
    assert [error.key for error in refusal.value.field_errors] == ["category"]
    transitions.perform(cs, "pengaduan", case.id, "handle", {"analysis": "Cek", "category": "other"})
    assert visible_or_404(cs, "pengaduan", case.id).category.code == "other"


@on_both
def test_a_reply_is_an_entry_that_lets_the_data_be_received(post: Post, cs: Actor) -> None:
    case = opened(post)
    transitions.perform(cs, "pengaduan", case.id, "request_data", {"data_needed": "KTP"})
    [_received, asked] = post.answers(case)
    asked.message_id = "<Keluar.1@contoh.example>"
    db.session.commit()
    quoted = "Ini.\n\nPada Rab, 18 Nov 2026 pukul 10.12 Layanan <l@contoh.example> menulis:\n\n> KTP\n"
    reply = with_files("second", ("ktp.jpg", JPEG), text=quoted, In_Reply_To="<Keluar.1@contoh.example>", **WROTE)
    version = case.version
    assert post.takes(reply, reply) == [True, False]
    assert [entry.note for entry in post.entries(case)] == ["Saldo hilang.", "Ini."]
    assert post.files(case) == ["ktp.jpg"]
    assert post.mail("<second@pelanggan.example>").text == "Ini."
    kinds = select(Notice.kind).join(User, User.id == Notice.user_id).where(User.username == "cs")
    assert set(db.session.scalars(kinds)) == {"my_turn", "mail_came"}
    # Who had the form open before the mail came is not too late.
    transitions.perform(cs, "pengaduan", case.id, "receive_data", {}, version=version)
    assert len(post.answers(case)) == 2
    # The same picture once more is no second document.
    post.takes(with_files("third", ("ktp.jpg", JPEG), text="Lagi.", subject=f"Re: {case.number}", **WROTE))
    assert (len(post.entries(case)), post.files(case)) == (3, ["ktp.jpg"])


@on_both
def test_two_workers_take_a_mail_in_once(post: Post) -> None:
    both, app, mailbox = Barrier(2), post.app, post.mailbox

    def work(raw: bytes) -> bool:
        with app.app_context():
            both.wait(30)
            try:
                return take_in(mailbox, raw)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as workers:
        for key in ("satu", "dua", "tiga"):
            assert sorted(workers.map(work, [plain(key)] * 2)) == [False, True]
    assert [case.number[-5:] for case in post.cases()] == ["00001", "00002", "00003"]
    assert len(post.answers()) == 3


def test_a_mail_to_two_mailboxes_opens_one_case(post: Post) -> None:
    other = replace(post.mailbox, number=2, user="aduan@contoh.example")
    assert (take_in(post.mailbox, plain("dua")), take_in(other, b"Received: x\r\n" + plain("dua"))) == (True, True)
    assert len(post.cases()) == 1
    rows = db.session.scalars(select(IncomingMail).order_by(IncomingMail.id)).all()
    assert [(row.state, row.reason) for row in rows] == [("on_case", ""), ("ignored", "duplicate")]


def test_a_stranger_adds_nothing_until_somebody_lets_them(post: Post) -> None:
    case = opened(post)
    post.takes(plain("asing", "Bayar ke sini!", subject=f"Re: [{case.number}]"))
    mail = post.mail("<asing@pelanggan.example>")
    assert (mail.state, mail.reason, mail.case_id) == ("quarantined", "unknown_sender", case.id)
    assert len(post.entries(case)) == len(post.answers()) == 1


def test_a_closed_case_still_hears_and_a_void_one_does_not(post: Post, cs: Actor) -> None:
    case = opened(post)
    transitions.perform(cs, "pengaduan", case.id, "handle", {"analysis": "x", "category": "other"})
    done = {"solution": "Sudah", "number_told": True, "anything_else": True, "summary_given": True}
    transitions.perform(cs, "pengaduan", case.id, "resolve", done)
    post.takes(plain("lagi", "Terulang.", subject=case.number, **WROTE))
    assert [entry.note for entry in post.entries(case)][1:] == ["Terulang."]
    assert visible_or_404(cs, "pengaduan", case.id).state == "resolved"
    db.session.execute(update(Case.__table__).where(Case.__table__.c.id == case.id).values(voided_at=clock.now()))
    db.session.commit()
    post.takes(plain("batal", "Halo?", subject=case.number, **WROTE))
    assert post.mail("<batal@pelanggan.example>").reason == "void"
    assert len(post.entries(case)) == 2


def test_who_writes_without_end_is_braked(post: Post) -> None:
    mails = [plain(f"kilat{at}", sender=KNOWN) for at in range(MOST_PER_HOUR + 2)]
    post.takes(*mails)
    assert len(post.cases()) == len(post.answers()) == MOST_PER_HOUR
    assert post.mail(f"<kilat{MOST_PER_HOUR}@pelanggan.example>").reason == "too_many"


def test_a_bounce_is_told_on_the_case_whose_mail_it_was(post: Post) -> None:
    case = opened(post)
    [answer] = post.answers(case)
    answer.message_id, answer.state, answer.sent_at = "<Keluar.1@contoh.example>", "sent", clock.now()
    db.session.commit()
    post.takes(report("tunda", "<Keluar.1@contoh.example>", "delayed"))
    assert post.answers(case)[0].state == "sent"
    post.takes(report("gagal", "<Keluar.1@contoh.example>"))
    db.session.expire_all()
    assert post.answers(case)[0].state == "bounced"
    assert "no such user" in post.answers(case)[0].error
    assert len(post.cases()) == len(post.answers()) == 1


def test_an_error_of_ours_loses_no_mail(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong with one, it lies in the quarantine and the next has its turn."""
    broken = replace(SOPS["pengaduan"].from_mail, acknowledgement=lambda case, work: 1 / 0)  # type: ignore[type-var]
    create = SOPS["pengaduan"].create
    silent = replace(create, effects=create.effects[:-1])
    monkeypatch.setitem(SOPS["pengaduan"].__dict__, "from_mail", broken)
    monkeypatch.setitem(SOPS["pengaduan"].__dict__, "create", silent)
    assert post.takes(plain("rusak")) == [True]
    mail = post.mail("<rusak@pelanggan.example>")
    assert (mail.state, mail.reason, mail.detail) == ("quarantined", "unreadable", "ZeroDivisionError")
    assert post.cases() == []


def test_what_nobody_needs_goes_after_a_month(post: Post) -> None:
    post.takes(plain("auto", Auto_Submitted="auto-replied"), plain("asli"))
    key = post.mail("<auto@pelanggan.example>").storage_key
    stray = archive.put("x", b"yatim")
    with time_machine.travel(clock.now() + archive.KEPT * 1.1, tick=True):
        archive.forget_old()
    gone = post.mail("<auto@pelanggan.example>")
    assert (gone.storage_key, gone.sender, gone.subject, gone.text) == (None, "", "", "")
    assert post.mail("<asli@pelanggan.example>").storage_key
    for forgotten in (key, stray):
        with pytest.raises(FileNotFoundError):
            storage.size(str(forgotten))
    assert post.takes(plain("auto", Auto_Submitted="auto-replied")) == [False]


@on_both
def test_a_purge_takes_the_mails_of_a_case_with_it(post: Post, cs: Actor) -> None:
    case = opened(post, ("bukti.pdf", PDF))
    key = str(post.mail("<first@pelanggan.example>").storage_key)
    transitions.perform(cs, "pengaduan", case.id, "handle", {"analysis": "x", "category": "other"})
    done = {"solution": "Sudah", "number_told": True, "anything_else": True, "summary_given": True}
    transitions.perform(cs, "pengaduan", case.id, "resolve", done)
    admin = Cast(post.app).actor("admin", "Admin")
    retention.set_period(admin, "pengaduan", "", "1")
    with time_machine.travel(clock.now().replace(year=clock.now().year + 2), tick=True):
        assert [reason for _due, reason in purge_due()] == [""]
    mail = post.mail("<first@pelanggan.example>")
    assert (mail.sender, mail.sender_name, mail.subject, mail.text, mail.storage_key) == ("", "", "", "", None)
    with pytest.raises(FileNotFoundError):
        storage.size(key)
    assert [entry.note for entry in post.entries(case)] == [None]
