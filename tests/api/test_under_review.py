"""A document under review is replaced by the step that says so alone, and the history says what was decided on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.api.stories.test_somasi import Story
from tests.cast import Cast
from tests.client import PDF

DRAFT = "draft_tanggapan"


@pytest.fixture
def story(cast: Cast, clock: Any) -> Story:
    return Story(cast)


@pytest.mark.parametrize(
    ("state", "who"), [("litigation_review", "legal_litigasi_2"), ("manager_review", "legal_manager")]
)
def test_a_draft_under_review_is_not_uploaded_beside_the_step(story: Story, state: str, who: str) -> None:
    story.goes_to(state)
    refused = story.by(who).post(f"{story.path}/documents", {"type": DRAFT}, files={"file": ("v2.pdf", PDF + b"% 2\n")})
    assert refused.status_code == 409, refused.text
    assert "“Revisi”" in refused.json["message"]
    assert [one["version"] for one in story.checklist(who)[DRAFT]["versions"]] == [1]


def test_a_wrong_role_is_refused_as_before(story: Story) -> None:
    story.goes_to("litigation_review")
    refused = story.by("cs").post(f"{story.path}/documents", {"type": DRAFT}, files={"file": ("v2.pdf", PDF)})
    assert refused.status_code == 403


def test_the_history_tells_the_version_that_was_decided_on(story: Story) -> None:
    story.goes_to("litigation_review")
    story.does("legal_litigasi_2", "revise_litigation", DRAFT, note="Lebih lunak")
    story.does("legal_manager", "approve_manager")
    told = {e["action"]: e["changes"] for e in story.by("legal").get(f"{story.path}/history").json}
    assert told["revise_litigation"]["decided_on"] == [None, {DRAFT: 1, "analisis_kasus": 1}]
    assert told["approve_manager"]["decided_on"] == [None, {DRAFT: 2, "analisis_kasus": 1}]


def test_the_page_names_the_version_to_decide_on_and_the_one_to_print(story: Story, cast: Cast) -> None:
    story.goes_to("litigation_review")
    page = cast.login("legal_litigasi_2").get(story.path).text
    assert "Anda memutuskan:" in page
    story.does("legal_litigasi_2", "revise_litigation", DRAFT, note="Lebih lunak")
    form = cast.login("legal_manager").get(f"{story.path}/do/revise_manager").text
    assert "Anda memutuskan:" in form
    story.does("legal_manager", "approve_manager")
    for path in (story.path, f"{story.path}/do/send_response"):
        cs = cast.login("cs").get(path).text
        told = cs[cs.index("Kerjakan dari versi ini:") :][:900]
        assert "versi 2" in told
        assert f"{story.path}/documents/" in told
    assert re.search(
        r"Yang diputuskan</dt>\s*<dd[^>]*>\s*Draft tanggapan somasi, versi 2", cast.login("cs").get(story.path).text
    )
