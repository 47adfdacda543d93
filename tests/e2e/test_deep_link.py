"""Who opens a link into the panel while signed out signs in and gets there."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.cast import PASSWORD
from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through
from tests.moment import context_of


def test_a_link_leads_through_the_form_to_its_page(live: Live, chromium: Browser) -> None:
    live.cast.user("legal")
    context = context_of(chromium, viewport={"width": 390, "height": 844}, locale="id-ID")
    page = context.new_page()
    wanted = f"{live.url}/search?q=paket+hilang&from=2026-01-01"
    page.goto(wanted)
    expect(page.get_by_role("status")).to_have_text("Silakan masuk; setelah itu halaman yang Anda tuju terbuka.")
    expect(page.locator("main")).not_to_contain_text("ditolak")
    looked_through(page)
    page.fill("input[name=username]", "legal")
    page.fill("input[name=password]", "salah")
    page.click("form [type=submit]")
    expect(page.get_by_role("alert")).to_be_visible()
    page.fill("input[name=username]", "legal")
    page.fill("input[name=password]", PASSWORD)
    page.click("form [type=submit]")
    page.wait_for_url(wanted)
    expect(page.locator("main")).not_to_contain_text("Akses ditolak")
    context.close()
