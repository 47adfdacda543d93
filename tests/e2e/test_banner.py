"""What a page says after something was done stands in nobody's way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.gestures import fill, looked_through, send
from tests.e2e.test_two_people import outage
from tests.services.deadlines.test_clocks import MAIL

#: The visible links and buttons outside of the banner on which it lies, and whether a button of its own is within it.
COVERED = """() => {
  const banner = document.querySelector('.alert-success');
  const box = banner.getBoundingClientRect();
  const own = banner.querySelector('.close');
  const close = own ? own.getBoundingClientRect() : box;
  const inside = close.left >= box.left && close.right <= box.right
    && close.top >= box.top && close.bottom <= box.bottom;
  const others = [...document.querySelectorAll('a, button, input, select')].filter(one => !banner.contains(one));
  const met = others.map(one => [one.textContent, one.getBoundingClientRect()]).filter(([, at]) =>
    at.width && at.height && at.left < box.right && at.right > box.left && at.top < box.bottom && at.bottom > box.top);
  return [inside, met.map(([text]) => text)];
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_a_banner_covers_no_button(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    address = outage(live)
    page = browser_page("anisa", "unit", unit="ULP-DPK", width=width)
    page.goto(address)
    page.locator(".assignment button").first.click()
    expect(page.locator(".alert-success")).to_be_visible()
    assert page.evaluate(COVERED) == [True, []]
    looked_through(page)
    page.locator(".alert-success .close").click()
    expect(page.locator(".alert-success")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_number_to_tell_lies_under_no_button(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    cs = browser_page("cs", width=width)
    cs.goto(f"{live.url}/pengaduan/new")
    fill(cs, **MAIL)
    send(cs)
    expect(cs.locator(".alert-success .num-large")).to_be_visible()
    assert cs.evaluate(COVERED) == [True, []]
    looked_through(cs)
