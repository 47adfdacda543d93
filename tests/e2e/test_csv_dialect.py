"""Somebody chooses on a list how their CSV files are written, and takes one on a dashboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.services.cases import transitions
from tests.e2e.conftest import Live
from tests.services.deadlines.test_clocks import MAIL


def taken(page: Page, name: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).first.click()
    return Path(download.value.path()).read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_choice_to_the_file(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    actor = live.cast.actor("cs")
    with live.app.test_request_context():
        number = str(transitions.create(actor, "pengaduan", MAIL).number)
    page = browser_page("supervisor", width=width)
    page.goto(f"{live.url}/pengaduan/?state=received")
    page.locator("summary", has_text="Unduh").click()
    assert f"{number};" in taken(page, "Unduh CSV"), "an Indonesian reader's own"
    page.locator(".csv-dialect summary").click()
    page.get_by_label("CSV untuk").select_option("international")
    page.get_by_role("button", name="Simpan (CSV untuk)").click()
    expect(page.locator(".alert-success")).to_contain_text("Mulai sekarang")
    assert page.url.endswith("/pengaduan/?state=received")
    page.locator("summary", has_text="Unduh").click()
    assert f"{number}," in taken(page, "Unduh CSV")
    for path in ("/pengaduan/", "/dashboard/pengaduan", "/users/userinfo/", "/reports/", "/retention/", "/ojk/"):
        page.goto(f"{live.url}{path}")
        expect(page.locator("select[name=dialect]").first).to_have_value("international")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
