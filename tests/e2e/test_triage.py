"""The worklist of a full day: a line a case on every screen, taken in one click."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through
from tests.e2e.workload import ROLES, UNIT, workload

#: Those of the window whole, below the bar that stays.
IN_SIGHT = """() => Array.from(document.querySelectorAll(".task")).filter(row => {
    const place = row.getBoundingClientRect();
    return place.top >= 0 && place.bottom <= innerHeight;
}).length"""
#: What is cut off on the right, or lies over what is beside it.
OUTSIDE = """() => Array.from(document.querySelectorAll(".task > *, .task-next > *")).filter(part => {
    const place = part.getBoundingClientRect();
    return place.width && place.right > part.closest(".task").getBoundingClientRect().right + 1;
}).length"""


def test_sixty_cases_are_looked_through_and_taken(live: Live, browser_page: Callable[..., Page]) -> None:
    workload(live, 60)
    live.cast.user("budi", *ROLES, unit=UNIT)
    page = browser_page("anisa", *ROLES, unit=UNIT)
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate(IN_SIGHT) >= 12
    assert page.evaluate(OUTSIDE) == 0
    assert page.evaluate("document.documentElement.scrollHeight") < 3000
    expect(page.locator(".count-free").first).to_have_text("60")
    assert page.locator(".task").count() <= 60, "each case once, a page of each group"
    looked_through(page)

    # One click, and it is mine.
    free = page.locator("section[aria-labelledby=free]")
    number = free.locator(".task .number").first.inner_text()
    free.get_by_role("button", name="Ambil").first.click()
    mine = page.locator("section[aria-labelledby=mine]")
    expect(mine.locator(".task .number")).to_have_text([number])
    expect(free.locator(".task .number").first).not_to_have_text(number)

    # The step that comes next is one click away, all others behind the menu, which the keyboard walks through.
    main = mine.locator(".task-main")
    assert main.count() == 1
    more = mine.locator(".task-more")
    more.focus()
    page.keyboard.press("Enter")
    menu = mine.locator(".dropdown-menu")
    expect(menu.locator("a").first).to_be_focused()
    expect(menu.locator("a").first).to_have_text(main.inner_text().removesuffix(number).strip())
    looked_through(page)
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    menu.get_by_role("button", name="Lepaskan").click()
    expect(mine.locator(".task")).to_have_count(0)

    # What does not fit is on further pages.
    free.locator(".list-more a").click()
    expect(free.locator(".task")).to_have_count(25)
    free.get_by_role("link", name="Halaman berikutnya").click()
    expect(free.locator(".task")).to_have_count(10)
    looked_through(page)

    # On a phone the first case is on the first screen, two lines each.
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live.url)
    assert page.evaluate(IN_SIGHT) >= 5
    assert page.evaluate(OUTSIDE) == 0
    place = page.locator(".task").first.bounding_box()
    assert place is not None
    assert place["height"] <= 64
    looked_through(page)
