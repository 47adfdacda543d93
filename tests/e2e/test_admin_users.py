"""An admin keeps users in the browser, where the browser itself checks a form before anything is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from app.extensions import db
from app.models import Unit
from app.services.core.access import user_named
from tests.cast import PASSWORD
from tests.e2e.conftest import Live
from tests.e2e.gestures import answer, choose_from_menu, entry_of, looked_through, save

WIDTHS = pytest.mark.parametrize("width", [1280, 390])


def unit(live: Live) -> None:
    with live.app.app_context():
        db.session.add(Unit(code="BDG", name="Bandung", active=True))
        db.session.commit()


def new_user(admin: Page, first: str, last: str = "") -> None:
    """Fills the form of a new user, named as the first name in small letters; CS and Unit in Bandung."""
    name = first.lower()
    admin.get_by_role("link", name="Pengguna baru").click()
    answer(admin, {
        "Nama depan": first, "Nama belakang": last, "Nama pengguna": name, "Email": f"{name}@example.test",
        "Unit": "Bandung", "CS": True,
    })  # fmt: skip
    admin.get_by_role("checkbox", name="Unit", exact=True).check()


def saved_with_password(admin: Page) -> str:
    """Saves a new user, back to the list; the one-time password that is shown between."""
    admin.locator("main").get_by_role("button", name="Simpan").click()
    password = admin.locator("#one-time").inner_text()
    looked_through(admin)
    choose_from_menu(admin, "Pengaturan", "Daftar pengguna")
    return password


def its_own(live: Live, name: str) -> None:
    """As if this person had chosen the password of all tests at their first sign-in."""
    with live.app.app_context():
        user = user_named(name)
        user.password, user.one_time_until = live.app.appbuilder.sm.hashed(PASSWORD), None
        db.session.commit()


def signed_in(live: Live, chromium: Browser, name: str, password: str = PASSWORD) -> bool:
    """Whether this person gets in, in a browser of their own."""
    context = chromium.new_context(locale="id-ID")
    page = context.new_page()
    page.goto(f"{live.url}/login/")
    page.get_by_label("Nama pengguna").fill(name)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_load_state()
    inside = page.get_by_role("navigation", name="Menu utama").count() > 0
    context.close()
    return inside


@WIDTHS
def test_a_user_from_the_first_day_to_the_last(
    live: Live, browser_page: Callable[..., Page], chromium: Browser, width: int
) -> None:
    unit(live)
    admin = browser_page("admin", width=width)
    choose_from_menu(admin, "Pengaturan", "Daftar pengguna")
    new_user(admin, "Rina", "Wati")
    looked_through(admin)
    password = saved_with_password(admin)
    expect(entry_of(admin, "rina")).to_contain_text("Rina Wati")
    expect(entry_of(admin, "rina")).to_contain_text("CS, Unit")
    assert signed_in(live, chromium, "rina", password)

    entry_of(admin, "rina").get_by_role("link", name="Ubah").click()
    looked_through(admin)
    answer(admin, {"Nama depan": "Karina"})
    admin.get_by_role("checkbox", name="Unit", exact=True).uncheck()
    save(admin)
    expect(entry_of(admin, "rina")).to_contain_text("Karina Wati")
    expect(entry_of(admin, "rina")).not_to_contain_text("CS, Unit")

    entry_of(admin, "rina").get_by_role("link", name="Ubah").click()
    answer(admin, {"Aktif": False})
    save(admin)
    expect(entry_of(admin, "rina").locator(".badge-state")).to_have_text("Tidak")
    assert not signed_in(live, chromium, "rina", password)


def test_one_name_is_a_whole_name(live: Live, browser_page: Callable[..., Page]) -> None:
    """Many Indonesians have one."""
    unit(live)
    admin = browser_page("admin")
    choose_from_menu(admin, "Pengaturan", "Daftar pengguna")
    new_user(admin, "Suharni")
    saved_with_password(admin)
    its_own(live, "suharni")
    expect(entry_of(admin, "suharni").get_by_text("Suharni", exact=True)).to_be_visible()
    suharni = browser_page("suharni")
    expect(suharni.get_by_role("button", name="Akun Anda: Suharni")).to_be_visible()
    suharni.goto(f"{live.url}/users/userinfo/")
    expect(suharni.locator("main dd").get_by_text("Suharni", exact=True)).to_be_visible()


@WIDTHS
def test_passwords(live: Live, browser_page: Callable[..., Page], chromium: Browser, width: int) -> None:
    live.cast.user("cs")
    admin = browser_page("admin", width=width)
    choose_from_menu(admin, "Pengaturan", "Daftar pengguna")
    entry_of(admin, "cs").get_by_role("link", name="cs", exact=True).click()
    looked_through(admin)
    admin.get_by_role("link", name="Kata sandi sekali pakai").click()
    admin.get_by_role("button", name="Buat kata sandi sekali pakai").click()
    made = admin.locator("#one-time").inner_text()
    assert not signed_in(live, chromium, "cs")
    assert signed_in(live, chromium, "cs", made)

    admin.goto(f"{live.url}/users/userinfo/")
    admin.get_by_role("link", name="Ganti kata sandi").last.click()
    new = "sandi-admin-baru"
    answer(admin, {"Kata sandi sekarang": PASSWORD, "Kata sandi baru": new, "Ulangi kata sandi": new})
    save(admin)
    assert signed_in(live, chromium, "admin", new)
