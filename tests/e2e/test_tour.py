"""The tour of the first visit: offered once, walked through with the keyboard, there again whenever it is asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through


@pytest.mark.parametrize("width", [1280, 390])
def test_somebody_new_is_shown_around(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    page = browser_page("cs", "CS", width=width)
    invitation = page.get_by_role("complementary", name="Tur singkat")
    expect(invitation).to_be_visible()
    page.get_by_role("button", name="Tunjukkan").press("Enter")
    card = page.get_by_role("dialog", name="Tur singkat")
    expect(card.get_by_role("heading", name="Tugas Anda")).to_be_visible()
    looked_through(page)
    for heading in ("Kasus baru dimulai di sini", "Menemukan kasus", "Kabar", "Semua milik Anda"):
        page.keyboard.press("ArrowRight")
        expect(card.get_by_role("heading", name=heading)).to_be_visible()
        box = card.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    page.reload()
    expect(invitation).to_be_hidden()
    page.goto(f"{live.url}/?tour=1")
    expect(card).to_be_visible()
