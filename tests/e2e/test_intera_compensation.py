"""An Intera compensation in the browser: from the complaint to three consents and the goodbye."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.api.stories.test_intera import complaint
from tests.e2e.conftest import Live
from tests.e2e.gestures import fill, papers, press, send, state_is


def test_a_compensation(live: Live, browser_page: Callable[..., Page]) -> None:
    desk = browser_page("admin_layanan")
    desk.goto(f"{live.url}/intera/new")
    fill(desk, channel="whatsapp", client_name="Hasan Basri", phone="0857 7000 1122", location="Jl. Cemara 12, Bandung",
         chronology="Koin masuk tetapi Wi-Fi tidak aktif")  # fmt: skip
    desk.check("[name=greeting_given]")
    send(desk)
    state_is(desk, "Diterima")
    case = desk.url.split("?")[0]
    press(desk, "Mulai verifikasi")
    state_is(desk, "Verifikasi")
    press(desk, "Teruskan ke operasional")
    papers(desk, "identitas", "bukti_transaksi")
    desk.check("[name=identity_verified]")
    send(desk)
    state_is(desk, "Penanganan operasional")

    team = at(browser_page("tim_operasional"), case)
    press(team, "Kirim teknisi")
    fill(team, technician_reason="Perangkat mati")
    send(team)
    state_is(team, "Tim Teknis IT")

    technician = at(browser_page("tim_teknis_it"), case)
    press(technician, "Lapor kembali ke PIC")
    fill(technician, handled_by="visit", technical_result="Modul diganti", product_fault="yes")
    send(technician)

    pic = at(browser_page("pic"), case)
    state_is(pic, "Tinjauan PIC")
    press(pic, "Laporkan kerugian ke COO")
    fill(pic, reported_loss="Rp750.000")
    send(pic)

    coo = at(browser_page("coo"), case)
    state_is(coo, "Pertimbangan COO")
    press(coo, "Setujui kompensasi")
    send(coo)
    expect(coo.get_by_role("alert").first).to_be_visible()
    fill(coo, compensation_amount="500.000")
    send(coo)
    state_is(coo, "Penyampaian kompensasi")
    consents(coo, 1)

    # The client wants more: the consents lapse, and the COO decides anew.
    at(pic, case)
    press(pic, "Catat client menolak")
    fill(pic, note="Minta Rp700.000")
    send(pic)
    state_is(pic, "Pertimbangan COO")
    consents(pic, 0)
    at(coo, case)
    press(coo, "Setujui kompensasi")
    fill(coo, compensation_amount="700.000")
    send(coo)
    at(pic, case)
    press(pic, "Catat client setuju")
    # How the client consented must be told as long as no paper says it.
    mark = pic.locator(".entry:has([name=consent_recorded]) .required-mark")
    expect(mark).to_be_visible()
    papers(pic, "persetujuan_klien")
    expect(mark).to_be_hidden()
    send(pic)
    state_is(pic, "Penutupan layanan")
    consents(pic, 3)
    expect(pic.locator("dl.facts").first).to_contain_text("Rp700.000")

    at(desk, case)
    press(desk, "Tutup layanan")
    desk.check("[name=closing_script]")
    fill(desk, satisfaction="5")
    send(desk)
    state_is(desk, "Selesai")


def test_an_amount_that_the_coo_takes_back_is_gone(live: Live, browser_page: Callable[..., Page]) -> None:
    case = at_the_coo(live)
    coo, pic = at(browser_page("coo"), case), browser_page("pic")
    press(coo, "Setujui kompensasi")
    fill(coo, compensation_amount="500.000")
    send(coo)
    expect(coo.locator("dl.facts").first).to_contain_text("Rp500.000")
    at(pic, case)
    press(pic, "Catat client menolak")
    fill(pic, note="Minta perangkat baru")
    send(pic)
    at(coo, case)
    press(coo, "Setujui kompensasi")
    expect(coo.locator("[name=compensation_amount]")).to_have_value("500.000")
    fill(coo, compensation_amount="", compensation_in_kind="Perangkat baru")
    send(coo)
    facts = coo.locator("dl.facts").first
    expect(facts).to_contain_text("Perangkat baru")
    expect(facts).not_to_contain_text("Rp500.000")
    at(pic, case)
    press(pic, "Catat client setuju")
    papers(pic, "persetujuan_klien")
    send(pic)
    desk = at(browser_page("admin_layanan"), case)
    press(desk, "Tutup layanan")
    desk.check("[name=closing_script]")
    send(desk)
    state_is(desk, "Selesai")
    expect(desk.locator("dl.facts").first).not_to_contain_text("Rp500.000")
    # The history keeps that there was an amount, and that it was taken back.
    assert "Rp500.000" in (desk.locator(".timeline").text_content() or "")


def at_the_coo(live: Live) -> str:
    """The address of a complaint of which the COO is to consider a compensation."""
    story = complaint(live.cast, "compensation_review")
    return f"{live.url}{story.path}"


def at(page: Page, address: str) -> Page:
    page.goto(address)
    return page


def consents(page: Page, count: int) -> None:
    """How many of the three have agreed, each with its time."""
    expect(page.locator("dl.facts dt", has_text="Waktu persetujuan")).to_have_count(count)
