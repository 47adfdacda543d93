"""A version of a draft and the decision on it: two people, whichever way the version came."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.api.stories.test_somasi import Story
from tests.conftest import PDF
from tests.e2e.conftest import Live
from tests.e2e.gestures import fill, press, send, state_is

DRAFT = "Draft tanggapan somasi"


def upload(page: Page, content: bytes) -> None:
    """Adds a version of the draft in the checklist; it goes as soon as it is chosen."""
    paper = page.locator("#document-draft_tanggapan")
    paper.locator("input[type=file]").set_input_files(
        [{"name": "draft.pdf", "mimeType": "application/pdf", "buffer": content}]
    )
    expect(paper.locator(".file-going")).to_have_count(0)


def approvable(page: Page) -> bool:
    return page.locator("form[action$=approve_litigation], a[href$=approve_litigation]").count() > 0


def test_whoever_uploads_a_version_does_not_approve_it(live: Live, browser_page: Callable[..., Page]) -> None:
    story = Story(live.cast).goes_to("drafting")
    case = f"{live.url}{story.path}"
    sari = browser_page("sari", "legal_litigasi_1", "legal_litigasi_2")
    dewi = browser_page("dewi", "legal_litigasi_2")
    sari.goto(case)
    upload(sari, PDF)
    expect(sari.locator("#document-draft_tanggapan .versions li")).to_have_count(1)
    upload(sari, PDF)
    expect(sari.locator("#document-draft_tanggapan .file-wrong")).to_contain_text("versi 1")
    upload(sari, PDF + b"% lebih lunak\n")
    expect(sari.locator("#document-draft_tanggapan")).to_contain_text("draft.pdf")
    story.does("legal_litigasi_1", "submit_draft", "analisis_kasus")
    sari.goto(case)
    assert not approvable(sari)
    expect(sari.locator(".buttons").first).to_contain_text(DRAFT)
    dewi.goto(case)
    assert dewi.locator("#upload-draft_tanggapan").count() == 0, "it is under review"
    expect(dewi.locator(".rests-on")).to_contain_text("versi 2")
    press(dewi, "Setujui")
    state_is(dewi, "Review Legal Manager")


def test_a_version_of_ones_own_goes_on_as_a_revision(live: Live, browser_page: Callable[..., Page]) -> None:
    case = f"{live.url}{Story(live.cast).goes_to('litigation_review').path}"
    sari = browser_page("sari", "legal_litigasi_2")
    sari.goto(case)
    press(sari, "Revisi")
    fill(sari, note="Nada dilunakkan")
    sari.set_input_files(
        "main form.card input[type=file]", [{"name": "draft.pdf", "mimeType": "application/pdf", "buffer": PDF}]
    )
    send(sari)
    expect(sari.locator("#file-draft_tanggapan-error")).to_contain_text("versi 1")
    sari.set_input_files(
        "main form.card input[type=file]",
        [{"name": "draft.pdf", "mimeType": "application/pdf", "buffer": PDF + b"% lebih lunak\n"}],
    )
    send(sari)
    state_is(sari, "Review Legal Manager")
