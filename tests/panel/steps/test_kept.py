"""Files that were chosen in a form are kept while the step is refused: for whom and for what they were chosen only."""

from __future__ import annotations

import html

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.services.documents import documents, storage
from tests.cast import Cast
from tests.conftest import PDF
from tests.moment import EVER
from tests.panel.helpers import FROM_CS, SOMASI, file, send, somasi

OFFERED = {"offered_compensation": "750000"}


def tickets(answer: TestResponse) -> list[str]:
    """The ticked boxes, as a browser sends them."""
    return [html.unescape(part.split('"')[0]) for part in answer.text.split('name="_kept" value="')[1:]]


def test_what_was_right_comes_back_as_a_tick(cast: Cast, pdf: bytes) -> None:
    form = f"{somasi(cast.login('legal'), pdf)}/do/submit_documents"
    cs = cast.login("cs")
    files = {kind: file(pdf + kind.encode(), f"{kind}.pdf") for kind in FROM_CS if kind not in ("bukti_pod", "mom")}
    refused = send(cs, form, OFFERED, **files, bukti_pod=file(b"Bukan PDF", "pod.pdf"), mom=file(pdf, "mom.pdf"))
    assert refused.status_code == 415
    assert 'id="file-bukti_pod-error"' in refused.text
    kept = tickets(refused)
    assert len(kept) == len(FROM_CS) - 1
    # What is unticked is left out: one of the three kinds of evidence lacks now.
    again = send(cs, form, {**OFFERED, "_kept": kept[:-1]}, bukti_pod=file(pdf, "pod.pdf"))
    assert again.status_code == 422
    assert "mom.pdf" not in again.text
    # A second file of a kind takes the place of the first.
    done = send(cs, form, {**OFFERED, "_kept": [*tickets(again), kept[-1]]}, bukti_pod=file(pdf, "pod baru.pdf"))
    assert done.status_code == 302
    page = cs.get(form.split("/do/")[0]).text
    assert "pod baru.pdf" in page
    assert "pod.pdf" not in page
    with cast.app.app_context():
        assert len(list(storage.older_than(storage.INCOMING, EVER))) == 1, "only the replaced one, until the sweep"


def test_a_ticket_is_of_no_use_elsewhere(cast: Cast, pdf: bytes) -> None:
    legal = cast.login("legal")
    page, other = somasi(legal, pdf), somasi(legal, pdf, letter_number="13/LH/2026")
    mine = tickets(send(cast.login("cs"), f"{page}/do/submit_documents", {}, bukti_pod=file(pdf, "rahasia.pdf")))
    assert len(mine) == 1
    forged = mine[0][:-3] + "AAA"
    for who, form, sent in (
        (cast.login("cs_2", "cs"), page, mine),
        (cast.login("cs"), other, mine),
        (cast.login("cs"), page, [forged, "", "x"]),
    ):
        answer = send(who, f"{form}/do/submit_documents", {"_kept": sent})
        assert answer.status_code == 422
        assert "rahasia.pdf" not in answer.text
    # Before the step is done it is nobody's document.
    assert "rahasia.pdf" not in legal.get(page).text


def test_what_was_swept_is_asked_for_again(cast: Cast, pdf: bytes) -> None:
    form = f"{somasi(cast.login('legal'), pdf)}/do/submit_documents"
    cs = cast.login("cs")
    files = {kind: file(pdf + kind.encode(), f"{kind}.pdf") for kind in FROM_CS}
    kept = tickets(send(cs, form, {}, **files))
    with cast.app.app_context():
        assert documents.sweep(EVER) == len(FROM_CS)
    answer = send(cs, form, {**OFFERED, "_kept": kept})
    assert answer.status_code == 422
    assert "sudah tidak tersimpan sementara" in answer.text
    assert tickets(answer) == []


def test_a_conflict_and_a_second_click_lose_no_file(cast: Cast, pdf: bytes) -> None:
    form = f"{somasi(cast.login('legal'), pdf)}/do/submit_documents"
    cs = cast.login("cs")
    files = {kind: file(pdf + kind.encode(), f"{kind}.pdf") for kind in FROM_CS}
    stale = send(cs, form, {**OFFERED, "version": "0"}, **files)
    assert stale.status_code == 409
    kept = tickets(stale)
    assert len(kept) == len(FROM_CS)
    assert "bukti_pod.pdf" in stale.text
    back = cs.post(form, data={"_prefill": "1", "_kept": kept, **OFFERED})
    assert tickets(back) == kept
    assert send(cs, form, {**OFFERED, "_kept": kept}).status_code == 302
    # The same form once more is told that it was done, not that its files are gone.
    assert send(cs, form, {**OFFERED, "_kept": kept}).status_code == 409


def test_a_new_case_is_made_once_of_what_was_kept(cast: Cast, pdf: bytes) -> None:
    legal = cast.login("legal")
    refused = send(legal, "/somasi/new", {"_submission": "eins"}, somasi=file(pdf, "somasi.pdf"))
    assert refused.status_code == 422
    answers = {**SOMASI, "_submission": "eins", "_kept": tickets(refused)}
    first, second = send(legal, "/somasi/new", answers), send(legal, "/somasi/new", answers)
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert "somasi.pdf" in legal.get(first.headers["Location"]).text


def ahead(client: FlaskClient, path: str, kind: str, content: bytes, name: str = "a.pdf") -> TestResponse:
    return client.post(path, data={"type": kind, "file": file(content, name)}, content_type="multipart/form-data")


def test_what_travels_ahead_is_checked_as_ever(cast: Cast, pdf: bytes) -> None:
    legal, cs = cast.login("legal"), cast.login("cs")
    page = somasi(legal, pdf)
    at = f"{page}/do/submit_documents/files"
    assert ahead(cs, at, "bukti_pod", PDF).status_code == 201
    assert ahead(cs, at, "bukti_pod", b"MZ\x00").status_code == 415
    assert ahead(cs, at, "bukti_pod", PDF + bytes(3 << 20)).status_code == 413
    assert ahead(cs, at, "gugatan_bpsk", PDF).status_code == 404
    assert ahead(legal, at, "bukti_pod", PDF).status_code == 403
    assert ahead(cs, "/somasi/new/files", "somasi", PDF).status_code == 403
    assert ahead(legal, "/somasi/new/files", "somasi", PDF).status_code == 201
    assert ahead(cs, f"{page}/do/nonsense/files", "bukti_pod", PDF).status_code == 404
    assert ahead(cs, "/somasi/999/do/submit_documents/files", "bukti_pod", PDF).status_code == 404
    refused = cs.post(
        f"{page}/documents",
        data={"type": "gugatan_bpsk", "file": file(pdf)},
        content_type="multipart/form-data",
        headers={"Accept": "application/json"},
    )
    assert refused.status_code == 403
    assert refused.json
    assert refused.json["message"]
