"""Ticks by which somebody answers for what they did: required afresh each time, never ticked for them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.api.stories.test_hard_complaint import Story
from tests.e2e.conftest import Live
from tests.e2e.gestures import fill, press, send, state_is


def test_a_recording_is_listened_to_before_each_validation(live: Live, browser_page: Callable[..., Page]) -> None:
    case = f"{live.url}{Story(live.cast).analysed().path}"
    spv, manager = browser_page("spv"), browser_page("manager_operasional")
    spv.goto(case)
    press(spv, "Validasi")
    spv.check("[name=listened]")
    send(spv)
    state_is(spv, "Persetujuan Manager")

    manager.goto(case)
    press(manager, "Kembalikan ke SPV")
    fill(manager, note="Menit 00:45 belum jelas")
    send(manager)
    spv.goto(case)
    press(spv, "Validasi")
    expect(spv.locator("[name=listened]")).not_to_be_checked()
    send(spv)
    expect(spv.get_by_role("alert").first).to_contain_text("Rekaman sudah didengarkan")
    expect(spv.locator("[name=listened]")).not_to_be_checked()
    spv.check("[name=listened]")
    send(spv)
    state_is(spv, "Persetujuan Manager")
