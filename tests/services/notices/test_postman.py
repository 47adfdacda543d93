"""The outbox goes out over SMTP: each mail once, later where the server asks for it, never where it refuses for good;
against a real server and on both databases."""

from __future__ import annotations

import io
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from flask import Flask
from sqlalchemy import select, update

from app.extensions import db
from app.models import Case, Document, Event, Notice, OutgoingMail
from app.services.cases import transitions
from app.services.cases.effects import TransitionWork
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.documents import documents
from app.services.notices import bounces, channels, inbox, outbox, postman
from tests.cast import Cast
from tests.conftest import PDF
from tests.panel.helpers import SOMASI
from tests.services.notices.post_office import SENDER, PostOffice, post_office
from tests.test_run import free_port

HOUR = timedelta(hours=1)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as running:
        yield running


class Stage:
    def __init__(self, app: Flask) -> None:
        self.app, self.cast = app, Cast(app)
        self.legal = self.cast.actor("legal")
        self.case = transitions.create(
            self.legal, "somasi", SOMASI, {"somasi": [documents.Upload("Somasi – Ünal.pdf", io.BytesIO(PDF))]}
        )
        self.case_id = self.case.id

    def write(self, to: str = "budi@example.test", subject: str = "Kabar", text: str = "Halo", **more: Any) -> int:
        with write_transaction() as session:
            mail = outbox.write(session, to, subject, text, actor_id=self.legal.id, **more)
            session.flush()
            return mail.id

    def mail(self, pk: int) -> OutgoingMail:
        return db.session.get_one(OutgoingMail, pk, populate_existing=True)

    def state(self, pk: int) -> tuple[str, int, str]:
        mail = self.mail(pk)
        return mail.state, mail.attempts, mail.error

    def document(self) -> Document:
        return db.session.scalars(select(Document).where(Document.case_id == self.case_id)).one()


def read(mail: EmailMessage, kind: str) -> str:
    part: Any = mail.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n")


@contextmanager
def staged(app: Flask, office: PostOffice) -> Iterator[Stage]:
    before = {name: app.config[name] for name in ("SMTP", "MAIL_FROM", "MAIL_MAX_BYTES")}
    app.config.update(office.settings())
    with app.test_request_context():
        yield Stage(app)
    app.config.update(before)


@pytest.fixture
def stage(app: Flask, office: PostOffice) -> Iterator[Stage]:
    with staged(app, office) as made:
        yield made


@pytest.fixture
def any_stage(any_app: Flask, office: PostOffice) -> Iterator[Stage]:
    with staged(any_app, office) as made:
        yield made


