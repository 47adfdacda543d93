"""Documents of a case: uploaded in place, opened by those who may, in whole or in part."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.extensions import db
from app.models import Document
from tests.cast import Cast
from tests.panel.helpers import FROM_CS, file, send, somasi


@pytest.fixture
def legal(cast: Cast) -> FlaskClient:
    return cast.login("legal")


@pytest.fixture
def page(legal: FlaskClient, pdf: bytes) -> str:
    return somasi(legal, pdf)


def test_upload_in_place(cast: Cast, page: str, pdf: bytes) -> None:
    cs = cast.login("cs")
    answer = send(cs, f"{page}/documents", {"type": "bukti_pod"}, file=file(pdf, "pod é.pdf"))
    assert answer.status_code == 302
    assert "pod é.pdf" in cs.get(page).text


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("bukti_pod", b"", 415),
        ("bukti_pod", b"MZ\x00\x01", 415),
        ("gugatan_bpsk", b"%PDF-1.4", 403),
        ("nonsense", b"%PDF-1.4", 404),
    ],
)
def test_wrong_upload_is_refused(cast: Cast, page: str, kind: str, content: bytes, status: int) -> None:
    answer = send(cast.login("cs"), f"{page}/documents", {"type": kind}, file=file(content))
    assert answer.status_code == status


def test_a_file_with_a_false_name_is_told_what_it_is(cast: Cast, page: str, pdf: bytes) -> None:
    cs = cast.login("cs")
    for content, name, told in (
        (b"Bukan rekaman.\n", "pod.pdf", "Isi pod.pdf adalah teks, bukan pdf"),
        (pdf, "foto.png", "Isi foto.png adalah pdf, bukan png"),
        (pdf, "pod.exe", "Jenis berkas pod.exe tidak diterima"),
    ):
        answer = send(cs, f"{page}/documents", {"type": "bukti_pod"}, file=file(content, name))
        assert answer.status_code == 415
        assert told in answer.text


def test_what_can_be_uploaded_is_said_beside_it(cast: Cast, page: str) -> None:
    text = cast.login("cs").get(page).text
    help_ = text.split('id="upload-bukti_pod-help"')[1].split("</p>")[0]
    assert "pdf" in help_
    assert "MB" in help_
    assert 'aria-describedby="upload-bukti_pod-help"' in text


def test_upload_without_a_file_says_so(cast: Cast, page: str) -> None:
    answer = cast.login("cs").post(f"{page}/documents", data={"type": "bukti_pod"})
    assert answer.status_code == 400
    assert 'id="upload-bukti_pod-error"' in answer.text


def test_document_with_range_and_name(legal: FlaskClient, page: str, pdf: bytes) -> None:
    path = f"{page}/documents/1"
    whole = legal.get(path)
    assert whole.data == pdf
    assert whole.headers["Content-Disposition"].startswith("inline")
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in whole.headers["Cache-Control"]
    part = legal.get(path, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.data) == (206, pdf[5:10])
    assert part.headers["Content-Range"] == f"bytes 5-9/{len(pdf)}"
    assert legal.get(path, headers={"Range": "bytes=-4"}).data == pdf[-4:]
    beyond = legal.get(path, headers={"Range": f"bytes={len(pdf)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(pdf)}"


def test_office_files_are_only_downloaded(cast: Cast, page: str) -> None:
    cs = cast.login("cs")
    send(cs, f"{page}/documents", {"type": "mom"}, file=file(b"Notulen rapat.", "notulen é.txt"))
    answer = cs.get(f"{page}/documents/2")
    assert answer.data == b"Notulen rapat."
    assert (
        answer.headers["Content-Disposition"]
        == "attachment; filename=\"notulen _.txt\"; filename*=UTF-8''notulen%20%C3%A9.txt"
    )


def test_confidential_document_is_seen_but_not_opened(cast: Cast, page: str, pdf: bytes) -> None:
    cs, first = cast.login("cs"), cast.login("legal_litigasi_1")
    send(cs, f"{page}/do/submit_documents", {"offered_compensation": "1"}, **{k: file(pdf) for k in FROM_CS})
    first.post(f"{page}/do/accept_documents")
    send(
        first,
        f"{page}/do/submit_draft",
        {},
        draft_tanggapan=file(pdf),
        analisis_kasus=file(pdf, "rahasia.pdf"),
    )
    with cast.app.app_context():
        pk = db.session.query(Document.id).filter_by(type="analisis_kasus").scalar()
    text = cs.get(page).text
    assert 'id="document-analisis_kasus"' in text
    assert "rahasia.pdf" not in text
    assert f"{page}/documents/{pk}" not in text
    assert cs.get(f"{page}/documents/{pk}").status_code == 403
    assert first.get(f"{page}/documents/{pk}").status_code == 200


def test_document_of_another_case_is_not_there(legal: FlaskClient, page: str, pdf: bytes) -> None:
    other = somasi(legal, pdf)
    assert legal.get(f"{other}/documents/1").status_code == 404
    assert legal.get(f"{page}/documents/99999999999").status_code == 404
