"""The page of incoming mail: who sees it, and what they do with what waits there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.extensions import db
from app.models import Case, Document, Event, IncomingMail, OutgoingMail
from app.services.mail.taking_in import take_in
from config import from_environment
from tests.cast import Cast
from tests.panel.helpers import in_english
from tests.services.mail.building import PDF, plain, with_files
from tests.services.mail.corpus import KNOWN

NAMELESS = "tanpa.nama@pelanggan.example"


@pytest.fixture
def ids(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """One mail of each kind, by its key: what lacks a name, what a stranger wrote, what is on a case."""
    url = {"MAILBOX_1_URL": "imap://a:b@127.0.0.1/INBOX", "MAILBOX_1_SOP": "pengaduan"}
    [mailbox] = from_environment(url | {"INSTANCE_PATH": app.config["INSTANCE_PATH"]})["MAILBOXES"]
    monkeypatch.setitem(app.config, "MAILBOXES", (mailbox,))
    with app.app_context():
        take_in(mailbox, plain("first", "Saldo hilang.", sender=KNOWN))
        number = db.session.scalar(select(Case.number))
        script = "<script>alert(1)</script> Uang saya ke mana?"
        take_in(mailbox, with_files("nameless", ("bukti.pdf", PDF), text=script, sender=NAMELESS))
        take_in(mailbox, plain("asing", "Ini datanya.", subject=f"Re: {number}"))
        take_in(mailbox, plain("auto", Auto_Submitted="auto-replied"))
        found = db.session.execute(select(IncomingMail.message_id, IncomingMail.id)).tuples().all()
        return {message_id.strip("<>").partition("@")[0]: pk for message_id, pk in found}


@pytest.fixture
def cs(cast: Cast) -> FlaskClient:
    browser = cast.login("cs")
    in_english(browser)
    return browser


def state(app: Flask, pk: int) -> tuple[str, str, int | None]:
    with app.app_context():
        mail = db.session.get_one(IncomingMail, pk)
        return mail.state, mail.settled_by, mail.case_id


def hidden(page: str) -> dict[str, str]:
    """What the form carries along unseen."""
    return dict(re.findall(r'<input type="hidden" name="(_\w+)" value="([^"]*)">', page))


def test_the_list_tells_what_waits_and_why(ids: dict[str, int], cs: FlaskClient) -> None:
    page = cs.get("/incoming-mail/").text
    assert "It lacks what a case needs" in page
    assert "that case does not know this sender" in page
    assert "auto" not in re.sub(r"<[^>]*>", "", page.partition("<table")[2])
    assert "A program answered by itself" in cs.get("/incoming-mail/?state=ignored").text
    assert "PGD-" in cs.get("/incoming-mail/?state=on_case").text
    assert cs.get("/incoming-mail/?state=%00&page=x").status_code == 200


def test_a_mail_is_shown_as_text_and_its_source_is_downloaded(ids: dict[str, int], cs: FlaskClient) -> None:
    page = cs.get(f"/incoming-mail/{ids['nameless']}").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "Name is required." in page or "Nama wajib diisi." in page
    answer = cs.get(f"/mail-source/{ids['nameless']}.eml")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data.startswith(b"From: " + NAMELESS.encode())


def test_a_case_is_made_of_it(ids: dict[str, int], cs: FlaskClient, app: Flask) -> None:
    pk = ids["nameless"]
    page = cs.get(f"/pengaduan/new?_mail={pk}").text
    assert NAMELESS in page
    assert "Uang saya ke mana?" in page
    assert hidden(page)["_mail"] == str(pk)
    typed: dict[str, Any] = hidden(page) | {
        "channel": "email", "email": NAMELESS, "complaint": "Uang saya ke mana?", "name": "",
    }  # fmt: skip
    refused = cs.post("/pengaduan/new", data=typed)
    assert refused.status_code == 422
    assert hidden(refused.text)["_mail"] == str(pk)
    assert state(app, pk)[0] == "quarantined"
    # Whoever recorded it as a mail is asked for no category either.
    assert cs.post("/pengaduan/new", data=typed | {"name": "Nur Aini"}).status_code == 302
    found, by, case_id = state(app, pk)
    assert (found, bool(by)) == ("on_case", True)
    with app.app_context():
        types = db.session.scalars(select(Document.type).where(Document.case_id == case_id).order_by(Document.id)).all()
        assert types == ["data_pelanggan", "email_pelanggan"]
        [answer] = db.session.scalars(
            select(OutgoingMail).where(OutgoingMail.case_id == case_id, ~OutgoingMail.internal)
        )
        assert (answer.recipient, answer.in_reply_to) == (NAMELESS, "<nameless@pelanggan.example>")
    # The same form once more, and the address of the form: somebody has dealt with it.
    assert cs.post("/pengaduan/new", data=typed | {"name": "Nur", "_submission": "x"}).status_code == 409
    assert cs.get(f"/pengaduan/new?_mail={pk}").status_code == 409
    shown = cs.get(f"/pengaduan/{case_id}").text
    assert "E-mail came in" in shown
    assert f"/mail-source/{pk}.eml" in shown


def test_it_is_attached_to_a_case(ids: dict[str, int], cs: FlaskClient, app: Flask) -> None:
    pk = ids["asing"]
    page = cs.get(f"/incoming-mail/{pk}").text
    number = re.search(r'name="number"[^>]*value="(PGD-[^"]+)"', page)
    assert number is not None
    wrong = cs.post(f"/incoming-mail/{pk}/attach", data={"number": "PGD-1"})
    assert wrong.status_code == 422
    assert "There is no case “PGD-1”" in wrong.text
    assert cs.post(f"/incoming-mail/{pk}/attach", data={"number": f" {number[1].lower()} "}).status_code == 303
    assert state(app, pk)[0] == "on_case"
    with app.app_context():
        notes = db.session.scalars(select(Event.note).where(Event.action == "mail_came").order_by(Event.id)).all()
        assert notes == ["Saldo hilang.", "Ini datanya."]
    assert cs.post(f"/incoming-mail/{pk}/attach", data={"number": number[1]}).status_code == 409
    assert cs.post(f"/incoming-mail/{pk}/discard").status_code == 409


def test_it_is_discarded(ids: dict[str, int], cs: FlaskClient, app: Flask) -> None:
    assert cs.post(f"/incoming-mail/{ids['asing']}/discard").status_code == 303
    assert state(app, ids["asing"])[0] == "discarded"
    assert cs.get(f"/incoming-mail/{ids['asing']}").status_code == 200
    assert cs.post(f"/incoming-mail/{ids['auto']}/discard").status_code == 409


def test_who_may_open_a_case_handles_its_mails_and_nobody_else(ids: dict[str, int], cast: Cast, app: Flask) -> None:
    pk, on_case = ids["nameless"], ids["first"]
    admin = cast.login("admin")
    assert admin.get(f"/incoming-mail/{pk}").status_code == 200
    assert admin.get(f"/pengaduan/new?_mail={pk}").status_code == 403
    for name in ("supervisor", "cso", "legal_litigasi_1"):
        other = cast.login(name)
        for path in ("/incoming-mail/", f"/incoming-mail/{pk}"):
            assert other.get(path).status_code in (302, 403, 404), (name, path)
        assert other.post(f"/incoming-mail/{pk}/discard").status_code in (302, 403, 404)
        assert other.get(f"/mail-source/{pk}.eml").status_code == 404
    # Who sees the case reads what has become an entry of it.
    assert cast.login("supervisor").get(f"/mail-source/{on_case}.eml").status_code == 200
    assert cast.login("cso").get(f"/mail-source/{on_case}.eml").status_code == 404
    assert app.test_client().get(f"/mail-source/{on_case}.eml").status_code in (302, 401)
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(IncomingMail.state == "quarantined")) == 2
