"""The audit log in a browser: an auditor's first page, filtered, unfolded, taken along."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.gestures import answer, choose_from_menu, looked_through, save


@pytest.mark.parametrize("width", [1280, 390])
def test_an_auditor_finds_who_changed_what(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    live.cast.user("auditor")
    admin = browser_page("admin")
    choose_from_menu(admin, "Pengaturan", "Unit")
    admin.get_by_role("link", name="Unit baru").click()
    answer(admin, {"Kode": "JKT-01", "Nama": "Jakarta"})
    save(admin)
    admin.get_by_role("link", name="Ubah").click()
    answer(admin, {"Nama": "Jakarta Pusat"})
    save(admin)

    auditor = browser_page("auditor", width=width)
    expect(auditor.get_by_role("heading", name="Jejak audit")).to_be_visible()
    looked_through(auditor)
    auditor.get_by_label("Apa yang dilakukan").select_option("Data diubah")
    auditor.get_by_label("Nama atau nomornya").fill("jakarta pusat")
    auditor.get_by_role("button", name="Lihat").click()
    changed = auditor.locator("tbody tr")
    expect(changed).to_have_count(1)
    expect(changed).to_contain_text("Admin Uji (admin)")
    changed.locator("summary").click()
    expect(changed.locator("dl")).to_contain_text("Jakarta → Jakarta Pusat")
    looked_through(auditor)

    auditor.get_by_text("Unduh", exact=True).click()
    with auditor.expect_download() as taken:
        auditor.get_by_role("link", name="Unduh CSV").click()
    assert "Jakarta → Jakarta Pusat" in taken.value.path().read_text(encoding="utf-8-sig")
    if width > 1000:
        auditor.get_by_role("button", name="Pengaturan").click()
        expect(auditor.get_by_role("link", name="Jejak audit")).to_be_visible()
        expect(auditor.get_by_role("link", name="Unit", exact=True)).to_have_count(0)
