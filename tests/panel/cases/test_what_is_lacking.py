"""What a page says is lacking, and of whom: a new version, a second person, a number within its bounds."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.panel.helpers import FROM_CS, file, send, somasi

NOTE = "Foto POD tidak terbaca"


@pytest.fixture
def page(cast: Cast, pdf: bytes) -> str:
    """A somasi whose documents Legal checks."""
    path = somasi(cast.login("legal"), pdf)
    answer = send(
        cast.login("cs"),
        f"{path}/do/submit_documents",
        {"offered_compensation": "1"},
        **{k: file(pdf) for k in FROM_CS},
    )
    assert answer.status_code == 302
    return path


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def drafted(cast: Cast, page: str, pdf: bytes, first: FlaskClient) -> None:
    assert first.post(f"{page}/do/accept_documents").status_code == 302
    sent = send(first, f"{page}/do/submit_draft", {}, draft_tanggapan=file(pdf), analisis_kasus=file(pdf))
    assert sent.status_code == 302


def test_a_revision_asks_for_each_document_once_and_says_why(cast: Cast, page: str) -> None:
    first = cast.login("legal_litigasi_1")
    first.post(f"{page}/do/request_revision", data={"requested": ["bukti_pod", "mom"], "note": NOTE})
    cs = cast.login("cs")
    form = cs.get(f"{page}/do/submit_documents").text
    for key in ("bukti_pod", "mom", "form_sengketa"):
        assert form.count(f'name="{key}"') == 1, key
    above = form.split("<form")[-2] if "data-draft=" in form.split("<form")[-1] else form.split("data-draft=")[0]
    assert NOTE in above
    assert "perlu versi baru" in words(form)
    lacking = words(cs.get(page).text)
    assert "Perlu versi baru: Bukti POD" in lacking
    assert "Dokumen belum ada: Bukti POD" not in lacking


def test_a_draft_that_is_there_is_not_called_missing(cast: Cast, page: str, pdf: bytes) -> None:
    drafted(cast, page, pdf, cast.login("legal_litigasi_1"))
    text = words(cast.login("legal_litigasi_2").get(page).text)
    assert "Perlu versi baru: Draft" in text
    assert "Dokumen belum ada: Draft" not in text
    assert "perlu versi baru untuk “Revisi”" in text


def test_whom_four_eyes_bar_is_told_who_can(cast: Cast, page: str, pdf: bytes) -> None:
    both = cast.login("dua", "legal_litigasi_1", "legal_litigasi_2")
    drafted(cast, page, pdf, both)
    text = words(both.get(page).text)
    assert "Sekarang giliran Anda" not in text
    assert "Belum ada orang lain dengan peran untuk itu (Legal Litigasi 2)." in text
    other = cast.login("legal_litigasi_2")
    text = words(both.get(page).text)
    assert "Yang dapat melakukannya: Legal_Litigasi_2 Uji (legal_litigasi_2)." in text
    assert "orang kedua" in text
    assert "Sekarang giliran Anda" in words(other.get(page).text)


def test_a_number_beyond_its_bounds_is_told_them(cast: Cast, page: str) -> None:
    legal = cast.login("legal_litigasi_1")
    legal.post(f"{page}/do/request_revision", data={"requested": ["bukti_pod"], "note": NOTE})
    answer = cast.login("cs").post(f"{page}/do/submit_documents", data={"offered_compensation": "9" * 20})
    assert "paling banyak Rp1.000.000.000.000.000." in answer.text
