"""A complaint becomes an outage, and is found by its old number: in the browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.extensions import db
from tests.e2e.conftest import Live
from tests.e2e.gestures import fill, press, send, state_is
from tests.services.cases.test_transitions import depok


def test_a_mutation_and_its_search_by_the_old_number(live: Live, browser_page: Callable[..., Page]) -> None:
    with live.app.app_context():
        depok()
        db.session.remove()
    cso = browser_page("cso")
    cso.goto(f"{live.url}/keluhan/new")
    fill(cso, name="Ibu Sri", address="Jl. Melati 3, Depok", phone="0812-3456-7890", posko="DPK",
         description="Listrik padam sejak pagi")  # fmt: skip
    send(cso)
    state_is(cso, "Lapor")
    old = cso.locator("h1").inner_text().split()[0]
    address = cso.url

    unit = browser_page("unit", unit="ULP-DPK")
    unit.goto(address)
    press(unit, "Mutasi ke gangguan")
    fill(unit, mutation_reason="urgent")
    send(unit)
    state_is(unit, "Lapor")
    new = unit.locator("h1").inner_text().split()[0]
    assert new.startswith("G99")

    cso.goto(live.url)
    cso.get_by_role("searchbox").fill(old[:3] + " " + old[3:9] + " " + old[9:])
    cso.keyboard.press("Enter")
    expect(cso.locator("main")).to_contain_text(new)
    cso.goto(f"{live.url}/search?q=Ibu+Sri")
    expect(cso.locator("main")).to_contain_text(new)
    cso.get_by_role("link", name=new).first.click()
    expect(cso.locator("main")).to_contain_text("tidak usah diberi tahu")
    expect(cso.locator("main")).to_contain_text(f"MUTASI K : {old}")

    # A second call about the same thing: no new ticket.
    cso.goto(f"{live.url}/keluhan/new")
    fill(cso, name="Pak Budi", address="Jl. Lain 9", phone="+62 812 3456 7890", posko="DPK", description="Masih padam")
    send(cso)
    expect(cso.locator("main")).to_contain_text(new)
