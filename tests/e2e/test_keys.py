"""A case from the list to its step and back, a page, a case and a step by name: all without a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through
from tests.e2e.workload import workload


def test_from_the_list_to_a_step_and_back(live: Live, browser_page: Callable[..., Page]) -> None:
    workload(live, 6)
    page = browser_page("cso", "CSO")

    # Lists: the second key opens a choice, and the list that was opened last is chosen already.
    page.keyboard.press("g")
    page.keyboard.press("k")
    expect(page.get_by_role("option", selected=True)).to_be_visible()
    looked_through(page)
    page.keyboard.type("keluh")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live.url}/keluhan/")

    # Rows: the current one has the focus and can be seen; Enter opens it.
    for key in "jjk":
        page.keyboard.press(key)
    rows = page.locator("main [data-row]")
    first = rows.nth(0).locator("a").first
    expect(first).to_be_focused()
    assert rows.nth(0).evaluate("row => getComputedStyle(row).backgroundColor") != rows.nth(1).evaluate(
        "row => getComputedStyle(row).backgroundColor"
    )
    box = rows.nth(0).get_by_role("checkbox")
    page.keyboard.press("x")
    expect(box).to_be_checked()
    page.keyboard.press("x")
    expect(box).not_to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/keluhan/\d+"))
    case = page.url.partition("?")[0]

    # A repeat call, sent from within its text.
    page.keyboard.press("r")
    page.wait_for_url(re.compile(f"{case}/do/add_repeat_contact"))
    page.select_option("[name=contact_channel]", "cc_123")
    page.locator("[name=said]").focus()
    page.keyboard.type("jck/? masih padam")
    expect(page.locator("[name=said]")).to_have_value("jck/? masih padam")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("jck/? masih padam")

    # Back to my tasks; what is typed into the search is no command.
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url(f"{live.url}/tasks/")
    page.keyboard.press("/")
    page.keyboard.type("Warga cjk")
    expect(page.locator("#topbar-q")).to_have_value("Warga cjk")
    page.keyboard.press("Control+a")
    page.keyboard.type("Warga")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/search"))
    page.keyboard.press("j")
    expect(rows.nth(0).locator("a").first).to_be_focused()

    # What has the focus is seen in a menu as well.
    page.get_by_role("button", name="Akun Anda:").press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert page.evaluate("document.activeElement.closest('.dropdown-menu') !== null")
    page.keyboard.press("Escape")

    # The help names the keys, and switches them off.
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_role("checkbox").check()
    looked_through(page)
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Akun Anda:").press("Enter")
    page.get_by_role("link", name="Tombol pintas").press("Enter")
    page.get_by_role("dialog").get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("c")
    expect(page.get_by_role("dialog").get_by_role("option")).to_have_count(2)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(keluhan|gangguan)/new$"))


def test_the_palette_finds_a_page_a_case_and_a_step(live: Live, browser_page: Callable[..., Page]) -> None:
    workload(live, 3)
    page = browser_page("cso", "CSO")
    page.keyboard.press("Control+k")
    # However quickly: the last answer wins, and Enter waits for it.
    page.keyboard.type("Warga 001", delay=0)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/gangguan/\d+$"))
    case = page.url
    page.keyboard.press("Control+k")
    step = page.get_by_role("group", name="Pada kasus ini").get_by_role("option").first
    expect(step).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("combobox")).to_have_attribute("aria-activedescendant", step.get_attribute("id") or "")
    looked_through(page)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(case) + "/do/"))
    page.keyboard.press("Control+k")
    page.keyboard.type("tugas")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live.url}/tasks/")
    page.keyboard.press("Control+k")
    page.keyboard.type("tidak ada yang begini")
    expect(page.get_by_role("listbox")).to_contain_text("tidak ada yang begini")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
