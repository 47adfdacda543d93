"""Taking reports by phone, with the keyboard alone: what is known fills the form, and what was done leads back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.extensions import db
from app.models import Case, Customer
from app.services.cases import transitions
from tests.e2e.conftest import Live
from tests.e2e.gestures import fill, looked_through, press, send, state_is
from tests.services.cases.test_transitions import depok

BOX, KNOWN = "#intake-words", "#known"
RINA = {
    "name": "Rina Marlina", "customer_id": "532110098761", "address": "Jl. Nusantara 14, Depok", "posko": "DPK",
    "phone": "0813-1440-2211", "description": "Tagihan naik dua kali lipat", "channel": "pln_mobile",
}  # fmt: skip


@pytest.fixture
def reports(live: Live) -> Callable[..., list[int]]:
    """Makes reports by ``cso``; those with ``closed`` are over."""
    with live.app.app_context():
        depok()
        db.session.remove()
    cso, unit = live.cast.actor("cso"), live.cast.actor("unit", unit="ULP-DPK")

    def make(*many: dict[str, str], closed: bool = False) -> list[int]:
        with live.app.app_context():
            found = [transitions.create(cso, "keluhan", RINA | one).id for one in many]
            for pk in found if closed else ():
                transitions.perform(unit, "keluhan", pk, "start", {})
                transitions.perform(
                    unit, "keluhan", pk, "resolve", {"cause": "Salah catat", "action_taken": "Dijelaskan"}
                )
            return found

    return make


def counted(page: Page) -> list[str]:
    """The pages that are loaded from now on."""
    loads: list[str] = []
    page.on("request", lambda one: loads.append(one.url) if one.is_navigation_request() else None)
    return loads


def cases(live: Live) -> int:
    with live.app.app_context():
        return int(db.session.query(Case).count())


def newest(live: Live, sop: str = "keluhan") -> Any:
    with live.app.app_context():
        case = db.session.query(Case).filter_by(sop=sop).order_by(Case.id.desc()).first()
        return {key: getattr(case, key) for key in ("id", "name", "phone", "channel", "number", "state")}


def test_a_known_caller_is_registered_in_one_load_without_a_mouse(
    live: Live, browser_page: Callable[..., Page], reports: Callable[..., list[int]]
) -> None:
    """Two entries: the phone, and what happened. The channel is the one that the user had chosen last."""
    reports({}, closed=True)
    page = browser_page("cso")
    loads = counted(page)
    page.goto(f"{live.url}/keluhan/new")
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.type("081314402211")
    expect(page.locator(KNOWN)).to_contain_text("Rina Marlina")
    page.keyboard.press("Enter")
    expect(page.locator("[name=description]")).to_be_focused()
    page.keyboard.type("Tagihan masih salah")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    state_is(page, "Lapor")
    assert len(loads) == 3, "the form, what was sent, and the case with the number to be told"
    made = newest(live)
    assert (made["name"], made["phone"], made["channel"]) == ("Rina Marlina", "0813-1440-2211", "pln_mobile")
    expect(page.locator("main")).to_contain_text("Jl. Nusantara 14, Depok")
    expect(page.locator("main")).to_contain_text("532110098761")

    # The same caller again: the open case stands beside the form before anything is typed twice.
    page.goto(f"{live.url}/keluhan/new")
    page.keyboard.type("0813 1440")
    expect(page.locator(KNOWN)).to_contain_text(made["number"])
    page.get_by_label(f"({made['number']}): Isi pembicaraan").fill("Kapan diperiksa?")
    page.keyboard.press("Enter")
    state_is(page, "Lapor")
    expect(page.locator("main")).to_contain_text("Kapan diperiksa?")
    assert cases(live) == 2


@pytest.mark.parametrize("width", [1280, 390])
def test_two_of_one_name_are_told_apart_and_nothing_typed_is_overwritten(
    live: Live, browser_page: Callable[..., Page], reports: Callable[..., list[int]], width: int
) -> None:
    reports({}, {"phone": "0857-1111-2222", "customer_id": "", "address": "Jl. Mawar 7, Depok"}, closed=True)
    page = browser_page("cso", width=width)
    page.goto(f"{live.url}/keluhan/new")
    fill(page, location="Dekat masjid", address="Jl. Melati 1")
    page.locator(BOX).focus()
    page.keyboard.type("rina m")
    people = page.locator(f"{KNOWN} .person")
    expect(people).to_have_count(2)
    for told in ("Jl. Nusantara 14, Depok", "532110098761", "Jl. Mawar 7, Depok"):
        expect(page.locator(KNOWN)).to_contain_text(told)
    assert page.locator(f"{KNOWN} mark").first.inner_text() == "Rina"
    looked_through(page)
    chosen = people.filter(has_text="Mawar").get_by_role("button", name="Isikan")
    page.keyboard.press("ArrowDown")
    if not chosen.evaluate("e => e === document.activeElement"):
        page.keyboard.press("ArrowDown")
    expect(chosen).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[name=phone]")).to_have_value("0857-1111-2222")
    expect(page.locator("[name=address]")).to_have_value("Jl. Melati 1")
    expect(page.locator("[name=location]")).to_have_value("Dekat masjid")

    # The search tells them apart as well, marks what was typed, and takes it along to a new report.
    page.goto(f"{live.url}/search?q=rina")
    expect(page.locator("main")).to_contain_text("Jl. Mawar 7, Depok")
    assert set(page.locator(".hit mark").all_inner_texts()) == {"Rina"}
    looked_through(page)
    page.goto(f"{live.url}/search?q=0857+9999+0000")
    page.get_by_role("link", name="Catat keluhan").click()
    expect(page.locator("[name=phone]")).to_have_value("0857 9999 0000")


def test_a_repeat_call_is_one_line_on_the_search_result(
    live: Live, browser_page: Callable[..., Page], reports: Callable[..., list[int]]
) -> None:
    [first, _second] = reports({}, {"name": "Pak Yanto", "phone": "0857-1111-2222", "customer_id": ""})
    page = browser_page("cso")
    page.goto(f"{live.url}/search?q=rina")
    tab = page.context.new_page()
    tab.goto(page.url)
    loads = counted(page)
    line = page.get_by_label("Isi pembicaraan")
    line.press_sequentially("Belum ada petugas")
    line.press("Enter")
    expect(page.locator("main .alert")).to_contain_text("Catat laporan berulang")
    assert page.url == f"{live.url}/search?q=rina"
    assert len(loads) == 2, "what was sent, and the results again"
    expect(page.locator(".hit")).to_contain_text("Laporan berulang: 1")
    # Back in the browser the line is empty; what another tab still has is told, and not recorded twice.
    page.go_back()
    page.get_by_label("Isi pembicaraan").press("Enter")
    expect(page.locator(".hit")).to_contain_text("Laporan berulang: 1")
    tab.get_by_label("Isi pembicaraan").fill("Belum ada petugas")
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_have_text("Anda sudah mengerjakannya")
    page.goto(f"{live.url}/keluhan/{first}")
    expect(page.locator("main")).to_contain_text("18 Nov 2026")
    assert page.locator(".timeline").get_by_text("Belum ada petugas").count() == 1


def test_a_step_leads_back_to_the_filtered_list_and_a_mutation_to_its_new_case(
    live: Live, browser_page: Callable[..., Page], reports: Callable[..., list[int]]
) -> None:
    reports(*({"name": f"Warga {n}", "phone": f"0857-1111-222{n}"} for n in range(3)))
    unit = browser_page("unit", unit="ULP-DPK")
    listed = f"{live.url}/keluhan/?state=reported"
    unit.goto(listed)
    said = unit.locator("main a[href^='/keluhan/']").all_inner_texts()
    numbers = list(dict.fromkeys(one.split()[0] for one in said if one.startswith("K54")))
    unit.get_by_role("link", name=numbers[0]).first.click()
    press(unit, "Mulai penanganan")
    expect(unit.locator("main .alert-success")).to_contain_text(numbers[0])
    assert unit.url == listed
    # The next of the list is offered; a mutation leads to the outage that it has opened.
    unit.locator("[data-next-case]").click()
    expect(unit.locator("h1")).to_contain_text(numbers[1])
    press(unit, "Mutasi ke gangguan")
    fill(unit, mutation_reason="urgent")
    send(unit)
    state_is(unit, "Lapor")
    expect(unit.locator("h1")).to_contain_text("G99")


def test_one_after_the_other_each_saved_once(
    live: Live, browser_page: Callable[..., Page], reports: Callable[..., list[int]]
) -> None:
    """A double click makes one case; the fresh form has the channel, and the number that is told."""
    reports()
    page = browser_page("cso")
    page.goto(f"{live.url}/keluhan/new")
    fill(
        page,
        name="Warga",
        address="Jl. A 1",
        phone="0857-1111-2220",
        posko="DPK",
        description="Padam",
        channel="walk_in",
    )
    page.get_by_role("button", name="Simpan, lalu catat berikutnya").dblclick()
    expect(page.locator("main .alert-success")).to_contain_text("K54", timeout=20_000)
    assert newest(live)["number"] in page.locator("main .alert-success").inner_text()
    expect(page.locator("[name=channel]")).to_have_value("walk_in")
    expect(page.locator("[name=name]")).to_have_value("")
    assert cases(live) == 1
    # Back in the browser, and sent once more: the case is answered, none is added.
    page.go_back()
    page.wait_for_load_state()
    if page.locator("[name=name]").input_value() == "":
        fill(page, name="Warga", address="Jl. A 1", phone="0857-1111-2220", posko="DPK", description="Padam")
    send(page)
    page.wait_for_load_state()
    assert cases(live) == 1


def test_a_customer_and_their_bill_stand_beside_the_form_and_the_answer_follows(
    live: Live, browser_page: Callable[..., Page]
) -> None:
    with live.app.app_context():
        row = {"code": "ORD-7", "name": "Nur Aini", "phone": "0812 3344 5566", "phone_normalised": "+6281233445566"}
        db.session.add(Customer(**row, email="aini@contoh.example", bill=1_275_000, active=True))
        db.session.commit()
    page = browser_page("cs")
    page.goto(f"{live.url}/pengaduan/new")
    page.keyboard.type("ord-7")
    expect(page.locator(KNOWN)).to_contain_text("Rp1.275.000")
    for key, value in {"name": "Nur Aini", "order_id": "ORD-7", "email": "aini@contoh.example"}.items():
        expect(page.locator(f"main [name={key}]")).to_have_value(value)
    looked_through(page)
    fill(page, channel="email", complaint="Tagihan sudah dibayar")
    page.get_by_role("button", name="Simpan, lalu").first.click()
    expect(page.locator("main")).to_contain_text("PGD-")
    assert newest(live, "pengaduan")["name"] == "Nur Aini"


def test_without_a_script_a_button_looks_up_and_fills_in(
    live: Live, browser_page: Callable[..., Page], reports: Callable[..., list[int]], chromium: Any
) -> None:
    reports({}, closed=True)
    signed_in = browser_page("cso")
    context: BrowserContext = chromium.new_context(
        java_script_enabled=False, storage_state=signed_in.context.storage_state(), locale="id-ID"
    )
    page = context.new_page()
    page.goto(f"{live.url}/keluhan/new")
    page.locator(BOX).fill("rina")
    fill(page, address="Jl. Lain 2")
    page.get_by_role("button", name="Cari datanya").click()
    page.get_by_role("button", name="Isikan").click()
    expect(page.locator("[name=phone]")).to_have_value("0813-1440-2211")
    expect(page.locator("[name=address]")).to_have_value("Jl. Lain 2")
    context.close()
