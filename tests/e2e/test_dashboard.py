"""A supervisor's look at the dashboards: charts are drawn, everybody can read them, on a phone as well."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.gestures import examined
from tests.services.running import Months


def blank(page: Page) -> int:
    """How many of the canvases have nothing on them."""
    drawn = """all => all.filter(one => {
        const data = one.getContext("2d").getImageData(0, 0, one.width, one.height).data;
        return !data.some(value => value !== 0);
    }).length"""
    return int(page.locator("canvas").evaluate_all(drawn))


def test_charts_tables_and_the_way_to_the_cases(live: Live, browser_page: Callable[..., Page]) -> None:
    with live.app.app_context():
        Months(live.app).pass_by()
    for width in (1280, 390):
        page = browser_page("supervisor", width=width)
        for path in ("/dashboard/", "/dashboard/pengaduan", "/dashboard/hard_complaint"):
            page.goto(live.url + path)
            canvases = page.locator("canvas")
            expect(page.locator("canvas[data-drawn]")).to_have_count(canvases.count())
            assert canvases.count() >= 4
            assert blank(page) == 0
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            found = examined(page)["violations"]
            assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    page.goto(f"{live.url}/dashboard/pengaduan")
    late = page.locator(".tile-late a")
    number = late.locator(".num-large").inner_text()
    late.click()
    expect(page.locator(".list-foot")).to_contain_text(f"{number} kasus")
