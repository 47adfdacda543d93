"""Filling a form: days and amounts as written here, marks that follow the answers, the way out of a refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.extensions import db
from app.models import Case
from app.models.derive import case_model
from tests.e2e.conftest import Live
from tests.e2e.gestures import examined, fill, papers, send
from tests.panel.helpers import posko

#: Where a field begins.
LEFT = "e => e.getBoundingClientRect().left"
TOP = "e => e.getBoundingClientRect().top"


def kept(live: Live, sop: str) -> Case:
    with live.app.app_context():
        case: Case = db.session.query(case_model(sop)).order_by(case_model(sop).id.desc()).first()
        db.session.expunge(case)
        return case


def nothing_wrong(page: Page) -> None:
    """Nothing at all for axe, and nothing sticks out."""
    found = examined(page)
    assert [violation["id"] for violation in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def type_into(page: Page, key: str, keys: str) -> None:
    """Key by key, as a person does."""
    page.locator(f"[name={key}]").click()
    page.keyboard.type(keys)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || document.activeElement.id"))


def test_an_american_browser_takes_days_and_amounts_as_they_are_written_here(
    live: Live, browser_page: Callable[..., Page]
) -> None:
    posko(live.app)
    cso = browser_page("cso", locale="en-US")
    cso.goto(f"{live.url}/gangguan/new")
    fill(cso, address="Jl. Mawar 1", posko="menteng", phone="0812-3456-7890", description="Padam")
    type_into(cso, "outage_at", "17/11/2026 14.30")
    send(cso)
    # Refused for the name: the focus is on the summary, one key leads to the field, and the day stands as typed.
    assert focused(cso) == "refusal"
    expect(cso.locator("[name=outage_at]")).to_have_value("17/11/2026 14.30")
    cso.keyboard.press("Enter")
    assert focused(cso) == "name"
    cso.keyboard.type("Siti")
    for typed, shown in (("171120261430", "17/11/2026 14.30"), ("2026-11-17 9.05", "17/11/2026 09.05"),
                         ("17-11-26 14:30", "17/11/2026 14.30")):  # fmt: skip
        cso.locator("[name=outage_at]").fill("")
        type_into(cso, "outage_at", typed)
        cso.keyboard.press("Tab")
        expect(cso.locator("[name=outage_at]")).to_have_value(shown)
    send(cso)
    expect(cso.locator(".case-head")).to_be_visible()
    case = kept(live, "gangguan")
    assert case.outage_at.isoformat() == "2026-11-17T07:30:00+00:00"
    # The first field that a step asks has the focus.
    cso.goto(f"{live.url}/gangguan/{case.id}/do/add_repeat_contact")
    assert focused(cso) == "contact_at"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_letter_is_recorded_by_keyboard(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    legal = browser_page("legal", width=width)
    legal.goto(f"{live.url}/somasi/new")
    letter, received = legal.locator("[name=letter_date]"), legal.locator("[name=received_date]")
    beside = letter.evaluate(TOP) == received.evaluate(TOP)
    assert beside == (width == 1280), "days side by side, below each other on a phone"
    assert (letter.evaluate(LEFT) == received.evaluate(LEFT)) == (width == 390)
    nothing_wrong(legal)
    fill(legal, letter_number="017/SOM", sender="LBH", customer_name="Toko Mekar", subject="Paket hilang")

    # The picker: today is the 18th; a week up, a day on, chosen with Enter.
    letter.focus()
    legal.keyboard.press("ArrowDown")
    expect(legal.get_by_role("dialog", name="Pilih tanggal")).to_be_visible()
    nothing_wrong(legal)
    for key in ("ArrowUp", "ArrowRight", "Enter"):
        legal.keyboard.press(key)
    expect(letter).to_have_value("12/11/2026")
    assert focused(legal) == "letter_date"
    received.fill("31/11/2026")

    # An amount is grouped while it is typed, also when a digit is taken out of its middle.
    type_into(legal, "claimed_amount", "12500000")
    amount = legal.locator("[name=claimed_amount]")
    expect(amount).to_have_value("12.500.000")
    for key in ("Home", "ArrowRight", "Delete", "Backspace"):
        legal.keyboard.press(key)
    expect(amount).to_have_value("500.000")
    amount.fill("Rp 1.250.000,00")
    expect(amount).to_have_value("1.250.000")
    amount.fill("12,50")
    send(legal)
    summary = legal.locator("#refusal")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(3)
    expect(summary).to_contain_text("Tanggal diterima")
    expect(received).to_have_value("31/11/2026")
    expect(amount).to_have_value("12,50")
    nothing_wrong(legal)
    summary.get_by_role("link").nth(1).click()
    expect(amount).to_be_focused()
    amount.fill("1250000")
    legal.keyboard.press("Tab")
    received.fill("2026-11-16")
    received.blur()
    expect(received).to_have_value("16/11/2026")
    papers(legal, "somasi")
    send(legal)
    expect(legal.locator(".case-head")).to_be_visible()
    case = kept(live, "somasi")
    assert case.claimed_amount == 1250000
    assert [str(day) for day in (case.letter_date, case.received_date)] == ["2026-11-12", "2026-11-16"]


def test_a_mark_appears_with_the_channel_that_asks_for_it(live: Live, browser_page: Callable[..., Page]) -> None:
    cs = browser_page("cs")
    cs.goto(f"{live.url}/pengaduan/new")
    phone, mark = cs.locator("[name=phone]"), cs.locator(".entry:has([name=phone]) .required-mark")
    for channel, needed in (("email", False), ("inbound", True), ("email", False), ("walk_in", True)):
        fill(cs, channel=channel)
        expect(mark).to_be_visible(visible=needed)
        assert phone.evaluate("e => e.required") is needed
    fill(cs, channel="inbound", name="Rina", complaint="Tagihan ganda")
    send(cs)
    expect(cs.locator("#refusal")).to_contain_text("No. Telepon")
    expect(mark).to_be_visible()


def test_holidays_are_marked_where_a_day_is_chosen(live: Live, browser_page: Callable[..., Page]) -> None:
    admin = browser_page("admin")
    admin.goto(f"{live.url}/calendardayview/add")
    day = admin.locator("[name=day]")
    day.fill("24/12/2026")
    admin.keyboard.press("ArrowDown")
    christmas = admin.get_by_role("button", name="25 Desember 2026")
    expect(christmas).to_have_attribute("title", "Hari Raya Natal")
    admin.keyboard.press("ArrowRight")
    expect(christmas).to_be_focused()
    admin.keyboard.press("Escape")
    expect(admin.get_by_role("dialog")).to_have_count(0)
    expect(day).to_be_focused()
    expect(day).to_have_value("24/12/2026")
