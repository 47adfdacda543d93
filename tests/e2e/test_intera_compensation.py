"""An Intera compensation in the browser: from the complaint to three consents and the goodbye."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

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
    papers(pic, "persetujuan_klien")
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


def at(page: Page, address: str) -> Page:
    page.goto(address)
    return page


def consents(page: Page, count: int) -> None:
    """How many of the three have agreed, each with its time."""
    expect(page.locator("dl.facts dt", has_text="Waktu persetujuan")).to_have_count(count)
