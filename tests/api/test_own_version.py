"""The same bytes are no revision."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.stories.test_pengaduan import CALL
from tests.api.stories.test_somasi import Story, keys
from tests.api.story import Story as AnyStory
from tests.cast import Cast
from tests.client import PDF

DRAFT = "draft_tanggapan"


@pytest.fixture
def story(cast: Cast, clock: Any) -> Story:
    return Story(cast)


def version(number: int) -> tuple[str, bytes]:
    return (f"versi-{number}.pdf", PDF + b"%%%d\n" % number)


def uploads(story: Any, name: str, kind: str, file: tuple[str, bytes], status: int = 201) -> TestResponse:
    answer = story.by(name).post(f"{story.path}/documents", {"type": kind}, files={"file": file})
    assert answer.status_code == status, answer.text
    return answer


def hands_in(story: Any, name: str, step: str, files: dict[str, tuple[str, bytes]], **answers: Any) -> TestResponse:
    answer: TestResponse = story.by(name).post(f"{story.path}/actions/{step}", answers, files=files or None)
    return answer


def same(answer: TestResponse, kind: str, number: int) -> None:
    assert answer.status_code == 422, answer.text
    assert keys(answer, "document") == {kind}
    assert f"versi {number}" in answer.json["message"]


def test_the_same_file_is_no_new_version(story: Story) -> None:
    story.goes_to("litigation_review")
    refused = uploads(story, "legal_litigasi_2", DRAFT, ("nama-lain.pdf", PDF), 422)
    same(refused, DRAFT, 1)
    assert "Draft tanggapan somasi" in refused.json["message"]
    assert [v["version"] for v in story.checklist("legal")[DRAFT]["versions"]] == [1]
    uploads(story, "legal_litigasi_2", DRAFT, version(2))
    same(uploads(story, "legal_litigasi_2", DRAFT, version(2), 422), DRAFT, 2)


def test_a_revision_must_differ(story: Story) -> None:
    story.goes_to("litigation_review")
    before = story.by("legal").get(story.path).json
    same(hands_in(story, "legal_litigasi_2", "revise_litigation", {DRAFT: ("lain.pdf", PDF)}, note="x"), DRAFT, 1)
    # With everything else that is lacking.
    bare = hands_in(story, "legal_litigasi_2", "revise_litigation", {DRAFT: ("lain.pdf", PDF)})
    assert {(gap["kind"], gap["key"]) for gap in bare.json["missing"]} == {("document", DRAFT), ("note", "note")}
    assert story.by("legal").get(story.path).json == before
    assert hands_in(
        story, "legal_litigasi_2", "revise_litigation", {DRAFT: version(2)}, note="x"
    ).status_code == 200  # fmt: skip


def test_a_detour_makes_no_revision_of_the_same_file(story: Story) -> None:
    """Another file first and then the old one again: the draft is what it was."""
    story.goes_to("litigation_review")
    uploads(story, "legal_litigasi_2", DRAFT, version(2))
    same(hands_in(story, "legal_litigasi_2", "revise_litigation", {DRAFT: ("lain.pdf", PDF)}, note="x"), DRAFT, 1)
    uploads(story, "legal_litigasi_2", DRAFT, ("lain.pdf", PDF))
    lacking = hands_in(story, "legal_litigasi_2", "revise_litigation", {}, note="x")
    assert (lacking.status_code, keys(lacking, "document")) == (422, {DRAFT})


def test_what_a_revision_asks_for_again_must_differ(story: Story) -> None:
    story.goes_to("document_check")
    story.does("legal_litigasi_1", "request_revision", requested=["bukti_pod"], note="Tidak terbaca")
    again = {"bukti_pod": ("foto-baru.pdf", PDF)}
    same(hands_in(story, "cs", "submit_documents", again, offered_compensation=1), "bukti_pod", 1)
    same(uploads(story, "cs", "bukti_pod", ("foto-baru.pdf", PDF), 422), "bukti_pod", 1)
    done = hands_in(story, "cs", "submit_documents", {"bukti_pod": version(2)}, offered_compensation=1)
    assert done.status_code == 200


def test_data_asked_for_anew_must_differ(cast: Cast, clock: Any) -> None:
    complaint = AnyStory(cast, "pengaduan", "cs", **CALL)
    complaint.does("cs", "request_data", data_needed="KTP")
    complaint.does("cs", "receive_data", "data_pelanggan")
    complaint.does("cs", "request_data", data_needed="KTP yang terbaca")
    assert complaint.is_refused(422, "cs", "receive_data", "data_pelanggan")["document"] == {"data_pelanggan"}


def test_a_step_that_asks_for_no_revision_takes_what_is_there(story: Story) -> None:
    """Handed in once more with the step, a document is a new version as before."""
    uploads(story, "cs", "bukti_pod", ("pod.pdf", PDF))
    story.goes_to("document_check")
    assert [v["version"] for v in story.checklist("cs")["bukti_pod"]["versions"]] == [2, 1]
