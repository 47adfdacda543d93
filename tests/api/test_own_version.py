"""Who made the version under decision does not decide on it, and the same bytes are no revision."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.sop import SOPS
from tests.api.stories.test_pengaduan import STRANGER
from tests.api.stories.test_somasi import Story, keys
from tests.api.story import Story as AnyStory
from tests.cast import Cast
from tests.client import PDF

DRAFT = "draft_tanggapan"
FOUR_EYES = [(sop.key, t.key) for sop in SOPS.values() for t in sop.transitions if t.four_eyes]


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


def barred(story: Story, name: str, step: str, **files: tuple[str, bytes]) -> set[str]:
    """What four eyes say to the step: on its button and, the same, when it is tried all the same."""
    [said] = [error for error in story.actions(name)[step]["missing"] if error["kind"] == "four_eyes"]
    assert not story.actions(name)[step]["allowed"]
    refused = hands_in(story, name, step, files, note="x")
    assert refused.status_code == 403, refused.text
    assert [error for error in refused.json["missing"] if error["kind"] == "four_eyes"] == [said]
    assert refused.json["message"] == said["message"]
    return {said["key"]}


# -- the maker of a version ------------------------------------------------------------------------------------------


def drafted_by_sari(story: Story) -> None:
    """A draft that Sari, who reviews as well, has added ahead of the step by which a colleague hands it in."""
    story.goes_to("drafting")
    story.by("sari", "legal_litigasi_1", "legal_litigasi_2", "legal_manager")
    uploads(story, "sari", DRAFT, version(1))
    story.does("legal_litigasi_1", "submit_draft", "analisis_kasus")


def test_a_version_uploaded_ahead_bars_its_maker_from_approving(story: Story) -> None:
    drafted_by_sari(story)
    assert barred(story, "sari", "approve_litigation") == {DRAFT}
    story.does("legal_litigasi_2", "approve_litigation")
    assert barred(story, "sari", "approve_manager") == {DRAFT}


def test_somebody_else_may_approve_it(story: Story) -> None:
    drafted_by_sari(story)
    story.by("dewi", "legal_litigasi_2")
    assert story.does("dewi", "approve_litigation")["state"] == "manager_review"


@pytest.mark.parametrize("kind", [DRAFT, "analisis_kasus"])
def test_who_made_what_a_colleague_handed_in_does_not_decide(story: Story, kind: str) -> None:
    story.goes_to("drafting")
    story.by("ani", "legal_litigasi_1", "legal_litigasi_2", "legal_manager")
    uploads(story, "ani", kind, version(1))
    other = {DRAFT: "analisis_kasus", "analisis_kasus": DRAFT}[kind]
    story.does("legal_litigasi_1", "submit_draft", other)
    assert barred(story, "ani", "approve_litigation") == {kind}
    assert barred(story, "ani", "revise_litigation", draft_tanggapan=version(2)) == {kind}
    story.does("legal_litigasi_2", "approve_litigation")
    assert barred(story, "ani", "approve_manager") == {kind}
    story.does("legal_manager", "approve_manager")


def test_the_maker_of_an_older_version_may_decide(story: Story) -> None:
    story.goes_to("drafting")
    story.by("ani", "legal_litigasi_1", "legal_litigasi_2")
    uploads(story, "ani", DRAFT, version(1))
    assert hands_in(
        story, "legal_litigasi_1", "submit_draft", {DRAFT: version(2), "analisis_kasus": version(1)}
    ).status_code == 200  # fmt: skip
    assert story.actions("ani")["approve_litigation"]["allowed"]


def test_a_round_that_is_over_bars_nobody(story: Story) -> None:
    drafted_by_sari(story)
    story.does("legal", "continue_somasi", "tanggapan_customer", "laporan_perkembangan")
    story.does("cs", "submit_documents", "dokumen_pendukung", offered_compensation=1)
    story.does("legal_litigasi_1", "accept_documents")
    story.does("legal_litigasi_1", "submit_draft", DRAFT, "analisis_kasus")
    assert story.actions("sari")["approve_litigation"]["allowed"]


@pytest.mark.parametrize(("sop", "step"), FOUR_EYES)
def test_a_decision_is_on_all_that_the_earlier_steps_hand_in(sop: str, step: str) -> None:
    decision = SOPS[sop].transition_by_key[step]
    handed_in = {key for earlier in decision.four_eyes for key in SOPS[sop].transition_by_key[earlier].accepts}
    assert set(decision.decides_on) == handed_in


@pytest.mark.parametrize(("sop", "step"), FOUR_EYES)
def test_nothing_under_decision_is_changed_beside_a_document(sop: str, step: str) -> None:
    """In the state of a decision no step of the deciding roles rewrites fields or rows of the case."""
    declared = SOPS[sop]
    decision = declared.transition_by_key[step]
    beside = [
        t for t in declared.transitions
        if set(t.source) & set(decision.source) and set(t.by) & set(decision.by) and not t.targets and t.fields
    ]  # fmt: skip
    assert beside == []


# -- the same file again ---------------------------------------------------------------------------------------------


def same(answer: TestResponse, kind: str, number: int) -> None:
    assert answer.status_code == 422, answer.text
    assert keys(answer, "document") == {kind}
    assert f"versi {number}" in answer.json["message"]


def test_the_same_file_is_no_new_version(story: Story) -> None:
    story.goes_to("drafting")
    uploads(story, "legal_litigasi_1", DRAFT, ("draft.pdf", PDF))
    refused = uploads(story, "legal_litigasi_1", DRAFT, ("nama-lain.pdf", PDF), 422)
    same(refused, DRAFT, 1)
    assert "Draft tanggapan somasi" in refused.json["message"]
    assert [v["version"] for v in story.checklist("legal")[DRAFT]["versions"]] == [1]
    uploads(story, "legal_litigasi_1", DRAFT, version(2))
    same(uploads(story, "legal_litigasi_1", DRAFT, version(2), 422), DRAFT, 2)


def test_a_revision_must_differ(story: Story) -> None:
    story.goes_to("litigation_review")
    before = story.by("legal").get(story.path).json
    same(hands_in(story, "legal_litigasi_2", "revise_litigation", {DRAFT: ("lain.pdf", PDF)}, note="x"), DRAFT, 1)
    # With everything else that is lacking.
    bare = hands_in(story, "legal_litigasi_2", "revise_litigation", {DRAFT: ("lain.pdf", PDF)})
    assert {(error["kind"], error["key"]) for error in bare.json["missing"]} == {("document", DRAFT), ("note", "note")}
    assert story.by("legal").get(story.path).json == before
    assert hands_in(
        story, "legal_litigasi_2", "revise_litigation", {DRAFT: version(2)}, note="x"
    ).status_code == 200  # fmt: skip


def test_a_detour_makes_no_revision_of_the_same_file(story: Story) -> None:
    """Another file first and then the old one again: the document is what it was."""
    story.goes_to("document_check")
    story.does("legal_litigasi_1", "request_revision", requested=["bukti_pod"], note="Tidak terbaca")
    uploads(story, "cs", "bukti_pod", version(2))
    again = {"bukti_pod": ("lain.pdf", PDF)}
    same(hands_in(story, "cs", "submit_documents", again, offered_compensation=1), "bukti_pod", 1)


def test_what_a_revision_asks_for_again_must_differ(story: Story) -> None:
    story.goes_to("document_check")
    story.does("legal_litigasi_1", "request_revision", requested=["bukti_pod"], note="Tidak terbaca")
    again = {"bukti_pod": ("foto-baru.pdf", PDF)}
    same(hands_in(story, "cs", "submit_documents", again, offered_compensation=1), "bukti_pod", 1)
    same(uploads(story, "cs", "bukti_pod", ("foto-baru.pdf", PDF), 422), "bukti_pod", 1)
    done = hands_in(story, "cs", "submit_documents", {"bukti_pod": version(2)}, offered_compensation=1)
    assert done.status_code == 200


def test_data_asked_for_anew_must_differ(cast: Cast, clock: Any) -> None:
    complaint = AnyStory(cast, "pengaduan", "cs", **STRANGER)
    complaint.does("cs", "request_data", data_needed="KTP")
    complaint.does("cs", "receive_data", "data_pelanggan")
    complaint.does("cs", "request_data", data_needed="KTP yang terbaca")
    assert complaint.is_refused(422, "cs", "receive_data", "data_pelanggan")["document"] == {"data_pelanggan"}


def test_a_step_that_asks_for_no_revision_takes_what_is_there(story: Story) -> None:
    """Handed in once more with the step, a document is a new version as before."""
    uploads(story, "cs", "bukti_pod", ("pod.pdf", PDF))
    story.goes_to("document_check")
    assert [v["version"] for v in story.checklist("cs")["bukti_pod"]["versions"]] == [2, 1]
