"""The page of a case: what now on top, and the conversation below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

from playwright.sync_api import Locator, Page, expect

from app.services.documents import documents
from app.services.documents.documents import Upload
from tests.api.stories import test_hard_complaint as hard
from tests.api.stories.test_intera import complaint
from tests.api.stories.test_reply_template import TEMPLATE
from tests.api.stories.test_somasi import Story as Somasi
from tests.api.story import Story
from tests.cast import Cast
from tests.conftest import PDF
from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through

#: What a screen shows without scrolling, by its width.
SCREENS = {1280: 800, 390: 844}
REASON = "Nama penerima tertutup jari."


def sent_back(cast: Cast) -> Iterator[tuple[str, str]]:
    """A case that came back, in every SOP that sends back; with the step that is now the main one."""
    letter = Somasi(cast).goes_to("document_check")
    letter.does("legal_litigasi_1", "request_revision", note=REASON, requested=["bukti_pod"])
    yield letter.path, "Kirim dokumen"
    template = Story(cast, "reply_template", "cs", **TEMPLATE)
    template.does("cs", "submit_template")
    template.does("qa", "reject_template", note=REASON)
    yield template.path, "Ajukan ke QA"
    loss = complaint(cast, "compensation_review")
    loss.does("coo", "decline_compensation", note=REASON)
    yield loss.path, "Laporkan kerugian ke COO"
    call = hard.Story(cast)
    call.does("qco", "report_not_found", note="Tidak ada di server")
    call.does("spv", "return_to_qco", note=REASON)
    yield call.path, "Lampirkan voice recording"


def on_first_screen(page: Page, *found: Locator) -> None:
    for width, height in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        for one in found:
            box = one.bounding_box()
            assert box is not None, (width, one)
            assert box["y"] + box["height"] <= height, (width, one)
            assert box["x"] + box["width"] <= width, (width, one)


def test_what_came_back_says_why_and_has_one_main_button(live: Live, browser_page: Callable[..., Page]) -> None:
    page = browser_page("semua", "cs", "qco", "pic")
    for path, step in sent_back(live.cast):
        page.goto(live.url + path)
        expect(page.locator(".what-now .sent-back")).to_contain_text(REASON)
        main = page.locator("main .btn-primary:visible")
        expect(main).to_have_count(1)
        expect(main).to_have_text(step)
        on_first_screen(page, page.locator("h1"), page.locator(".sent-back"), main)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live.url + "/somasi/1")
    on_screen = [page.locator("dl.facts dt").first, page.locator(".timeline > li").first]
    for one in on_screen:
        box = one.bounding_box()
        assert box is not None
        assert box["y"] < 720, "the first facts and the newest entry are in sight"
    page.get_by_role("link", name="Bukti POD").first.click()
    assert page.url.endswith("#document-bukti_pod"), "what is asked for leads to where it is given"


def test_what_refuses_is_never_the_loudest(live: Live, browser_page: Callable[..., Page]) -> None:
    letter = Somasi(live.cast).goes_to("document_check")
    page = browser_page("legal_litigasi_1", "legal_litigasi_1", "legal_manager")
    page.goto(live.url + letter.path)
    expect(page.locator("main .btn-primary:visible")).to_have_text("Terima dokumen")
    refuses = page.locator(".buttons").get_by_text("Minta revisi", exact=True)
    ground = page.locator(".case-head").evaluate("e => getComputedStyle(e).backgroundColor")
    assert refuses.evaluate("e => getComputedStyle(e).backgroundColor") == ground, "it is an outline"
    letter.goes_to("manager_review")
    page.goto(live.url + letter.path)
    aside = page.locator(".buttons").get_by_text("Lanjut: somasi", exact=True)
    expect(aside).not_to_be_visible()
    page.locator("summary", has_text="Lainnya").press("Enter")
    expect(aside).to_be_visible()


def test_a_conversation(live: Live, browser_page: Callable[..., Page]) -> None:
    letter = Somasi(live.cast)
    actor, pk = live.cast.actor("cs"), int(letter.path.rsplit("/", 1)[1])
    with live.app.app_context():
        for kind in ("bukti_pod", "tanda_terima", "mom"):
            documents.upload(actor, "somasi", pk, kind, Upload(f"{kind}.pdf", BytesIO(PDF + kind.encode())))
    letter.goes_to("litigation_review")
    day = letter.case["received_date"]
    letter.does("legal", "continue_court", "gugatan_pengadilan", court="PN Depok", court_case_number="1/Pdt",
                registered_date=day)  # fmt: skip
    letter.does("legal", "record_hearing", stage="mediasi", hearing_date=day, what_happened="gagal")

    page = browser_page("legal")
    page.goto(live.url + letter.path)
    entries = page.locator(".timeline > li:visible")
    expect(entries.first).to_contain_text("Mediasi, 18 Nov: gagal")
    together = page.locator(".timeline > li", has_text="3 dokumen:")
    expect(together.get_by_role("link")).to_have_text(["bukti_pod.pdf", "tanda_terima.pdf", "mom.pdf"])
    shown = entries.count()
    looked_through(page)

    page.get_by_role("link", name="Dokumen 5").click()
    expect(entries.first).to_contain_text("Gugatan Pengadilan")
    assert 0 < entries.count() < shown
    # The address asks the server for the same.
    page.reload()
    expect(entries.first).to_contain_text("Gugatan Pengadilan")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    looked_through(page)

    cs = browser_page("cs")
    cs.goto(live.url + letter.path)
    expect(cs.locator(".timeline > li").first).to_contain_text("Mediasi, 18 Nov")
    expect(cs.locator(".timeline")).not_to_contain_text("gagal")
