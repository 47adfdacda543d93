"""What was recorded wrongly is put right, in the open."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.extensions import db
from app.services.cases import transitions
from tests.e2e.conftest import Live
from tests.e2e.gestures import answer, fill, looked_through, send
from tests.services.running import CALL


def complaint(live: Live) -> str:
    """The address of a complaint with a wrong phone number."""
    cs = live.cast.actor("cs")
    with live.app.test_request_context():
        pk = transitions.create(cs, "pengaduan", CALL).id
        db.session.remove()
    return f"{live.url}/pengaduan/{pk}"


def test_a_wrong_phone_number_is_corrected_and_found(live: Live, browser_page: Callable[..., Page]) -> None:
    address = complaint(live)
    page = browser_page("cs", width=390)
    page.goto(address)
    page.get_by_role("link", name="Betulkan data").click()
    expect(page.locator("[name=phone]")).to_have_value("0812 3344 5566")
    expect(page.locator("[name=category]")).to_have_value("bill_amount")
    looked_through(page)

    # Without a reason nothing is saved, and nothing of what was typed is lost.
    fill(page, phone="0811 2222 333")
    send(page)
    expect(page.locator("#refusal")).to_contain_text("alasan")
    expect(page.locator("[name=phone]")).to_have_value("0811 2222 333")
    answer(page, {"Alasan": "Dua angka tertukar"})
    send(page)

    expect(page.locator(".alert-success")).to_contain_text("Data sudah dibetulkan")
    newest = page.locator(".timeline > li").first
    expect(newest).to_contain_text("Data dibetulkan")
    expect(newest).to_contain_text("Dua angka tertukar")
    expect(newest.locator("dt")).to_have_text(["No. Telepon"])
    expect(newest.locator("dd del")).to_have_text("0812-3344-5566")
    expect(newest.locator("dd")).to_contain_text("0811-2222-333")
    looked_through(page)

    page.goto(f"{live.url}/search?q=08112222333")
    expect(page.locator("main")).to_contain_text("PGD-")
    page.goto(f"{live.url}/search?q=081233445566")
    expect(page.locator("main")).not_to_contain_text("PGD-")


def test_who_is_second_sees_what_the_first_corrected(live: Live, browser_page: Callable[..., Page]) -> None:
    address = complaint(live)
    anisa, budi = (browser_page(name, "cs") for name in ("anisa", "budi"))
    for page in (anisa, budi):
        page.goto(f"{address}/correct")
    fill(anisa, phone="0811 2222 333", note="Dua angka tertukar")
    send(anisa)
    expect(anisa.locator(".alert-success")).to_be_visible()
    fill(budi, name="Nur Aini Putri", note="Nama lengkap")
    send(budi)
    expect(budi.locator("section", has=budi.locator("#since"))).to_contain_text("0811-2222-333")
    budi.locator("button[name=_prefill]").click()
    expect(budi.locator("[name=name]")).to_have_value("Nur Aini Putri")
    fill(budi, phone="0811 2222 333")
    send(budi)
    expect(budi.locator(".facts").first).to_contain_text("Nur Aini Putri")
    expect(budi.locator(".facts").first).to_contain_text("0811-2222-333")


def test_a_case_recorded_twice_is_declared_void(live: Live, browser_page: Callable[..., Page]) -> None:
    address = complaint(live)
    cs, supervisor = browser_page("cs", width=390), browser_page("supervisor")
    cs.goto(address)
    cs.get_by_role("link", name="Minta dinyatakan tidak berlaku").click()
    looked_through(cs)
    send(cs)
    expect(cs.locator("#note-error")).to_contain_text("alasan")
    fill(cs, note="Tercatat dua kali")
    send(cs)
    expect(cs.locator(".case-head")).to_contain_text("Diminta dinyatakan tidak berlaku")
    looked_through(cs)

    # The other one reads why, and decides.
    supervisor.goto(address)
    expect(supervisor.locator(".case-head .alert-warning")).to_contain_text("Tercatat dua kali")
    supervisor.get_by_role("link", name="Putuskan permintaan menyatakan tidak berlaku").click()
    looked_through(supervisor)
    fill(supervisor, note="Benar, sama dengan laporan kemarin")
    supervisor.get_by_role("button", name="Nyatakan tidak berlaku").click()
    head = supervisor.locator(".case-head")
    expect(head.locator(".alert-warning")).to_contain_text("Dinyatakan tidak berlaku")
    expect(head.locator(".alert-warning")).to_contain_text("Supervisor Uji")
    expect(head.locator(".alert-warning")).to_contain_text("Benar, sama dengan laporan kemarin")
    expect(supervisor.locator("#steps")).to_have_count(0)
    looked_through(supervisor)

    number = head.locator(".number").inner_text()
    for path in ("/pengaduan/", "/", "/dashboard/?sop=pengaduan"):
        supervisor.goto(f"{live.url}{path}")
        expect(supervisor.locator("main")).not_to_contain_text(number)
    supervisor.goto(f"{live.url}/pengaduan/?void=1")
    expect(supervisor.locator("main")).to_contain_text(number)
    supervisor.goto(f"{live.url}/search?q={number}")
    expect(supervisor.locator(".hit, .case-head").first).to_contain_text("Dinyatakan tidak berlaku")
