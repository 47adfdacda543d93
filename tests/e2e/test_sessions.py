"""One's sessions and API keys in the browser: another one is ended, a key is made and revoked, signing out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD
from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through

WIDTHS = pytest.mark.parametrize("width", [1280, 390])


def choose(page: Page, name: str, role: str = "link") -> None:
    """Something in the account's menu, which a phone unfolds first."""
    if page.viewport_size and page.viewport_size["width"] < 768:
        page.wait_for_load_state("load")
        page.locator(".burger").click()
    page.get_by_role("button", name="Akun Anda:").click()
    page.locator(".account").get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]


@WIDTHS
def test_another_session_is_found_and_ended(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    there, here = browser_page("cs"), browser_page("cs", width=width)
    choose(here, "Sesi saya")
    rows = here.locator("main tbody tr")
    expect(rows).to_have_count(2)
    expect(here.locator("main")).to_contain_text("sesi ini")
    looked_through(here)
    rows.filter(has=here.get_by_role("button")).get_by_role("button").click()
    expect(rows).to_have_count(1)
    there.goto(f"{live.url}/tasks/")
    expect(there.locator("input[name=username]")).to_be_visible()


@WIDTHS
def test_all_others_are_ended(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    others = [browser_page("cs"), browser_page("cs")]
    here = browser_page("cs", width=width)
    here.goto(f"{live.url}/sessions/")
    here.on("dialog", lambda dialog: dialog.accept())
    here.get_by_role("button", name="Akhiri semua sesi lain").click()
    expect(here.locator("main tbody tr")).to_have_count(1)
    for other in others:
        other.goto(f"{live.url}/tasks/")
        expect(other.locator("input[name=username]")).to_be_visible()


@WIDTHS
def test_a_key_is_made_used_and_revoked(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    page = browser_page("legal", width=width)
    page.goto(f"{live.url}/keys/")
    looked_through(page)
    page.get_by_label(re.compile("^Nama")).fill("Arsip kantor")
    page.get_by_label("hanya membaca").check()
    # Nothing ticked: refused in words, and what was typed stays.
    page.get_by_role("button", name="Buat kunci").click()
    expect(page.locator("#sops-error")).to_be_visible()
    expect(page.get_by_label(re.compile("^Nama"))).to_have_value("Arsip kantor")
    looked_through(page)
    page.locator("input[name=sops][value=somasi]").check()
    page.get_by_role("button", name="Buat kunci").click()
    secret = page.get_by_label("Kunci", exact=True).input_value()
    looked_through(page)

    def asked(path: str) -> int:
        answer = live.app.test_client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {secret}"})
        return answer.status_code

    assert (asked("somasi/"), asked("customers/")) == (200, 403)
    page.goto(f"{live.url}/keys/")
    expect(page.locator("main")).not_to_contain_text(secret)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cabut Arsip kantor").click()
    expect(page.locator("main tbody")).to_contain_text("dicabut")
    assert asked("somasi/") == 401


@WIDTHS
def test_an_admin_sees_all_keys_and_the_sessions_of_a_user(
    live: Live, browser_page: Callable[..., Page], width: int
) -> None:
    live.cast.api("legal").post("/security/api_keys/", {"name": "Arsip kantor"})
    user, admin = browser_page("cs"), browser_page("admin", width=width)
    admin.goto(f"{live.url}/keys/all/")
    expect(admin.locator("main tbody")).to_contain_text("Arsip kantor")
    looked_through(admin)
    admin.goto(f"{live.url}/users/list/")
    admin.get_by_role("link", name="cs", exact=True).first.click()
    looked_through(admin)
    admin.on("dialog", lambda dialog: dialog.accept())
    admin.get_by_role("button", name="Akhiri semua sesi").click()
    expect(admin.locator("main")).to_contain_text("tidak sedang masuk di mana pun")
    user.goto(f"{live.url}/tasks/")
    expect(user.locator("input[name=username]")).to_be_visible()


@WIDTHS
def test_signing_out_here_or_everywhere(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    first, second, third = browser_page("cs"), browser_page("cs", width=width), browser_page("cs", width=width)
    choose(second, "Keluar", "button")
    expect(second.locator("input[name=username]")).to_be_visible()
    first.goto(f"{live.url}/tasks/")
    expect(first.locator("h1")).to_be_visible()
    assert first.url == f"{live.url}/tasks/"
    # By an old bookmark: nobody is signed out by following it.
    third.goto(f"{live.url}/logout/")
    looked_through(third)
    third.locator("main").get_by_role("button", name="Keluar di semua perangkat").click()
    expect(third.locator("input[name=username]")).to_be_visible()
    first.goto(f"{live.url}/tasks/")
    expect(first.locator("input[name=username]")).to_be_visible()


def test_a_page_that_has_grown_old_still_signs_out(live: Live, browser_page: Callable[..., Page]) -> None:
    """Another tab has signed out and in since: what this one sends is not of this session, but nobody stays in."""
    page = browser_page("cs")
    other = page.context.new_page()
    page.goto(f"{live.url}/logout/")
    other.goto(f"{live.url}/logout/")
    other.locator("main").get_by_role("button", name="Keluar", exact=True).click()
    other.fill("input[name=username]", "cs")
    other.fill("input[name=password]", PASSWORD)
    other.click("form.card [type=submit]")
    other.wait_for_url(f"{live.url}/")
    page.locator("main").get_by_role("button", name="Keluar di semua perangkat").click()
    expect(page.locator("main")).to_contain_text("Anda sudah keluar di peramban ini")
    looked_through(page)
    page.goto(f"{live.url}/tasks/")
    expect(page.locator("input[name=username]")).to_be_visible()
