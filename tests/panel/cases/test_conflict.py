"""Saving after somebody else: refused, with what they changed and with what was typed."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.cases import assignment
from tests.cast import Cast
from tests.panel.helpers import FROM_CS, file, fill, in_english, posko, send, somasi

UNIT = "ulp_menteng"
CONTACT = {"contact_at": "2026-11-17T14:05", "contact_channel": "cc_123", "said": "Sudah dua jam <padam>"}


@pytest.fixture
def path(app: Flask, cast: Cast) -> str:
    posko(app)
    [pk] = fill(cast, 1)
    return f"/keluhan/{pk}"


def both(cast: Cast) -> tuple[FlaskClient, FlaskClient]:
    found = cast.login("cso"), cast.login("cso_2", "cso")
    for one in found:
        in_english(one)
    return found


def version_of(client: FlaskClient, page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', client.get(page).text)
    assert found
    return found[1]


def test_the_second_sees_what_the_first_did_and_his_own_words(cast: Cast, path: str) -> None:
    one, two = both(cast)
    form = f"{path}/do/add_repeat_contact"
    version = version_of(two, form)
    one.post(form, data=CONTACT | {"version": version, "said": "Listrik masih mati", "note": "Minta dipercepat"})
    answer = two.post(form, data=CONTACT | {"version": version, "note": "Catatan saya"})
    assert answer.status_code == 409
    since = answer.text.split('id="since"')[1].split("</section>")[0]
    assert since.count("<li>") == 1
    assert "Cso Uji" in since
    assert "Listrik masih mati" in since
    assert "Minta dipercepat" in since
    assert "<details open>" in since
    typed = answer.text.split('id="typed"')[1].split("</section>")[0]
    assert "Sudah dua jam &lt;padam&gt;" in typed
    assert "Catatan saya" in typed
    assert "2026-11-17 14:05" in typed
    assert "CC 123" in typed, "the answer's label, not its key"
    assert "Listrik masih mati" not in typed


def test_back_to_the_form_with_everything_and_the_new_version(cast: Cast, path: str) -> None:
    one, two = both(cast)
    form = f"{path}/do/add_repeat_contact"
    version = version_of(two, form)
    one.post(form, data=CONTACT | {"version": version})
    text = two.post(form, data=CONTACT | {"version": version, "note": "Catatan saya"}).text
    way_back = text.split(f'action="{form}"')[1].split("</form>")[0]
    inputs = dict(re.findall(r'name="(\w+)" value="([^"]*)"', way_back))
    assert inputs.pop("_prefill") == "1"
    assert "version" not in inputs
    again = two.post(form, data=inputs | {"_prefill": "1"})
    assert again.status_code == 200
    assert "Catatan saya" in again.text
    fresh = re.search(r'name="version" value="(\d+)"', again.text)
    assert fresh
    assert fresh[1] != version
    assert two.post(form, data=CONTACT | {"version": fresh[1]}).status_code == 302


def test_a_step_that_is_over_has_no_way_back_to_its_form(cast: Cast, pdf: bytes) -> None:
    page = somasi(cast.login("legal"), pdf)
    one, two = cast.login("cs"), cast.login("cs_2", "cs")
    in_english(two)
    answers = {"offered_compensation": "750000", "version": version_of(two, f"{page}/do/submit_documents")}
    files = {"note": "Semua lengkap"}
    send(one, f"{page}/do/submit_documents", answers | files, **{k: file(pdf) for k in FROM_CS})
    answer = send(two, f"{page}/do/submit_documents", answers, bukti_pod=file(pdf, "pod saya.pdf"))
    assert answer.status_code == 409
    assert "/do/submit_documents" not in answer.text.split("<main")[1]
    assert f'href="{page}"' in answer.text
    since = answer.text.split('id="since"')[1].split("</section>")[0]
    assert "Rp750.000" in since or "Rp750,000" in since
    assert "Semua lengkap" in since
    assert since.count("version 1") == len(FROM_CS)
    typed = answer.text.split('id="typed"')[1].split("</section>")[0]
    assert "750000" in typed
    assert "pod saya.pdf" in typed


def test_what_is_no_step_is_not_who_was_first(app: Flask, cast: Cast, path: str, pdf: bytes) -> None:
    unit = cast.login("unit", unit=UNIT)
    version = version_of(unit, path)
    unit.post(f"{path}/do/start", data={"version": version})
    pk = int(path.rsplit("/", 1)[1])
    with app.test_request_context():
        assignment.take(cast.actor("anisa", "unit", unit=UNIT), "keluhan", pk)
    answer = cast.login("budi", "unit", unit=UNIT).post(f"{path}/do/start", data={"version": version})
    assert answer.status_code == 409
    alert = answer.text.split('role="alert"')[1].split("</p>")[0]
    assert "Unit Uji" in alert
    assert "Anisa" not in alert


def test_without_a_version_it_says_by_whom(cast: Cast, path: str) -> None:
    unit = cast.login("unit", unit=UNIT)
    unit.post(f"{path}/do/start")
    answer = unit.post(f"{path}/do/start")
    assert answer.status_code == 409
    assert "Unit Uji" in answer.text
    assert 'id="since"' not in answer.text
