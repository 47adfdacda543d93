"""How much travels until somebody sees their tasks, the first time and every time after."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through
from tests.e2e.workload import ROLES, UNIT, workload


def load(page: Page) -> tuple[int, int]:
    """Loads the page as it is; answers how many requests went out, and the bytes that came back."""
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    asked: list[str] = []
    received = [0]
    wire.on("Network.requestWillBeSent", lambda told: asked.append(told["request"]["url"]))
    wire.on("Network.requestServedFromCache", lambda told: asked.pop())
    wire.on("Network.loadingFinished", lambda told: received.append(int(told["encodedDataLength"])))
    page.goto(page.url, wait_until="networkidle")
    wire.detach()
    return len(asked), sum(received)


def test_the_worklist_is_light(live: Live, browser_page: Callable[..., Page]) -> None:
    workload(live, 40)
    page = browser_page("anisa", *ROLES, unit=UNIT)
    expect(page.locator(".task")).to_have_count(25)
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    requests, received = load(page)
    assert requests <= 3
    assert received <= 110 << 10
    requests, received = load(page)
    assert requests <= 3
    assert received <= 15 << 10


def test_dark_is_chosen_from_the_keyboard_and_stays(live: Live, browser_page: Callable[..., Page]) -> None:
    page = browser_page("cs", "CS")
    page.get_by_role("button", name="Akun Anda:").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Gelap").focus()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 27)"
    looked_through(page)
    page.goto(f"{live.url}/somasi/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
