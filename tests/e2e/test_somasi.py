"""A somasi from its letter to closed, by five users in five browsers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.services.core import clock
from tests.e2e.conftest import Live
from tests.e2e.gestures import fill, papers, press, send, state_is

FROM_CS = ("form_sengketa", "kronologis_operasional", "kronologis_cs", "bukti_pod", "tanda_terima", "surat_menyurat")


def test_a_somasi_from_letter_to_closed(live: Live, browser_page: Callable[..., Page]) -> None:
    with live.app.app_context():
        today = clock.today().isoformat()
    legal = browser_page("legal")
    legal.get_by_role("link", name="Catat somasi masuk").click()
    fill(legal, letter_number="017/SOM/XI/2026", letter_date="2026-11-09", received_date="2026-11-12",
         sender="LBH Sejahtera", customer_name="Toko Mekar", subject="Paket hilang",
         claimed_amount="1.250.000")  # fmt: skip
    send(legal)
    # Everything typed is still there, and the one thing lacking is named.
    expect(legal.get_by_role("alert")).to_contain_text("Surat somasi")
    expect(legal.locator("[name=sender]")).to_have_value("LBH Sejahtera")
    papers(legal, "somasi")
    send(legal)
    state_is(legal, "Menunggu dokumen CS")
    number = legal.locator("h1").inner_text().split()[0]
    assert number.startswith("SOM-")
    address = legal.url

    cs = browser_page("cs")
    cs.get_by_role("link", name=number).first.click()
    press(cs, "Kirim dokumen")
    papers(cs, *FROM_CS)
    fill(cs, offered_compensation="750000")
    send(cs)
    # Back on the worklist, from which the case was opened.
    expect(cs.locator("main .alert-success")).to_contain_text(number)
    cs.goto(address)
    state_is(cs, "Pemeriksaan dokumen")

    first = browser_page("legal_litigasi_1")
    first.goto(address)
    press(first, "Minta revisi")
    first.get_by_label("Bukti POD").check()
    fill(first, note="Foto POD tidak terbaca")
    send(first)
    state_is(first, "Menunggu dokumen CS")

    cs.goto(address)
    press(cs, "Kirim dokumen")
    papers(cs, "bukti_pod")
    fill(cs, offered_compensation="750000")
    send(cs)
    state_is(cs, "Pemeriksaan dokumen")

    first.goto(address)
    press(first, "Terima dokumen")
    state_is(first, "Pembuatan draft jawaban")
    press(first, "Kirim draft")
    papers(first, "draft_tanggapan", "analisis_kasus")
    send(first)
    state_is(first, "Review Legal Litigasi 2")

    # CS sees that the draft exists, and can't open it yet.
    cs.goto(address)
    expect(cs.get_by_role("link", name="draft_tanggapan.pdf")).to_have_count(0)

    second = browser_page("legal_litigasi_2")
    second.goto(address)
    press(second, "Setujui")
    state_is(second, "Review Legal Manager")
    manager = browser_page("legal_manager")
    manager.goto(address)
    press(manager, "Setujui")
    state_is(manager, "Menunggu scan surat tanggapan")

    cs.goto(address)
    expect(cs.get_by_role("link", name="draft_tanggapan.pdf").first).to_be_visible()
    press(cs, "Kirim tanggapan")
    papers(cs, "scan_tanggapan", "bukti_kirim")
    send(cs)
    state_is(cs, "Tanggapan terkirim")

    legal.goto(address)
    expect(legal.locator("main")).to_contain_text("lebih dari 3 bulan")
    press(legal, "Selesai: penggantian")
    papers(legal, "laporan_penyelesaian")
    fill(legal, agreed_amount="Rp700.000")
    send(legal)
    state_is(legal, "Menunggu bukti pembayaran")
    cs.goto(address)
    press(cs, "Konfirmasi pembayaran")
    papers(cs, "bukti_pembayaran")
    fill(cs, paid_date=today, paid_amount="700000")
    send(cs)
    state_is(cs, "Selesai")
    assert cs.locator(".timeline > li").count() >= 11
