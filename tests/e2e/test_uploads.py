"""Documents are handed in once, whatever else is refused, and wrong ones are told before they travel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.api.stories.test_somasi import Story
from tests.conftest import PDF
from tests.e2e.conftest import Live
from tests.e2e.gestures import examined, fill, press, send, state_is

#: What CS hands in at most: six that must come, one that may.
SEVEN = ("form_sengketa", "kronologis_operasional", "kronologis_cs", "bukti_pod", "tanda_terima", "surat_menyurat",
         "dokumen_pendukung")  # fmt: skip
FORGOTTEN = "tanda_terima"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
#: Drops files where the browser would see them come from outside.
DROP = """(place, files) => {
  const carried = new DataTransfer();
  for (const [name, type, size] of files) {
    const head = type === "application/pdf" ? "%PDF-1.4\\n" + name : "MZ";
    carried.items.add(new File([head, "0".repeat(Math.max(0, size - head.length))], name, { type }));
  }
  for (const kind of ["dragover", "drop"]) {
    place.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }));
  }
}"""


def pdf(name: str) -> Any:
    return {"name": name, "mimeType": "application/pdf", "buffer": PDF + name.encode()}


def choose(page: Page, kind: str, *names: str) -> None:
    page.set_input_files(f"main form.card input[type=file][name={kind}]", [pdf(name) for name in names])


def posts(page: Page) -> list[Request]:
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    return sent


def documents(sent: list[Request]) -> list[Request]:
    """Those that carry a file; a page also reports who looks at it."""
    return [one for one in sent if one.url.endswith(("/documents", "/files"))]


def without_violation(page: Page) -> None:
    found = examined(page)
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"


@pytest.mark.parametrize("width", [1280, 390])
def test_seven_documents_with_one_forgotten(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    case = f"{live.url}{Story(live.cast).path}"
    cs = browser_page("cs", width=width)
    cs.goto(case)
    press(cs, "Kirim dokumen")
    sent = posts(cs)
    for kind in SEVEN:
        if kind != FORGOTTEN:
            choose(cs, kind, f"{kind}.pdf")
    fill(cs, offered_compensation="750000")
    # Sent while the last ones are still on their way.
    send(cs)
    expect(cs.locator("#refusal")).to_contain_text("Bukti Tanda Terima")
    expect(cs.locator("#refusal")).to_contain_text("tidak perlu dipilih lagi")
    expect(cs.locator(".file-kept")).to_have_count(6)
    expect(cs.locator("[data-draft-offer]")).to_be_hidden()
    without_violation(cs)
    # A reload keeps them with what was typed.
    cs.goto(f"{case}/do/submit_documents")
    cs.get_by_role("button", name="Pakai").click()
    expect(cs.locator(".file-kept")).to_have_count(6)
    choose(cs, FORGOTTEN, "tanda terima.pdf")
    expect(cs.locator(".file-kept")).to_have_count(7)
    send(cs)
    state_is(cs, "Pemeriksaan dokumen")
    assert len(documents(sent)) == 7, "each file has travelled once"
    assert all(b"%PDF" not in (one.post_data_buffer or b"") for one in sent if one not in documents(sent))
    expect(cs.locator(".document-there")).to_have_count(8)  # with the letter itself
    without_violation(cs)


def test_many_are_dropped_with_their_kinds(live: Live, browser_page: Callable[..., Page]) -> None:
    case = f"{live.url}{Story(live.cast).path}"
    cs = browser_page("cs")
    cs.goto(case)
    sent = posts(cs)
    surface = cs.locator("[data-surface]")
    surface.evaluate(
        DROP,
        [
            ["Form sengketa konsumen.pdf", "application/pdf", 60],
            ["Kronologis CS 12 Nov.pdf", "application/pdf", 60],
            ["foto bukti pod.pdf", "application/pdf", 3 << 20],
            ["scan0001.pdf", "application/pdf", 60],
            ["rekaman.exe", "application/octet-stream", 60],
        ],
    )
    rows = surface.locator("li.file")
    expect(rows).to_have_count(5)
    kinds = [row.locator("select").input_value() for row in rows.all()]
    assert kinds == ["form_sengketa", "kronologis_cs", "bukti_pod", "", ""]
    expect(rows.nth(2)).to_contain_text("2 MB")
    expect(rows.nth(4)).to_contain_text("tidak diterima")
    without_violation(cs)
    assert documents(sent) == [], "nothing has travelled to be refused"
    rows.nth(3).locator("select").select_option("tanda_terima")
    surface.get_by_role("button", name="Unggah").click()
    expect(surface).to_contain_text("3 berkas tersimpan")
    for kind in ("form_sengketa", "kronologis_cs", "tanda_terima"):
        expect(cs.locator(f"#document-{kind}.document-there")).to_be_visible()
    # What was wrong is still there to be read, and only that.
    expect(rows).to_have_count(2)
    assert len(documents(sent)) == 3
    # The step asks for what is left only.
    press(cs, "Kirim dokumen")
    cs.get_by_role("heading", name="Kirim dokumen").wait_for()
    assert cs.locator("main form.card input[type=file][required]").count() == 2
    expect(cs.locator(".file-done")).to_have_count(3)


def test_one_is_refused_beside_those_that_are_kept(live: Live, browser_page: Callable[..., Page]) -> None:
    story = Story(live.cast)
    cs = browser_page("cs", width=390)
    cs.goto(f"{live.url}{story.path}")
    line = cs.locator("#document-bukti_pod")
    liar: Any = {"name": "pod.pdf", "mimeType": "application/pdf", "buffer": b"Bukan PDF.\n"}
    line.locator("input[type=file]").set_input_files([liar])
    # The server has looked into it.
    expect(line).to_contain_text("Isi pod.pdf adalah teks, bukan pdf")
    more = cs.locator("#document-dokumen_pendukung")
    more.locator("input[type=file]").set_input_files([pdf("depan.pdf"), pdf("belakang.pdf")])
    expect(more.locator(".versions li")).to_have_count(2)
    expect(line).to_contain_text("Isi pod.pdf adalah teks, bukan pdf")
    without_violation(cs)
    # A broken connection says so, and the file goes at the second try without being chosen again.
    cs.context.set_offline(True)
    line.locator("input[type=file]").set_input_files([pdf("pod benar.pdf")])
    expect(line).to_contain_text("Sambungan terputus")
    cs.context.set_offline(False)
    line.get_by_role("button", name="Coba lagi").click()
    expect(line.locator(".versions li")).to_have_count(1)
    expect(line.get_by_role("link", name="pod benar.pdf")).to_be_visible()
