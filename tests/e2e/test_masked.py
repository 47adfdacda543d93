"""Masked data in a browser: shown on click, also without JavaScript; and what a person asks about their data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.stage import fill_master_data, users_of
from tests.client import Json
from tests.disclosing import SECRET, Discloser
from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through


@pytest.fixture
def case(live: Live) -> Json:
    fill_master_data(live.app)
    return Discloser("intera", users_of(live.cast)).create(phone="0812-9999-8888")


@pytest.mark.parametrize("width", [1280, 390])
def test_shown_on_click_with_a_reason_and_masked_again(
    live: Live, browser_page: Callable[..., Page], case: Json, width: int
) -> None:
    coo = browser_page("coo", width=width)
    coo.goto(f"{live.url}/intera/{case['id']}")
    expect(coo.locator("body")).not_to_contain_text(SECRET)
    looked_through(coo)
    coo.locator("dl.facts").get_by_role("button", name="Tampilkan").first.click()
    expect(coo.locator("#reveal-reason")).to_be_focused()
    expect(coo.locator("body")).not_to_contain_text(SECRET)
    coo.fill("#reveal-reason", "Menelepon kembali pelapor")
    coo.locator("dl.facts").get_by_role("button", name="Tampilkan").first.click()
    expect(coo.locator("dl.facts").first).to_contain_text(SECRET)
    looked_through(coo)
    coo.locator("#masked").get_by_role("button", name="Samarkan lagi").click()
    expect(coo.locator("#reveal-reason")).to_be_visible()
    expect(coo.locator("body")).not_to_contain_text(SECRET)


def test_it_works_without_javascript(live: Live, chromium: Browser, case: Json) -> None:
    live.cast.user("coo")
    context = chromium.new_context(java_script_enabled=False, locale="id-ID")
    try:
        page: Any = context.new_page()
        page.goto(f"{live.url}/login/")
        page.fill("input[name=username]", "coo")
        page.fill("input[name=password]", "tuntas-demo")
        page.click("form.card [type=submit]")
        page.goto(f"{live.url}/intera/{case['id']}")
        page.fill("#reveal-reason", "Menelepon kembali pelapor")
        page.click("#reveal [type=submit]")
        expect(page.locator("dl.facts").first).to_contain_text(SECRET)
    finally:
        context.close()


#: The labels of states that reach over the cell in which they stand.
STICKS_OUT = """(() => {
  const end = (one) => one.getBoundingClientRect().right;
  const badges = [...document.querySelectorAll("td .badge-state")];
  return badges.filter((one) => end(one) > end(one.closest("td"))).map((one) => one.textContent);
})()"""


@pytest.mark.parametrize("width", [1280, 390])
def test_a_request_from_its_receipt_to_its_answer(
    live: Live, browser_page: Callable[..., Page], case: Json, width: int
) -> None:
    officer = browser_page("supervisor", width=width)
    officer.goto(f"{live.url}/privacy-requests/new")
    looked_through(officer)
    officer.select_option("#right_key", "access")
    officer.fill("#name", SECRET)
    officer.fill("#phone", "0812-9999-8888")
    officer.click("form.card [type=submit]")
    expect(officer.locator("#verified-error")).to_be_visible()
    looked_through(officer)
    officer.fill("#verified", "KTP ditunjukkan di loket")
    officer.click("form.card [type=submit]")
    expect(officer.locator("h1")).to_contain_text("PDP-")
    looked_through(officer)
    box = officer.locator(f"input[name=case][value='{case['id']}']")
    box.set_checked(True)
    # However long a status is called, it stays within its card, also on a phone.
    officer.set_viewport_size({"width": 390, "height": 900})
    officer.locator("section[aria-labelledby=matches] .badge-state").first.evaluate(
        "badge => { badge.textContent = 'Dijadwalkan telepon balik oleh petugas lain besok' }"
    )
    assert officer.evaluate(STICKS_OUT) == []
    officer.set_viewport_size({"width": width, "height": 900})
    officer.locator("section[aria-labelledby=matches] button").click()
    with officer.expect_download() as downloading:
        officer.locator("section[aria-labelledby=doing] button[type=submit]").last.click()
    assert downloading.value.suggested_filename.startswith("PDP-")
    officer.fill("#answer", "Salinan dikirim lewat pos")
    officer.locator("section[aria-labelledby=answer-heading] .btn-primary").click()
    expect(officer.locator("section[aria-labelledby=answer-heading]")).to_contain_text("Salinan dikirim lewat pos")
    officer.goto(f"{live.url}/privacy-requests/?state=answered")
    expect(officer.locator("table")).to_contain_text("PDP-")
    looked_through(officer)
