"""The pages of requests about personal data: for their officers alone, from the record to the answer."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.models import Case, PrivacyRequest
from tests.cast import Cast
from tests.panel.helpers import REPORT, fill, posko

FORM = {
    "right_key": "access", "name": "Warga 000", "phone": "0812-3456-7890", "verified": "KTP ditunjukkan di loket",
    "details": "Minta salinan",
}  # fmt: skip
PAGES = ("/privacy-requests/", "/privacy-requests/new", "/privacy-requests/1")


@pytest.fixture
def case(app: Flask, cast: Cast) -> int:
    posko(app)
    [pk] = fill(cast, 1)
    return pk


@pytest.fixture
def officer(cast: Cast, case: int) -> FlaskClient:
    return cast.login("supervisor")


def recorded(client: FlaskClient, **answers: str) -> str:
    answer = client.post("/privacy-requests/new", data=FORM | answers)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


@pytest.mark.parametrize("user", ["cs", "qc", "cso", "legal"])
def test_others_find_nothing_there(cast: Cast, officer: FlaskClient, user: str) -> None:
    recorded(officer)
    client = cast.login(user)
    for path in PAGES:
        assert client.get(path).status_code in (302, 403, 404), path
    for path in ("/privacy-requests/new", "/privacy-requests/1/cases", "/privacy-requests/1/export",
                 "/privacy-requests/1/answer", "/privacy-requests/1/erase/1"):  # fmt: skip
        answer = client.post(path, data=FORM)
        assert (answer.status_code in (302, 403, 404), "Warga" in answer.text) == (True, False), path
    assert "privacy-requests" not in client.get("/").text


def test_whoever_the_settings_name_handles_them(app: Flask, cast: Cast, officer: FlaskClient) -> None:
    """And nobody else any more."""
    app.config["PRIVACY_OFFICERS"] = ["QA"]
    assert officer.get("/privacy-requests/").status_code == 403


def test_a_request_from_its_receipt_to_its_answer(app: Flask, officer: FlaskClient, case: int) -> None:
    assert "privacy-requests" in officer.get("/").text
    path = recorded(officer)
    page = officer.get(path).text
    assert "PDP-" in page
    assert f'value="{case}"' in page
    assert "checked" in page.split(f'value="{case}"')[1][:60], "found by the phone"
    assert 'class="deadline' in officer.get("/privacy-requests/").text
    assert officer.post(f"{path}/export").status_code == 409
    assert officer.post(f"{path}/cases", data={"case": [str(case), "x", "99999999999"]}).status_code == 303
    answer = officer.post(f"{path}/export", buffered=True)
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    assert "no-store" in answer.headers["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert {"data.json", "data.html"} <= set(packed.namelist())
        assert REPORT["description"] in packed.read("data.json").decode()
    empty = officer.post(f"{path}/answer", data={"answer": "", "refuse": "1"})
    assert empty.status_code == 422
    assert officer.post(f"{path}/answer", data={"answer": "Dikirim lewat pos"}).status_code == 303
    page = officer.get(path).text
    assert "Dikirim lewat pos" in page
    assert f"{path}/answer" not in page
    assert officer.post(f"{path}/answer", data={"answer": "Lagi"}).status_code == 409
    assert "PDP-" in officer.get("/privacy-requests/?state=answered").text


def test_what_is_wrong_stands_beside_what_was_typed(app: Flask, officer: FlaskClient) -> None:
    for wrong, key in (({"phone": "x"}, "phone"), ({"received_at": "besok"}, "received_at"), ({"name": ""}, "name"),
                       ({"right_key": "x"}, "right_key"), ({"phone": ""}, "customer_code")):  # fmt: skip
        answer = officer.post("/privacy-requests/new", data=FORM | wrong)
        assert answer.status_code in (400, 422)
        assert f'id="{key}-error"' in answer.text, key
        assert "KTP ditunjukkan di loket" in answer.text
    with app.app_context():
        assert db.session.query(PrivacyRequest).count() == 0


def test_erasure_tells_why_not(app: Flask, officer: FlaskClient, case: int) -> None:
    path = recorded(officer, right_key="erasure")
    officer.post(f"{path}/cases", data={"case": str(case)})
    page = officer.get(path).text
    assert f"{path}/erase/{case}" not in page
    refused = officer.post(f"{path}/erase/{case}")
    assert refused.status_code == 409
    with app.app_context():
        kept: Any = db.session.get(Case, case)
        assert kept.reporter_name == "Warga 000"
        assert re.search(rf"{kept.number}: .{{10,}}", refused.text)


def test_a_correction_leads_to_the_case(officer: FlaskClient, case: int) -> None:
    path = recorded(officer, right_key="correction")
    officer.post(f"{path}/cases", data={"case": str(case)})
    assert f"/keluhan/{case}" in officer.get(path).text
    for wrong in ("0", "9999", "99999999999999999999"):
        assert officer.get(f"/privacy-requests/{wrong}").status_code == 404
