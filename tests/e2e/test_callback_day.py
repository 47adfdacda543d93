"""A call-back day of a CS, in the browser: a call is cut off, the next morning's list, nobody there, then reached."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import Browser, Page, expect

from app.extensions import db
from app.models import Customer
from app.services.core import clock
from tests.e2e.conftest import Live
from tests.e2e.gestures import choose_from_menu, fill, looked_through, press, send, state_is
from tests.moment import context_of

CALL = {
    "channel": "inbound", "name": "Nur Aini", "phone": "0812 3344 5566", "order_id": "ORD-10021",
    "category": "bill_amount", "complaint": "Tagihan di aplikasi berbeda dengan SMS",
}  # fmt: skip


def known_customer(live: Live) -> None:
    with live.app.app_context():
        db.session.add(
            Customer(
                code="ORD-10021", name="Nur Aini", phone="081233445566", phone_normalised="+6281233445566",
                product="Pinjaman Kilat", bill=1_250_000, due_date=date(2026, 12, 1), application_status="Disetujui",
                active=True,
            )
        )  # fmt: skip
        db.session.commit()
        db.session.remove()


def test_a_call_back_day(live: Live, browser_page: Callable[..., Page]) -> None:
    known_customer(live)
    with live.app.app_context():
        today, now = clock.today(), clock.now()
    cs = browser_page("cs")

    # A call that is cut off: the number is shown large, a call-back is agreed for today.
    cs.goto(f"{live.url}/pengaduan/new")
    fill(cs, **CALL, identity_verified="matched")
    send(cs)
    number = cs.locator(".num-large").inner_text()
    state_is(cs, "Tercatat")
    case = cs.url.split("?")[0]
    press(cs, "Jadwalkan telepon balik")
    fill(cs, callback_reason="cut_off", callback_at=f"{now + timedelta(minutes=10):%Y-%m-%dT%H:%M}")
    send(cs)
    state_is(cs, "Dijadwalkan telepon balik")

    # The list of the day: whom to call, at what number, why.
    cs.goto(f"{live.url}/agenda/?sop=pengaduan&day=today")
    row = cs.locator("tr", has_text=number)
    expect(row).to_contain_text("0812-3344-5566")
    expect(row).to_contain_text("Nur Aini")
    expect(row).to_contain_text("Percobaan: 0")

    # Nobody answers: a next time is asked for, and nothing is saved without it.
    row.get_by_role("link", name=number).click()
    press(cs, "Catat telepon balik")
    fill(cs, callback_result="not_reached")
    send(cs)
    expect(cs.get_by_role("alert").first).to_be_visible()
    tomorrow = today + timedelta(days=1)
    fill(cs, callback_at=f"{tomorrow}T09:00")
    send(cs)
    # Back on the list of the day, from which the case was opened.
    expect(cs.locator("main .alert-success")).to_contain_text(number)
    assert cs.url == f"{live.url}/agenda/?sop=pengaduan&day=today"
    cs.goto(f"{live.url}/agenda/?sop=pengaduan&day=today")
    expect(cs.locator("main")).not_to_contain_text(number)
    cs.get_by_role("link", name="Semua hari").click()
    expect(cs.locator("tr", has_text=number)).to_contain_text("Percobaan: 1")

    # Reached at last: it is answered with the customer's bill beside the form.
    cs.goto(case)
    press(cs, "Catat telepon balik")
    fill(cs, callback_result="reached", callback_said="Menunggu penjelasan tagihan")
    send(cs)
    state_is(cs, "Ditangani")
    press(cs, "Jawab langsung")
    beside = cs.locator("aside")
    for shown in ("Rp1.250.000", "1 Des 2026", "Pinjaman Kilat", "Disetujui"):
        expect(beside).to_contain_text(shown)
    fill(cs, answer="Tagihan di SMS belum termasuk biaya layanan")
    for item in ("number_told", "anything_else", "summary_given", "closing_greeting"):
        cs.check(f"[name={item}]")
    send(cs)
    state_is(cs, "Terselesaikan")

    # Who rings again is not asked to explain anew: the earlier ticket is shown before a new one is written.
    cs.goto(f"{live.url}/pengaduan/new")
    fill(cs, **CALL | {"order_id": "ORD-99"}, identity_verified="matched")
    send(cs)
    expect(cs.locator("main")).to_contain_text(number)


def test_the_public_page_tells_the_status_alone(
    live: Live, browser_page: Callable[..., Page], chromium: Browser
) -> None:
    cs = browser_page("cs")
    cs.goto(f"{live.url}/pengaduan/new")
    fill(cs, **CALL)
    fill(cs, identity_verified="not_in_data")
    send(cs)
    number = cs.locator(".num-large").inner_text()
    customer = context_of(chromium, viewport={"width": 390, "height": 800}).new_page()
    customer.goto(f"{live.url}/public/pengaduan")
    for phone, answer in (("0899 1111 222", "tidak menemukan"), ("+62 812-3344-5566", "Tercatat")):
        customer.fill("[name=number]", number)
        customer.fill("[name=phone]", phone)
        customer.click("main button[type=submit]")
        expect(customer.locator("#status ~ .alert")).to_contain_text(answer)
    expect(customer.locator("main")).not_to_contain_text("Nur Aini")
    assert customer.evaluate("document.documentElement.scrollWidth <= innerWidth")
    customer.context.close()


def test_a_reply_is_read_before_it_goes_out(live: Live, browser_page: Callable[..., Page]) -> None:
    known_customer(live)
    cs, qa = browser_page("cs"), browser_page("qa")
    cs.goto(f"{live.url}/reply_template/new")
    fill(cs, template_title="Cara bayar", category="bill_amount", channel="email",
         text="Yth. {nama}, tagihan Anda {jumlah_tagihan}. Tiket {nomor_tiket}.")  # fmt: skip
    send(cs)
    press(cs, "Ajukan ke QA")
    qa.goto(cs.url.split("?")[0])
    press(qa, "Setujui")
    state_is(qa, "Disetujui")
    cs.goto(f"{live.url}/pengaduan/new")
    fill(cs, **CALL, email="nur@contoh.example", identity_verified="matched")
    send(cs)
    number = cs.locator(".num-large").inner_text()
    press(cs, "Balas lewat email")
    expect(cs.locator("aside")).to_contain_text(f"Yth. Nur Aini, tagihan Anda Rp1.250.000. Tiket {number}.")
    cs.locator("[name=template]").select_option(index=1)
    send(cs)
    mails = cs.locator("section.card", has=cs.get_by_role("heading", name=re.compile("^Email keluar")))
    expect(mails).to_contain_text(f"[{number}]")
    expect(mails).to_contain_text("nur@contoh.example")


def test_who_calls_is_looked_up_while_it_is_typed(live: Live, browser_page: Callable[..., Page]) -> None:
    known_customer(live)
    cs = browser_page("cs", width=390)
    cs.goto(f"{live.url}/pengaduan/new")
    beside = cs.locator("aside")
    expect(beside).to_contain_text("tampil di sini")
    looked_through(cs)
    cs.locator("[name=phone]").press_sequentially("+62 812-3344-5566")
    for shown in ("Nur Aini", "ORD-10021", "Rp1.250.000"):
        expect(beside).to_contain_text(shown)
    fill(cs, **CALL | {"phone": "0899 1111 222", "order_id": "ORD-99"}, identity_verified="matched")
    expect(beside).to_contain_text("tidak ada dalam data pelanggan")

    # Nobody is verified who is not there; that they are not is told as such, and the case says so in red.
    send(cs)
    expect(cs.locator("#field-identity_verified-error")).to_contain_text("Tidak ada dalam data kami")
    looked_through(cs)
    fill(cs, identity_verified="not_in_data")
    send(cs)
    expect(cs.locator(".case-head .alert.state-red")).to_have_text("Pelanggan ini tidak ada dalam data kami.")
    looked_through(cs)

    # The list of customers, from the menu.
    choose_from_menu(cs, "Kasus", "Pelanggan")
    cs.fill("main [name=q]", "0812-3344")
    cs.press("main [name=q]", "Enter")
    expect(cs.locator("main")).to_contain_text("ORD-10021")
    looked_through(cs)


def test_a_further_call_is_a_line_on_the_case(live: Live, browser_page: Callable[..., Page]) -> None:
    known_customer(live)
    cs = browser_page("cs", width=390)
    cs.goto(f"{live.url}/pengaduan/new")
    fill(cs, **CALL, identity_verified="matched")
    send(cs)
    press(cs, "Catat kontak berulang")
    expect(cs.locator("[name=contact_at]")).not_to_have_value("")
    looked_through(cs)
    fill(cs, contact_channel="inbound", said="Menanyakan kabar")
    send(cs)
    state_is(cs, "Tercatat")
    contacts = cs.locator("section.card", has=cs.get_by_role("heading", name=re.compile("^Kontak berulang")))
    expect(contacts).to_contain_text("Menanyakan kabar")
    expect(contacts.locator(".count")).to_have_text("1")
    looked_through(cs)
