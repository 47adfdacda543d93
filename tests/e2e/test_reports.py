"""A supervisor takes several reports from one page; has one made in the background, watches it, and takes the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from app.services.cases import transitions
from tests.e2e.conftest import Live
from tests.e2e.gestures import spotless
from tests.services.deadlines.test_clocks import MAIL


def test_a_report_from_the_form_to_the_file(live: Live, browser_page: Callable[..., Page]) -> None:
    actor = live.cast.actor("cs")
    with live.app.test_request_context():
        number = str(transitions.create(actor, "pengaduan", MAIL).number)
    page = browser_page("supervisor", width=390)
    page.goto(f"{live.url}/reports/")
    page.locator(".report-bar summary").click()
    page.locator("[name=background]").check()
    page.locator("#cases-pengaduan button[value=csv]").click()
    page.wait_for_url(f"{live.url}/reports/downloads/**")
    row = page.locator("tbody tr").first
    expect(row.locator("progress")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    queue = live.app.extensions["tuntas_queue"]
    consumer = queue.create_consumer(workers=1, periodic=False, check_worker_health=False, initial_delay=0.02)
    consumer.start()
    try:
        link = page.locator("tbody tr").first.locator("a[href]")
        expect(link).to_be_visible()
    finally:
        consumer.stop(graceful=True)
    with page.expect_download() as download:
        link.click()
    content = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert number in content
    page.goto(f"{live.url}/exports/log")
    expect(page.locator("tbody tr").first).to_contain_text("Supervisor Uji")


def test_several_reports_are_taken_from_one_page(live: Live, browser_page: Callable[..., Page]) -> None:
    for width in (1280, 390):
        page = browser_page("supervisor", width=width)
        page.goto(f"{live.url}/reports/")
        spotless(page)
        page.get_by_label("SOP").select_option(label="Keluhan")
        page.get_by_label("Dari").fill("01/11/2026")
        page.get_by_role("button", name="Lihat").click()
        page.wait_for_url("**/reports/?*sop=keluhan*")
        expect(page.locator("#cases-keluhan")).to_be_visible()
        expect(page.locator("#cases-somasi")).to_have_count(0)
        expect(page.get_by_label("Dari")).to_have_value("01/11/2026")
        loads: list[str] = []
        page.on("load", lambda loaded, seen=loads: seen.append(loaded.url))
        for key in ("cases-keluhan", "events-keluhan", "deadlines"):
            with page.expect_download() as download:
                page.locator(f"#{key} button[value=xlsx]").click()
            assert download.value.suggested_filename.startswith(key)
            expect(page.locator("form[data-downloads]:not([data-sent])")).to_be_visible()
        assert loads == []