def test_a_mail_of_a_step_goes_out_once(any_stage: Stage, office: PostOffice) -> None:
    stage = any_stage
    with write_transaction():
        work = TransitionWork(db.session(), stage.legal, db.session.get_one(Case, stage.case_id), {}, "", clock.now())
        work.mail(
            "budi.santoso@example.test", "Jawaban atas somasi Anda: “paket”", "Yth. Bapak\n\nTerlampir.", ("somasi",)
        )
    assert [postman.send_due(), postman.send_due()] == [1, 0]
    [(recipient, mail)] = office.accepted
    [row] = db.session.scalars(select(OutgoingMail))
    assert recipient == "budi.santoso@example.test"
    assert (str(mail["From"]), str(mail["Subject"])) == (SENDER, "Jawaban atas somasi Anda: “paket”")
    assert mail["Message-ID"] == row.message_id
    assert row.message_id.endswith("@terang.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = read(mail, "plain"), read(mail, "html")
    assert text.startswith("Yth. Bapak\n\nTerlampir.\n\n-- \n")
    assert "Terlampir.</p>" in html
    assert 'lang="id"' in html
    [attached] = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("Somasi – Ünal.pdf", "application/pdf")
    assert attached.get_content() == PDF
    assert (row.state, row.attempts, row.actor_id) == ("sent", 1, stage.legal.id)
    assert row.sent_at is not None


def test_mails_of_a_case_are_one_conversation(stage: Stage, office: PostOffice) -> None:
    stage.write(case_id=stage.case_id)
    long = f"<{'x' * 120}@apcprd01.prod.exchangelabs.com>"
    stage.write(case_id=stage.case_id, in_reply_to=long, references=f"<first@a.example> {long}")
    stage.write()
    assert postman.send_due() == 3
    assert office.connections == 1
    first, answer, alone = office.mails
    beginning = f"<case.{stage.case_id}@terang.example>"
    assert first["In-Reply-To"] == first["References"] == beginning
    assert (answer["In-Reply-To"], answer["References"].split()) == (long, [beginning, "<first@a.example>", long])
    assert alone["References"] is None
    assert len({mail["Message-ID"] for mail in office.mails}) == 3


def test_a_refusal_for_now_is_tried_again_with_the_same_id(stage: Stage, office: PostOffice) -> None:
    busy, fine = stage.write("sibuk@example.test"), stage.write("lancar@example.test")
    office.answers["RCPT"] = lambda address: "451 try later" if address.startswith("sibuk") else None
    assert postman.send_due() == 1
    assert (stage.state(fine)[0], stage.state(busy)) == ("sent", ("queued", 1, "451 try later"))
    row = stage.mail(busy)
    given, waits = row.message_id, row.next_try_at - clock.now()
    assert timedelta(0) < waits <= channels.FIRST_PAUSE * (1 + channels.JITTER)
    assert postman.send_due() == 0, "not before its time"
    office.answers.clear()
    with clock.at(clock.now() + HOUR):
        assert postman.send_due() == 1
    assert (stage.state(busy), office.mails[-1]["Message-ID"]) == (("sent", 2, ""), given)


def test_a_server_that_never_takes_it_is_asked_so_many_times(stage: Stage, office: PostOffice) -> None:
    pk = stage.write(case_id=stage.case_id)
    office.answers["DATA"] = lambda mail: "452 no room"
    for number in range(channels.MOST_ATTEMPTS + 2):
        with clock.at(clock.now() + number * 5 * HOUR):
            assert postman.send_due() == 0
    assert stage.state(pk) == ("failed", channels.MOST_ATTEMPTS, "452 no room")


def test_a_refusal_for_good_goes_to_the_case_and_to_who_sent_it(any_stage: Stage, office: PostOffice) -> None:
    stage = any_stage
    pk, notice = stage.write(case_id=stage.case_id), stage.write("petugas@example.test", internal=True)
    office.answers["RCPT"] = lambda what: "550 5.1.1 no such user"
    assert postman.send_due() == 0
    assert stage.state(pk) == ("failed", 1, "550 5.1.1 no such user")
    assert stage.state(notice)[0] == "failed"
    events = db.session.scalars(select(Event).where(Event.case_id == stage.case_id).order_by(Event.seq)).all()
    assert [event.action for event in events] == ["submit", "mail_failed"], (
        "a notice to a user is no matter of the case"
    )
    assert (events[-1].note, events[-1].actor_name) == ("550 5.1.1 no such user", "Tuntas")
    [line] = [line for line in inbox.latest(stage.legal, 5) if line.kind == "mail_failed"]
    assert stage.case.number in line.sentence
    with clock.at(clock.now() + 24 * HOUR):
        assert postman.send_due() == 0, "it is not tried again"


def test_an_unreachable_server_costs_no_mail_its_tries(stage: Stage, office: PostOffice) -> None:
    pks = [stage.write(), stage.write()]
    stage.app.config.update(PostOffice(free_port()).settings())
    for hours in range(20):
        with clock.at(clock.now() + hours * HOUR):
            assert postman.send_due() == 0
    assert {stage.state(pk)[:2] for pk in pks} == {("queued", 0)}
    assert "refused" in outbox.latest_problem()
    stage.app.config.update(office.settings())
    with clock.at(clock.now() + 30 * HOUR):
        assert postman.send_due() == 2
    assert outbox.latest_problem() == ""


def test_without_a_server_mails_wait(stage: Stage) -> None:
    stage.app.config["SMTP"] = None
    pk = stage.write()
    assert postman.send_due() == 0
    assert stage.state(pk) == ("queued", 0, "")


def test_what_another_worker_has_is_left_to_it_until_its_claim_is_over(
    any_stage: Stage, office: PostOffice
) -> None:  # fmt: skip
    stage = any_stage
    pk = stage.write()
    lease = postman._leased(clock.now())
    assert lease is not None
    given = stage.mail(pk).message_id
    assert postman.send_due() == 0
    with clock.at(clock.now() + postman.LEASE_TIME):
        assert postman.send_due() == 1
    postman._write_down(lease, channels.Outcome("refused", "too late"), clock.now())
    assert stage.state(pk)[0] == "sent", "the one that was too slow writes nothing down"
    assert [mail["Message-ID"] for mail in office.mails] == [given]


def test_a_dying_connection_is_renewed(stage: Stage, office: PostOffice) -> None:
    first, second = stage.write("satu@example.test"), stage.write("dua@example.test")
    office.answers["RCPT"] = lambda address: "421 too many mails" if address.startswith("satu") else None
    assert postman.send_due() == 1
    assert (stage.state(first)[:2], stage.state(second)[0], office.connections) == (("queued", 1), "sent", 2)


HOSTILE = (
    "a@b.example\r\nBcc: semua@example.test", "a@b.example, c@d.example", "bukan alamat", "", "<script>@",
    '"a\nb"@c.example',
)  # fmt: skip


def test_what_is_no_address_goes_to_nobody(stage: Stage, office: PostOffice) -> None:
    pks = [stage.write(recipient, case_id=stage.case_id) for recipient in HOSTILE]
    assert postman.send_due() == 0
    assert {stage.state(pk)[:2] for pk in pks} == {("failed", 1)}
    assert office.accepted == []


def test_nobody_adds_a_header_or_a_tag(stage: Stage, office: PostOffice) -> None:
    subject = "Kabar\r\nBcc: semua@example.test\n\nIsi " + "panjang " * 60
    stage.write("budi@bücher.example", subject, "<script>alert(1)</script>\n.\nBcc: x@y.example",
                references="<a@b>\r\nBcc: x@y <c@d>")  # fmt: skip
    assert postman.send_due() == 1
    [(recipient, mail)] = office.accepted
    assert (recipient, mail["Bcc"], mail["References"]) == ("budi@xn--bcher-kva.example", None, "<a@b> <c@d>")
    assert len(mail["Subject"]) <= 200
    assert "&lt;script&gt;" in read(mail, "html")
    assert "\n.\nBcc" in read(mail, "plain")


def test_attachments_that_are_too_large_or_gone_are_told(stage: Stage, office: PostOffice) -> None:
    document = stage.document()
    named: dict[str, Any] = {"case_id": stage.case_id, "documents": [document.id]}
    other = stage.write(documents=[document.id])
    large = stage.write(**named)
    stage.app.config["MAIL_MAX_BYTES"] = len(PDF)
    postman.send_due()
    assert stage.state(large)[0] == stage.state(other)[0] == "failed"
    assert "MB" in stage.state(large)[2]
    stage.app.config["MAIL_MAX_BYTES"] = 1 << 20
    with write_transaction() as session:
        session.execute(update(Document).values(storage_key="documents/00/nothing"))
    gone = stage.write(**named)
    postman.send_due()
    assert "Somasi – Ünal.pdf" in stage.state(gone)[2]
    with write_transaction() as session:
        session.execute(update(Document).values(purged_at=clock.now()))
    purged = stage.write(**named)
    postman.send_due()
    assert stage.state(purged)[0] == "failed"
    assert office.accepted == []


def test_a_password_that_is_wrong_makes_all_of_them_wait(stage: Stage) -> None:
    pk = stage.write()
    with post_office(password="rahasia/1") as strict:
        for url in ("smtp://127.0.0.1:{port}", "smtp://tuntas:salah@127.0.0.1:{port}"):
            stage.app.config.update(strict.settings(url))
            with clock.at(clock.now() + HOUR):
                assert postman.send_due() == 0
            assert stage.state(pk)[:2] == ("queued", 0)
            assert stage.state(pk)[2].startswith("53")
        stage.app.config.update(strict.settings("smtp://tuntas:rahasia%2F1@127.0.0.1:{port}"))
        with clock.at(clock.now() + 2 * HOUR):
            assert postman.send_due() == 1


def test_where_tls_is_required_nothing_travels_in_the_clear(stage: Stage, office: PostOffice) -> None:
    pk = stage.write()
    stage.app.config.update(office.settings("smtp://127.0.0.1:{port}?starttls=required"))
    assert postman.send_due() == 0
    assert (stage.state(pk)[:2], office.accepted) == (("queued", 0), [])
    assert "STARTTLS" in stage.state(pk)[2]


def test_starttls_is_used_where_offered_and_its_certificate_is_checked(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    certificate = self_signed(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    pk = stage.write()
    with post_office(tls=tls) as secure:
        stage.app.config.update(secure.settings())
        assert postman.send_due() == 0
        assert stage.state(pk)[:2] == ("queued", 0)
        assert "CERTIFICATE_VERIFY_FAILED" in stage.state(pk)[2]
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with clock.at(clock.now() + HOUR):
            assert postman.send_due() == 1
        assert secure.secured == [True]


def self_signed(folder: Path) -> Path:
    """Key and certificate of 127.0.0.1 in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "uji")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(datetime(2020, 1, 1)).not_valid_after(datetime(2090, 1, 1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    kept = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "mail.pem").write_bytes(kept + made.public_bytes(Encoding.PEM))
    return folder / "mail.pem"


def test_a_bounce_is_told_once_by_id_or_by_address(any_stage: Stage, office: PostOffice) -> None:
    stage = any_stage
    pk, later = stage.write(case_id=stage.case_id), stage.write("kedua@example.test", case_id=stage.case_id)
    postman.send_due()
    reference = stage.mail(pk).message_id
    assert bounces.bounced("<nobody@knows.example>", "x") is None
    assert bounces.bounced("", "x") is None
    assert bounces.bounced(reference, "550 mailbox\r\nfull\x00") == pk
    assert bounces.bounced(reference, "again") is None
    assert stage.state(pk) == ("bounced", 1, "550 mailbox full")
    assert bounces.bounced("kedua@example.test", "unknown") == later
    assert [line.kind for line in inbox.latest(stage.legal, 5)] == ["mail_failed", "mail_failed"]
    actions = select(Event.action).where(Event.case_id == stage.case_id).order_by(Event.seq)
    assert db.session.scalars(actions).all() == ["submit", "mail_failed", "mail_failed"]


def test_a_mail_that_nobody_sent_is_told_to_whose_turn_it_is(stage: Stage, office: PostOffice) -> None:
    stage.cast.user("cs")
    stage.write(case_id=stage.case_id)
    with write_transaction() as session:
        session.execute(update(OutgoingMail).values(actor_id=None))
    office.answers["RCPT"] = lambda address: "550 unknown"
    postman.send_due()
    told = select(Notice.user_id).where(Notice.kind == "mail_failed")
    assert db.session.scalars(told).all() == [stage.cast.actor("cs").id]
