"""Who is late in which unit: a supervisor reads it on their first page, and a number opens the list of just these."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.gestures import choose_from_menu, spotless
from tests.services.behind import Behind

#: The cases to which a page leads.
CASES = """() => new Set([...document.querySelectorAll("main a[href]")].map(a => a.pathname)
    .filter(path => /^[/][a-z_]+[/][0-9]+$/.test(path))).size"""


def words(page: Page, figure: str) -> list[list[str]]:
    rows = page.locator(f"#{figure} tbody tr")
    return [[cell.strip() for cell in row.locator("td").all_inner_texts()] for row in rows.all()]


def test_who_is_late_in_which_unit(live: Live, browser_page: Callable[..., Page]) -> None:
    with live.app.app_context():
        Behind(live.app).pass_by()
    for width in (1280, 390):
        page = browser_page("supervisor", width=width)
        box = page.locator("#late table").bounding_box()
        assert box
        assert box["y"] + box["height"] <= 900, "at one look"
        assert words(page, "late") == [["ULP_MENTENG", "4", "1", "0"], ["ULP_DEPOK", "1", "0", "0"],
                                       ["Tanpa unit", "0", "0", "1"]]  # fmt: skip
        assert words(page, "held")[1][:5] == ["ULP_MENTENG", "Keluhan", "Dalam penanganan", "Unit_Menteng Uji", "1"]
        assert [row[0] for row in words(page, "worse")] == ["ULP_MENTENG", "ULP_MENTENG"]
        expect(page.locator(".figure-undated")).to_contain_text("Hard Complain")
        spotless(page)
        links = page.locator("#late td.num a, #held td.num a, #worse td.num a, #unheld td.num a").all()
        numbers = {str(link.get_attribute("href")): int(link.inner_text()) for link in links}
        assert len(numbers) >= 10
        for there, number in list(numbers.items())[:: 1 if width == 1280 else 4]:
            page.locator(f'main a[href="{there}"]').first.click()
            page.wait_for_url(f"{live.url}{there}")
            assert page.evaluate(CASES) == number, there
            page.goto(live.url)
    page.emulate_media(color_scheme="dark")
    spotless(page)


def test_the_menu_stands_in_one_line_and_unfolds(browser_page: Callable[..., Page]) -> None:
    for width in (1280, 390):
        page = browser_page("admin", width=width)
        if width == 1280:
            bar = page.locator(".topbar").bounding_box()
            assert bar
            assert bar["height"] <= 60, "nothing wraps"
        choose_from_menu(page, "Pengaturan", "Unit")
        expect(page.locator("h1")).to_have_text("Unit")
        if width == 390:
            page.locator(".burger").click()
        menu = page.get_by_role("navigation", name="Menu utama")
        menu.get_by_role("button", name="Pengaturan").click()
        expect(menu.get_by_role("list", name="Tenggat dan kalender").get_by_role("link")).to_have_count(3)
        spotless(page)
        page.keyboard.press("Escape")
        expect(menu.get_by_role("button", name="Pengaturan")).to_be_focused()
