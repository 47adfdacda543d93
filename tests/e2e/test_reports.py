"""A supervisor has a report made in the background, watches it, and takes the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from app.services.cases import transitions
from tests.e2e.conftest import Live
from tests.services.deadlines.test_clocks import MAIL


def test_a_report_from_the_form_to_the_file(live: Live, browser_page: Callable[..., Page]) -> None:
    actor = live.cast.actor("cs")
    with live.app.test_request_context():
        number = str(transitions.create(actor, "pengaduan", MAIL).number)
    page = browser_page("supervisor", width=390)
    page.goto(f"{live.url}/reports/")
    report = page.locator("#cases-pengaduan")
    report.locator("summary").click()
    report.locator("[name=background]").check()
    report.locator("button[type=submit]").click()
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
