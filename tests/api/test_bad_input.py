"""What people and programs send wrongly: refused in words, and nothing is changed."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import Case, Document, Event
from app.services.documents import storage
from tests.cast import Api, Cast
from tests.client import MP3, PDF
from tests.databases import sqlite_alone

LETTER = {
    "letter_number": "1", "letter_date": "2026-11-16", "received_date": "2026-11-18", "sender": "Wijaya",
    "customer_name": "Budi", "subject": "Paket hilang",
}  # fmt: skip
SCAN = ("surat.pdf", PDF)


@pytest.fixture
def legal(cast: Cast) -> Api:
    return cast.api("legal")


def created(api: Api, answers: dict[str, Any] | None = None, **files: Any) -> Any:
    return api.post("/somasi/", LETTER | (answers or {}), files={"somasi": SCAN} | files)


def counts(app: Flask) -> tuple[int, ...]:
    """Cases, documents, events, and files kept or on their way."""
    with app.app_context():
        rows = [db.session.scalar(select(func.count()).select_from(table)) for table in (Case, Document, Event)]
        files = sum(len(page) for page in storage.obstore.list(storage.store()))
    return (*rows, files)


@pytest.mark.parametrize(
    ("written", "amount"),
    [("1.250.000", 1_250_000), ("1250000", 1_250_000), (1_250_000, 1_250_000), ("Rp1.250.000,00", 1_250_000),
     ("1,250,000", 1_250_000), ("", None), (None, None)],
)  # fmt: skip
def test_amounts_as_people_write_them(legal: Api, written: Any, amount: int | None) -> None:
    assert created(legal, {"claimed_amount": written}).json["claimed_amount"] == amount


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("claimed_amount", "sejuta"), ("claimed_amount", "1.25"), ("claimed_amount", "-5"),
        ("claimed_amount", 0),
        ("claimed_amount", "9" * 30), ("claimed_amount", "1.250,5"), ("letter_date", "besok"),
        ("letter_date", "2026-02-30"), ("letter_date", "31/13/2026"), ("letter_date", "0001-01-01"),
        ("letter_date", "2026-11-16T10:00"), ("cs_person", "nobody"),
        ("subject", "x" * 256), ("colour", "red"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_listed_by_field(app: Flask, legal: Api, field: str, written: str) -> None:
    before = counts(app)
    refused = created(legal, {field: written})
    assert refused.status_code == 400
    assert [(error["kind"], error["key"]) for error in refused.json["missing"]] == [("invalid", field)]
    assert refused.json["message"]
    assert counts(app) == before


@pytest.mark.parametrize("value", [["a"], {"a": 1}, True, 1.5])
@pytest.mark.parametrize("field", ["claimed_amount", "letter_date", "subject", "cs_person"])
def test_json_of_the_wrong_kind(legal: Api, cast: Cast, field: str, value: Any) -> None:
    answer = legal.post("/somasi/", LETTER | {field: value})
    assert answer.status_code in (400, 422), answer.text
    if not (field == "subject" and value == 1.5):
        assert field in {error["key"] for error in answer.json["missing"]}


def test_the_unreadable_and_the_lacking_are_listed_together(legal: Api) -> None:
    refused = legal.post("/somasi/", {"letter_date": "besok", "colour": "red"})
    assert refused.status_code == 400
    errors = {(error["kind"], error["key"]) for error in refused.json["missing"]}
    assert errors >= {("invalid", "letter_date"), ("invalid", "colour"), ("field", "subject"), ("document", "somasi")}
    assert ("field", "letter_date") not in errors


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("kosong.pdf", b"", 415),
        ("surat.pdf", MP3, 415),
        ("surat.pdf", b"MZ\x90\x00" + bytes(200), 415),
        ("surat.exe", PDF, 415),
        ("foto.png", PDF, 415),
        ("halaman.html", b"<script>alert(1)</script>", 415),
        ("surat.pdf", PDF + bytes(2 << 20), 413),
    ],
)
def test_files_that_are_not_what_they_should_be(app: Flask, legal: Api, name: str, content: bytes, status: int) -> None:
    before = counts(app)
    refused = created(legal, somasi=(name, content))
    assert refused.status_code == status
    assert [(error["kind"], error["key"]) for error in refused.json["missing"]] == [("document", "somasi")]
    assert counts(app) == before


def test_one_wrong_file_among_several_keeps_none(app: Flask, legal: Api) -> None:
    before = counts(app)
    refused = created(legal, lampiran_somasi=[SCAN, ("kosong.pdf", b"")])
    assert refused.status_code == 415
    assert "kosong.pdf" in refused.json["message"]
    assert counts(app) == before


def test_a_request_that_is_too_large(app: Flask, legal: Api) -> None:
    app.config |= {"MAX_CONTENT_LENGTH": 10_000, "MAX_FORM_MEMORY_SIZE": 5_000}
    refused = [
        created(legal, somasi=("surat.pdf", PDF + bytes(20_000))),
        created(legal, {"chronology": "x" * 6_000}),
        legal.post("/somasi/", LETTER | {"chronology": "x" * 6_000}),
    ]
    assert [(answer.status_code, set(answer.json)) for answer in refused] == [(413, {"message"})] * 3


def test_a_file_for_a_document_that_the_step_does_not_take(legal: Api) -> None:
    refused = created(legal, bukti_pod=SCAN)
    assert refused.status_code == 400
    assert [(error["kind"], error["key"]) for error in refused.json["missing"]] == [("document", "bukti_pod")]


def test_the_same_submission_twice_makes_one_case(app: Flask, legal: Api, cast: Cast) -> None:
    sent = {"headers": {"Idempotency-Key": "formulir-1"}}
    first = legal.post("/somasi/", LETTER, files={"somasi": SCAN}, **sent)
    again = legal.post("/somasi/", LETTER, files={"somasi": SCAN}, **sent)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["number"] == again.json["number"]
    other = cast.api("legal_manager").post("/somasi/", LETTER, files={"somasi": SCAN}, **sent)
    assert other.json["number"] != first.json["number"]
    assert legal.get("/somasi/").json["count"] == 2
    assert counts(app)[3] == 2
    assert legal.post("/somasi/", LETTER, headers={"Idempotency-Key": "x" * 300}).status_code == 400


@pytest.mark.parametrize("pk", ["0", "999", "99999999999", "9" * 40, "-1", "abc", "1.5", "%00", "1e3"])
def test_an_unknown_case(legal: Api, pk: str) -> None:
    for path in ("", "/actions", "/documents", "/history", "/documents/1/content"):
        answer = legal.get(f"/somasi/{pk}{path}")
        assert (answer.status_code, set(answer.json)) == (404, {"message"})
    assert legal.post(f"/somasi/{pk}/actions/suspend", {}).status_code == 404


@pytest.mark.parametrize("doc", ["0", "999", "9" * 30, "-1", "resep", "..", "%2e%2e"])
def test_an_unknown_document(legal: Api, doc: str) -> None:
    pk = created(legal).json["id"]
    assert legal.get(f"/somasi/{pk}/documents/{doc}/content").status_code == 404


def test_the_document_of_another_case(legal: Api) -> None:
    first, second = created(legal).json["id"], created(legal).json["id"]
    [version] = next(i for i in legal.get(f"/somasi/{first}/documents").json if i["type"] == "somasi")["versions"]
    assert legal.get(f"/somasi/{first}/documents/{version['id']}/content").status_code == 200
    assert legal.get(f"/somasi/{second}/documents/{version['id']}/content").status_code == 404


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"teks"', "application/json", 400),
        (b"null", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"subject": "\\ud800"}', "application/json", 400),
        (b'{"note": 5}', "application/json", 400),
        (b'{"note": "a\\u0000b"}', "application/json", 422),
        (b"\xff\xfe", "application/json", 400),
        (b"a=1", "text/plain", 415),
        (b"<a/>", "application/xml", 415),
        (b"sender=Wijaya", "application/x-www-form-urlencoded", 415),
        (b'--x\r\nContent-Disposition: form-data; name="sender"\r\n\r\nWij', "multipart/form-data; boundary=x", 400),
        (b'--x\r\nContent-Disposition: form-data; name="somasi"; filename="a.pdf"\r\n\r\n%PDF',
         "multipart/form-data; boundary=x", 400),
        (b"abc", "multipart/form-data", 400),
        (b"abc", "multipart/form-data; boundary=x", 400),
    ],
)  # fmt: skip
def test_bodies_that_are_broken(app: Flask, legal: Api, body: bytes, content_type: str, status: int) -> None:
    before = counts(app)
    answer = legal.client.post("/api/v1/somasi/", data=body, content_type=content_type, headers=legal.headers)
    assert answer.status_code == status, answer.text
    assert answer.json["message"]
    assert counts(app) == before


def test_a_form_that_breaks_off_on_its_way(app: Flask, legal: Api) -> None:
    """The length says more than what comes, as when a connection is lost."""
    before = counts(app)
    body = b'--x\r\nContent-Disposition: form-data; name="somasi"; filename="a.pdf"\r\n\r\n%PDF-1.4'
    answer = legal.client.post(
        "/api/v1/somasi/", input_stream=io.BytesIO(body), content_length=len(body) + 5000,
        content_type="multipart/form-data; boundary=x", headers=legal.headers,
    )  # fmt: skip
    assert answer.status_code == 400
    assert counts(app) == before


@pytest.mark.parametrize("version", ["satu", 1.5, True, [1], {"a": 1}, "-1", "9" * 40])
def test_a_version_that_is_no_number(legal: Api, version: Any) -> None:
    pk = created(legal).json["id"]
    answer = legal.post(f"/somasi/{pk}/actions/continue_somasi", {"version": version})
    assert answer.status_code == 400


def test_lists_in_forms(cast: Cast, legal: Api) -> None:
    """Several answers come repeated or as JSON; anything else is refused."""
    pk = created(legal).json["id"]
    papers = ("form_sengketa", "kronologis_operasional", "kronologis_cs", "bukti_pod", "tanda_terima", "mom")
    sent = cast.api("cs").post(
        f"/somasi/{pk}/actions/submit_documents", {"offered_compensation": 1}, files=dict.fromkeys(papers, SCAN)
    )
    assert sent.status_code == 200
    litigation = cast.api("legal_litigasi_1")
    path, note = f"/api/v1/somasi/{pk}/actions/request_revision", "Lengkapi"
    for wrong in ("resep", '["resep"]', "[", '{"a": 1}', '[["mom"]]'):
        sent = {"requested": wrong, "note": note}
        answer = litigation.client.post(path, data=sent, headers=litigation.headers,
                                        content_type="multipart/form-data")  # fmt: skip
        assert answer.status_code == 400, wrong
    answer = litigation.client.post(path, data={"requested": ["mom", "bukti_pod"], "note": note},
                                    headers=litigation.headers, content_type="multipart/form-data")  # fmt: skip
    assert answer.json["requested_documents"] == ["mom", "bukti_pod"]


@sqlite_alone
def test_a_locked_database_changes_nothing(make_app: Callable[..., Flask]) -> None:
    app = make_app(DATABASE_BUSY_MS=100)
    cast = Cast(app)
    legal = cast.api("legal")
    pk = created(legal).json["id"]
    before = counts(app)
    other = sqlite3.connect(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        refused = [
            created(legal),
            legal.post(f"/somasi/{pk}/comments", {"text": "Lihat"}, files={"files": SCAN}),
            legal.client.post("/api/v1/security/login", json={"username": "legal", "password": "tuntas-demo"}),
        ]
        reading = [legal.get(path).status_code for path in ("/somasi/", f"/somasi/{pk}", "/worklist", "/sop/")]
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert [answer.status_code for answer in refused] == [503] * 3
    assert all(answer.json["message"] for answer in refused)
    assert reading == [200] * 4
    assert counts(app) == before
    assert created(legal).status_code == 201
