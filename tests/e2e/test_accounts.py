"""Accounts as people meet them in the browser: the password once more, a one-time password, the brake, roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import update

from app.extensions import db
from app.models import SignInBrake
from app.services.accounts import brake
from app.services.core import clock
from app.services.core.access import user_named
from app.web import recent
from tests.cast import PASSWORD
from tests.e2e.conftest import Live
from tests.e2e.gestures import answer, choose_from_menu, entry_of, looked_through, save
from tests.moment import context_of

WIDTHS = pytest.mark.parametrize("width", [1280, 390])
OWN = "kuda-nil-terbang-rendah"


@pytest.fixture
def stranger(chromium: Browser, live: Live) -> Iterator[Callable[..., Page]]:
    """A browser in which nobody has signed in yet, at the form."""
    opened: list[BrowserContext] = []

    def open_form(width: int = 1280) -> Page:
        opened.append(context_of(chromium, viewport={"width": width, "height": 900}, locale="id-ID"))
        page = opened[-1].new_page()
        page.goto(f"{live.url}/login/")
        return page

    yield open_form
    for context in opened:
        context.close()


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Nama pengguna").fill(name)
    page.get_by_label("Kata sandi").fill(password)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_load_state()


def open_user(page: Page, live: Live, name: str) -> None:
    with live.app.app_context():
        page.goto(f"{live.url}/users/show/{user_named(name).id}")


def held_up_for_longer(live: Live) -> None:
    """As after some more wrong passwords, for each of which one would have to wait twice as long."""
    with live.app.app_context():
        db.session.execute(
            update(SignInBrake).where(SignInBrake.account != "").values(closed_until=clock.now() + brake.LONGEST)
        )
        db.session.commit()


@WIDTHS
def test_the_password_once_more(
    live: Live, browser_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    live.cast.user("cs")
    admin = browser_page("admin", width=width)
    choose_from_menu(admin, "Pengaturan", "Daftar pengguna")
    entry_of(admin, "cs").get_by_role("link", name="Ubah").click()
    answer(admin, {"Nama depan": "Citra"})
    monkeypatch.setattr(recent, "RECENT", -recent.RECENT)
    admin.locator("main").get_by_role("button", name="Simpan").click()
    expect(admin.get_by_role("heading", name="Pastikan bahwa ini Anda")).to_be_visible()
    looked_through(admin)
    admin.get_by_label("Kata sandi admin").fill("bukan-ini")
    admin.get_by_role("button", name="Konfirmasi").click()
    expect(admin.locator("#confirm_password-error")).to_have_text("Ini bukan kata sandi Anda.")
    monkeypatch.undo()
    admin.get_by_label("Kata sandi admin").fill(PASSWORD)
    admin.get_by_role("button", name="Konfirmasi").click()
    expect(entry_of(admin, "cs")).to_contain_text("Citra Uji")


@WIDTHS
def test_a_one_time_password_from_hand_to_hand(
    live: Live, browser_page: Callable[..., Page], stranger: Callable[..., Page], width: int
) -> None:
    live.cast.user("cs")
    admin = browser_page("admin", width=width)
    open_user(admin, live, "cs")
    looked_through(admin)
    admin.get_by_role("link", name="Kata sandi sekali pakai").click()
    looked_through(admin)
    admin.get_by_role("button", name="Buat kata sandi sekali pakai").click()
    shown = admin.locator("#one-time")
    expect(shown).to_have_text(re.compile(r"^(\w{4}-){3}\w{4}$"))
    looked_through(admin)
    made = shown.inner_text()

    cs = stranger(width)
    sign_in(cs, "cs", made)
    expect(cs.get_by_role("status")).to_contain_text("Buat dahulu kata sandi Anda sendiri")
    cs.goto(f"{live.url}/somasi/")
    expect(cs.get_by_role("heading", name="Ganti kata sandi")).to_be_visible()
    looked_through(cs)
    answer(cs, {"Kata sandi sekarang": made, "Kata sandi baru": "rahasia123", "Ulangi kata sandi": "rahasia123"})
    cs.locator("main").get_by_role("button", name="Simpan").click()
    expect(cs.locator("#password-error")).to_contain_text("ada di daftar kata sandi yang umum")
    answer(cs, {"Kata sandi sekarang": made, "Kata sandi baru": OWN, "Ulangi kata sandi": OWN})
    save(cs)
    cs.goto(f"{live.url}/notices/")
    expect(cs.locator("main")).to_contain_text("Admin Uji mengganti kata sandi Anda dengan kata sandi sekali pakai")


@WIDTHS
def test_held_up_and_let_in_again(
    live: Live, browser_page: Callable[..., Page], stranger: Callable[..., Page], width: int
) -> None:
    live.cast.user("cs")
    admin = browser_page("admin", width=width)
    live.app.config["RATELIMIT_ENABLED"] = True
    page = stranger(width)
    held_up = page.get_by_text(re.compile(r"Silakan coba lagi dalam \d+ (detik|menit)"))
    for _n in range(12):
        sign_in(page, "cs", "salah")
        if held_up.count():
            break
    expect(held_up).to_be_visible()
    looked_through(page)

    held_up_for_longer(live)
    open_user(admin, live, "cs")
    expect(admin.locator("main")).to_contain_text("ditahan sampai")
    looked_through(admin)
    admin.get_by_role("button", name="Buka kembali").click()
    expect(admin.get_by_role("status")).to_contain_text("dapat langsung mencoba masuk lagi")
    page.goto(f"{live.url}/login/")
    sign_in(page, "cs", PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("upaya masuk ditolak; waktu dan asalnya ada di profil Anda")
    page.goto(f"{live.url}/users/userinfo/")
    looked_through(page)
    signed = page.get_by_role("region", name="Masuk terakhir")
    expect(signed.locator("tbody tr").first).to_contain_text("127.0.0.1")
    expect(signed.locator("tbody tr").nth(1)).to_contain_text("Ditolak")


@WIDTHS
def test_roles_wait_for_a_second_admin(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    live.app.config["ROLE_GRANTS_FOUR_EYES"] = True
    live.cast.user("cs")
    admin, second = browser_page("admin", width=width), browser_page("second", "admin", width=width)
    choose_from_menu(admin, "Pengaturan", "Daftar pengguna")
    entry_of(admin, "cs").get_by_role("link", name="Ubah").click()
    admin.get_by_role("checkbox", name="Legal", exact=True).check()
    save(admin)
    expect(admin.locator("main")).to_contain_text("menunggu sampai admin lain mengesahkannya")
    admin.goto(f"{live.url}/grants/")
    expect(admin.get_by_role("button", name=re.compile("^Konfirmasi"))).to_have_count(0)
    expect(admin.get_by_role("button", name=re.compile("^Tarik kembali"))).to_be_visible()

    second.goto(f"{live.url}/notices/")
    second.get_by_role("button", name=re.compile("Admin Uji mengusulkan peran untuk")).click()
    looked_through(second)
    second.get_by_role("button", name=re.compile("^Konfirmasi")).click()
    expect(second.get_by_role("status")).to_contain_text("Cs Uji sekarang memiliki peran ini")
    looked_through(second)
    open_user(second, live, "cs")
    expect(second.locator("main dl")).to_contain_text("CS, Legal")
