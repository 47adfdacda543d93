"""The page on which data are corrected: what it shows, to whom, and rows of a case."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.cast import Cast
from tests.panel.helpers import FROM_CS, REPORT, file, fill, posko, send, somasi

HEARING = {"stage": "mediasi", "hearing_date": "2026-11-18", "next_date": "2026-12-07", "what_happened": "Mangkir"}
COURT = {"court": "PN Depok", "court_case_number": "7", "registered_date": "2026-11-18"}


@pytest.fixture
def path(cast: Cast, pdf: bytes) -> str:
    """A letter before the court, with a hearing."""
    legal, cs, litigasi = (cast.login(name) for name in ("legal", "cs", "legal_litigasi_1"))
    path = somasi(legal, pdf)
    papers = {key: file(pdf + key.encode()) for key in FROM_CS}
    assert send(cs, f"{path}/do/submit_documents", {"offered_compensation": "1"}, **papers).status_code == 302
    assert litigasi.post(f"{path}/do/accept_documents").status_code == 302
    drafts = {key: file(pdf + key.encode()) for key in ("draft_tanggapan", "analisis_kasus")}
    assert send(litigasi, f"{path}/do/submit_draft", {}, **drafts).status_code == 302
    claim = {"gugatan_pengadilan": file(pdf, "gugatan.pdf")}
    assert send(legal, f"{path}/do/continue_court", COURT, **claim).status_code == 302
    assert legal.post(f"{path}/do/record_hearing", data=HEARING).status_code == 302
    return path


def test_a_row_begins_with_what_it_has_and_is_corrected(cast: Cast, path: str) -> None:
    legal = cast.login("legal")
    assert f'href="{path}/correct/hearings/1"' in legal.get(path).text
    form = legal.get(f"{path}/correct/hearings/1").text
    assert 'value="07/12/2026"' in form
    assert "Mangkir</textarea>" in form
    assert '<option selected value="mediasi">' in form
    changed = HEARING | {"next_date": "2026-12-09", "note": "Salah tanggal"}
    assert legal.post(f"{path}/correct/hearings/1", data=changed).status_code == 302
    page = legal.get(path).text
    newest = page.split('class="timeline"')[1].split("</li>")[0]
    assert "Salah tanggal" in newest
    assert "<del>7 Des 2026</del>" in newest
    assert newest.count("<dt>") == 1


def test_it_is_offered_to_whom_it_is_open(cast: Cast, path: str) -> None:
    cs, supervisor = cast.login("cs"), cast.login("supervisor")
    assert f'href="{path}/correct"' in cs.get(path).text
    assert "/correct/hearings/" not in cs.get(path).text
    assert 'name="offered_compensation"' in cs.get(f"{path}/correct").text
    assert 'name="customer_phone"' not in cs.get(f"{path}/correct").text
    assert cs.get(f"{path}/correct/hearings/1").status_code == 403
    assert "/correct" not in supervisor.get(path).text
    assert supervisor.get(f"{path}/correct").status_code == 403
    assert cast.login("legal").get(f"{path}/correct/hearings/9").status_code == 404
    assert cast.login("legal").get(f"{path}/correct/nothing/1").status_code == 404


def test_confidential_answers_say_who_reads_the_reason(cast: Cast, path: str) -> None:
    legal = cast.login("legal")
    said = "Siapa yang tidak boleh membaca isian rahasia juga tidak membaca alasan pembetulannya."
    assert said in legal.get(f"{path}/correct/hearings/1").text
    assert said not in legal.get(f"{path}/correct").text


def test_a_form_that_changes_nothing_is_told_so(app: Flask, cast: Cast) -> None:
    posko(app)
    [pk] = fill(cast, 1)
    cso = cast.login("cso")
    answer = cso.post(f"/keluhan/{pk}/correct", data=REPORT | {"name": "Warga 000", "note": "Salah"})
    assert answer.status_code == 422
    assert "Tidak ada yang berbeda" in answer.text
