"""The inbox in a browser: it unfolds under the bell, leads to the case, and counts without the page being reloaded."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.services.cases import transitions
from app.services.documents.documents import Upload
from tests.conftest import PDF
from tests.e2e.conftest import Live
from tests.e2e.gestures import examined
from tests.panel.helpers import SOMASI, file


def demand_letter(live: Live) -> str:
    actor = live.cast.actor("legal")
    with live.app.test_request_context():
        return str(transitions.create(actor, "somasi", SOMASI, {"somasi": [Upload("s.pdf", file(PDF)[0])]}).number)


def test_the_inbox_from_count_to_case(live: Live, browser_page: Callable[..., Page]) -> None:
    page = browser_page("cs")
    button = page.locator(".bell-button")
    expect(page.locator(".bell-count")).to_be_hidden()
    number = demand_letter(live)
    page.clock.run_for(61_000)
    expect(page.locator(".bell-count")).to_have_text("1")

    button.click()
    notice = page.locator(".bell-menu .notice").filter(has_text=number)
    expect(notice).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    serious = [v for v in examined(page)["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == []
    page.keyboard.press("Escape")
    expect(notice).to_be_hidden()
    expect(button).to_be_focused()

    page.keyboard.press("Enter")
    notice.click()
    expect(page.locator(".case-head")).to_contain_text(number)
    expect(page.locator(".bell-count")).to_be_hidden()


def test_all_read_without_leaving_the_page(live: Live, browser_page: Callable[..., Page]) -> None:
    live.cast.user("cs")
    demand_letter(live)
    page = browser_page("cs", width=390)
    page.goto(f"{live.url}/somasi/")
    page.locator(".bell-button").click()
    expect(page.locator(".bell-menu .notice-unread")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("[data-bell-read] button").click()
    expect(page.locator(".bell-menu .notice-unread")).to_have_count(0)
    expect(page.locator(".bell-count")).to_be_hidden()
    assert page.url == f"{live.url}/somasi/"
