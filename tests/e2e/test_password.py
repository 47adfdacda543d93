"""One's own password: asked for before it is changed."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.cast import PASSWORD
from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through
from tests.moment import context_of

NEW = "sandi-yang-baru"


def test_what_is_typed_can_be_looked_at(chromium: Browser, live: Live) -> None:
    live.cast.user("cs")
    page = context_of(chromium, locale="id-ID", viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{live.url}/login/")
    password, show = page.locator("#password"), page.get_by_label("Tampilkan yang diketik")
    password.fill(PASSWORD)
    show.check()
    expect(password).to_have_attribute("type", "text")
    looked_through(page)
    show.uncheck()
    expect(password).to_have_attribute("type", "password")
    page.get_by_label("Nama pengguna").fill("cs")
    show.check()
    page.evaluate("document.forms.login.addEventListener('submit', (event) => event.preventDefault())")
    page.get_by_role("button", name="Masuk").click()
    expect(password).to_have_attribute("type", "password")
    page.context.close()


def test_who_knows_the_password_changes_it(browser_page: Callable[..., Page], live: Live) -> None:
    page = browser_page("cs")
    page.get_by_role("button", name="Akun Anda").click()
    page.get_by_role("link", name="Ganti kata sandi").click()
    current, new, again = (page.get_by_label(re.compile(rf"^{label}")) for label in
                           ("Kata sandi sekarang", "Kata sandi baru", "Ulangi kata sandi"))  # fmt: skip
    current.fill("bukan-sandinya")
    new.fill(NEW)
    again.fill(NEW)
    page.get_by_role("button", name="Simpan").click()
    expect(page.locator("#current_password-error")).to_have_text("Ini bukan kata sandi Anda sekarang.")
    expect(current).to_have_attribute("aria-invalid", "true")
    expect(current).to_have_attribute("autocomplete", "current-password")
    assert current.input_value() == "", "no password is sent back"
    current.fill(PASSWORD)
    new.fill(NEW)
    again.fill(NEW)
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("status")).to_contain_text("Kata sandi Anda sudah diganti.")
    page.get_by_role("button", name="Akun Anda").click()
    page.get_by_role("button", name="Keluar", exact=True).click()
    for password, place in ((PASSWORD, f"{live.url}/login/"), (NEW, f"{live.url}/")):
        page.fill("input[name=username]", "cs")
        page.fill("input[name=password]", password)
        page.click("form [type=submit]")
        page.wait_for_load_state()
        assert page.url.split("?")[0] == place
