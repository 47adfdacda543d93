"""Documents are looked at where they are: PDF, picture, recording, text; by the keyboard alone."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.services.documents import documents
from tests.api.stories.test_somasi import Story
from tests.e2e.conftest import Live
from tests.e2e.gestures import press
from tests.e2e.test_player import until
from tests.e2e.test_uploads import without_violation
from tests.recordings import silence

CANVAS = "document.querySelector('.preview-sheet canvas')"
#: How many different colours a painted page has.
COLOURS = f"""() => {{
  const canvas = {CANVAS};
  const painted = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(painted.data.buffer)).size;
}}"""


def pages(many: int) -> bytes:
    """A PDF with a bar of colour on each page."""
    sheets = [Image.new("RGB", (300, 420), "white") for _number in range(many)]
    for number, sheet in enumerate(sheets):
        sheet.paste((200, 30 * number, 60), (20, 20, 280, 120))
    made = io.BytesIO()
    sheets[0].save(made, "PDF", save_all=True, append_images=sheets[1:])
    return made.getvalue()


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(made, "PNG")
    return made.getvalue()


def notes() -> bytes:
    written = docx.Document()
    written.add_paragraph("Notulen rapat <b>12 November</b>")
    made = io.BytesIO()
    written.save(made)
    return made.getvalue()


def test_each_kind_is_shown_in_place(live: Live, browser_page: Callable[..., Page]) -> None:
    story = Story(live.cast)
    cs = live.cast.actor("cs")
    with live.app.test_request_context():
        for kind, name, content in (
            ("form_sengketa", "form.pdf", pages(7)),
            ("bukti_pod", "pod.png", picture()),
            ("rekaman_telepon", "telepon.mp3", silence(20)),
            ("mom", "notulen.docx", notes()),
            ("tanda_terima", "rusak.pdf", b"%PDF-1.4\nnothing of a PDF"),
        ):
            documents.upload(
                cs, "somasi", int(story.path.rsplit("/", 1)[1]), kind, documents.Upload(name, io.BytesIO(content))
            )
    page = browser_page("cs")
    page.goto(f"{live.url}{story.path}")
    dialog = page.locator("dialog.preview")
    expect(dialog).to_be_hidden()
    link = page.locator(".checklist").get_by_role("link", name="form.pdf")
    link.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Halaman 1 dari 7")
    until(page, f"{CANVAS} !== null")
    assert page.evaluate(COLOURS) > 1, "something is painted"
    without_violation(page)
    page.set_viewport_size({"width": 390, "height": 844})
    until(page, f"{CANVAS} !== null && {CANVAS}.width < 390")
    without_violation(page)
    first = page.evaluate(f"{CANVAS}.width")
    page.keyboard.press("+")
    until(page, f"{CANVAS} !== null && {CANVAS}.width > {first}")
    page.locator("[data-preview-body]").evaluate("body => { body.scrollTop = body.scrollHeight; }")
    expect(dialog).to_contain_text("Halaman 7 dari 7")
    until(page, "document.querySelectorAll('.preview-sheet')[6].querySelector('canvas') !== null")
    assert page.locator(".preview-sheet canvas").count() < 7, "what is far away is not painted"

    def on(name: str) -> None:
        """Goes on by the arrow until the document has this name."""
        page.locator("[data-preview-body]").focus()
        for _step in range(8):
            if dialog.get_by_role("heading", name=name).count():
                return
            page.keyboard.press("ArrowRight")
        pytest.fail(name)

    def opened(name: str) -> None:
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.locator(".checklist a[data-preview]").first.click()
        on(name)

    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    opened("pod.png")
    until(page, "document.querySelector('.preview-body img')?.naturalWidth === 640")
    without_violation(page)
    opened("notulen.docx")
    expect(dialog.locator(".preview-text")).to_have_text("Notulen rapat <b>12 November</b>")
    opened("telepon.mp3")
    until(page, "document.querySelector('.preview-body audio')?.readyState > 0")
    opened("rusak.pdf")
    expect(dialog).to_contain_text("tidak dapat ditampilkan di sini")
    page.keyboard.press("Escape")
    # Beside the form of a step as well.
    press(page, "Kirim dokumen")
    page.locator(".file-done + .files").get_by_role("link", name="pod.png").click()
    until(page, "document.querySelector('.preview-body img')?.naturalWidth === 640")
