"""What comes again in a case: a second somasi with its own letter, a second hearing, a second photo."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.api.stories.test_somasi import DAY, Story, to_bpsk
from tests.conftest import PDF
from tests.e2e.conftest import Live
from tests.e2e.gestures import fill, looked_through, papers, press, send, state_is


def test_a_second_somasi_replaces_the_first(live: Live, browser_page: Callable[..., Page]) -> None:
    story = Story(live.cast).goes_to("awaiting_response_proof")
    case = f"{live.url}{story.path}"
    cs = browser_page("cs")
    cs.goto(case)
    press(cs, "Kirim tanggapan")
    today = cs.locator("[name=sent_date]").input_value()
    assert today, "the day on which the form is opened"
    next_year = int(today[-4:]) + 1
    fill(cs, sent_date=f"{today[:-4]}{next_year}")
    papers(cs, "scan_tanggapan", "bukti_kirim")
    send(cs)
    expect(cs.locator("#field-sent_date-error")).to_contain_text("tidak boleh di masa depan")
    fill(cs, sent_date=today)
    papers(cs, "scan_tanggapan", "bukti_kirim")
    send(cs)
    state_is(cs, "Tanggapan terkirim")
    assert cs.locator("#rounds").count() == 0, "there is only one"

    legal = browser_page("legal", width=390)
    legal.goto(case)
    press(legal, "Lanjut: somasi")
    for key in ("letter_number", "letter_date", "letter_deadline", "claimed_amount"):
        expect(legal.locator(f"[name={key}]")).to_have_value("")
    expect(legal.locator("[name=received_date]")).to_have_value("18/11/2026")
    fill(legal, letter_number="31/SOM-II/2026", letter_deadline=f"{next_year}-12-14")
    papers(legal, "somasi_lanjutan", "laporan_perkembangan")
    looked_through(legal)
    send(legal)
    expect(legal.locator("#field-letter_date-error")).to_be_visible()
    fill(legal, letter_date=today, received_date=today)
    papers(legal, "somasi_lanjutan", "laporan_perkembangan")
    send(legal)
    state_is(legal, "Menunggu dokumen CS")
    expect(legal.locator(".case-head")).to_contain_text(f"14 Des {next_year}")
    expect(legal.locator("dl.facts").first).to_contain_text("31/SOM-II/2026")
    first = legal.locator("#round-1")
    expect(first.get_by_text("12/SOM/XI/2026")).to_be_hidden()
    first.locator("summary").focus()
    legal.keyboard.press("Enter")
    expect(first.get_by_text("12/SOM/XI/2026")).to_be_visible()
    expect(first.get_by_text("Rp1.250.000")).to_be_visible()
    expect(first.locator("li").filter(has_text="Surat somasi").get_by_role("link")).to_be_visible()
    expect(legal.locator("#round-2")).to_contain_text("Somasi II dan seterusnya")
    looked_through(legal)


def test_a_hearing_stands_with_its_forum_and_its_own_papers(live: Live, browser_page: Callable[..., Page]) -> None:
    story = Story(live.cast)
    to_bpsk(story)
    case = f"{live.url}{story.path}"
    legal = browser_page("legal", width=390)
    for stage, kinds in (("mediasi", ["laporan_sidang"]), ("putusan", ["laporan_sidang", "putusan"])):
        legal.goto(case)
        press(legal, "Catat sidang")
        fill(legal, stage=stage, hearing_date=DAY, what_happened=f"Tahap {stage}")
        papers(legal, *kinds)
        send(legal)
        expect(legal.locator("#records-hearings")).to_be_visible()
    newest, first = legal.locator("section[aria-labelledby=records-hearings] tbody tr").all()
    expect(newest).to_contain_text("Sidang BPSK")
    papers_of = [row.get_by_role("link").filter(has_text=".pdf").all_inner_texts() for row in (newest, first)]
    assert papers_of == [["laporan_sidang.pdf", "putusan.pdf"], ["laporan_sidang.pdf"]]
    looked_through(legal)
    cs = browser_page("cs")
    cs.goto(case)
    row = cs.locator("section[aria-labelledby=records-hearings] tbody tr").last
    expect(row).to_contain_text("rahasia: Anda tidak boleh membukanya")
    assert row.get_by_role("link").count() == 0


def photo(page: Page, *names: str) -> None:
    """Chooses files in the checklist, which sends them; each has bytes of its own."""
    paper = page.locator("#document-dokumen_pendukung")
    files = [{"name": name, "mimeType": "application/pdf", "buffer": PDF + name.encode()} for name in names]
    paper.locator("input[type=file]").set_input_files(files)  # type: ignore[arg-type]


def test_two_photos_are_two_files(live: Live, browser_page: Callable[..., Page]) -> None:
    case = f"{live.url}{Story(live.cast).path}"
    cs = browser_page("cs", width=390)
    cs.goto(case)
    assert cs.locator("#upload-bukti_pod").get_attribute("multiple") is None
    paper = cs.locator("#document-dokumen_pendukung")
    photo(cs, "depan.pdf", "belakang.pdf")
    expect(paper.locator(".versions li")).to_have_count(2)
    expect(paper).to_contain_text("berkas 1")
    expect(paper).not_to_contain_text("versi 1")
    paper.locator("summary").click()
    choice = cs.get_by_label("Tambah berkas atau ganti versi: Dokumen pendukung lainnya")
    choice.select_option(label="Ganti versi berkas 1: depan.pdf")
    photo(cs, "depan-jelas.pdf")
    expect(paper).to_contain_text("menggantikan berkas 1")
    looked_through(cs)
    options = cs.locator("#replaces-dokumen_pendukung option").all_text_contents()
    assert [" ".join(one.split()) for one in options] == [
        "Tambah berkas", "Ganti versi berkas 2: belakang.pdf", "Ganti versi berkas 3: depan-jelas.pdf"
    ]  # fmt: skip
    press(cs, "Kirim dokumen")
    expect(cs.locator("[name=dokumen_pendukung]")).to_have_attribute("multiple", "")
