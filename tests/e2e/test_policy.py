"""No page asks a browser for what its policy forbids: each page, opened by who may most and by who works most."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from app.demo import whole
from tests.e2e.conftest import Live
from tests.hostility.crawl import Site

#: What is no page: a download, or an answer for a program.
NO_PAGE = ("/csv", ".csv", ".xlsx", ".pdf", ".toml", ".ics", ".eml", ".json", "/metrics", "/health", "/ready", "/file")


@pytest.fixture
def live_site(live: Live) -> Site:
    with live.app.app_context():
        whole.fill(0, 2026, lambda told: None)
    return Site(live.app)


@pytest.mark.parametrize("name", ["admin", "cs"])
def test_no_page_breaks_its_policy(live_site: Site, browser_page: Callable[..., Page], name: str, live: Live) -> None:
    page, opened = browser_page(name), 0
    for address in live_site.addresses(seed=name):
        if address.startswith(("/api/", "/static/", "/logout", "/lang")) or address.endswith(NO_PAGE):
            continue
        if "/documents/" in address or "/reports/downloads/" in address:
            continue
        if (answer := page.goto(f"{live.url}{address}")) and answer.status == 200:
            opened += 1
            # What a script draws, it draws by the next picture.
            page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 50)))")
    assert opened > (80 if name == "admin" else 30)


TRIED = """
<style>p { color: rgb(1, 2, 3) }</style><p id="tried" style="color: rgb(1, 2, 3)">…</p>
<script>document.title = "ran"</script>
"""


def test_a_style_that_gets_into_a_page_changes_nothing(browser_page: Callable[..., Page]) -> None:
    """The policy itself, tried by what somebody would try."""
    page = browser_page("cs")
    policy = page.request.get(page.url).headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    tried = page.context.browser.new_context().new_page()  # whose violations are meant
    tried.route("**/tried", lambda route: route.fulfill(
        content_type="text/html", headers={"Content-Security-Policy": policy},
        body=TRIED,
    ))  # fmt: skip
    tried.goto(page.url + "tried")
    assert tried.evaluate("getComputedStyle(document.getElementById('tried')).color") != "rgb(1, 2, 3)"
    assert tried.title() == ""
    tried.context.close()
