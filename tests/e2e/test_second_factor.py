"""Signing in with a second factor, as people do it: an app, a passkey, a recovery code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.cast import PASSWORD
from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through
from tests.factors import Phone, logged, phone_of
from tests.moment import context_of

WIDTHS = (1280, 390)
#: An authenticator as phones and laptops have one built in.
BUILT_IN = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@dataclass
class Desk:
    """A browser with an authenticator, at an address with a name: browsers give none to numbers."""

    page: Page
    url: str
    device: CDPSession
    authenticator: str

    def give_password(self, name: str, wanted: str = "") -> None:
        self.page.goto(f"{self.url}/login/{wanted}")
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("form[name=login] [type=submit]")

    def sign_out(self) -> None:
        self.page.context.clear_cookies()

    def credentials(self) -> list[dict[str, Any]]:
        found = self.device.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return list(found["credentials"])


@pytest.fixture
def desk(live: Live, chromium: Browser) -> Iterator[Callable[..., Desk]]:
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def at(width: int = 1280, **more: Any) -> Desk:
        context = context_of(chromium, viewport={"width": width, "height": 900}, locale="id-ID")
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        device = context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        made = device.send("WebAuthn.addVirtualAuthenticator", {"options": BUILT_IN | more})
        return Desk(page, live.url.replace("127.0.0.1", "localhost"), device, made["authenticatorId"])

    yield at
    for context in opened:
        context.close()
    assert errors == []


def is_in(desk: Desk) -> None:
    expect(desk.page.locator(".topbar li.account")).to_be_attached()


def opened_security(desk: Desk) -> None:
    """By way of the profile, as everybody finds it."""
    desk.page.goto(f"{desk.url}/users/userinfo/")
    desk.page.get_by_role("link", name="Keamanan akun").click()
    expect(desk.page.get_by_role("heading", name="Keamanan akun", level=1)).to_be_visible()


def set_up_passkey(desk: Desk, name: str) -> None:
    opened_security(desk)
    desk.page.get_by_role("link", name="Pasang kunci sandi").click()
    looked_through(desk.page)
    desk.page.get_by_label("Nama").fill(name)
    desk.page.get_by_role("button", name="Pasang").click()


@pytest.mark.parametrize("width", WIDTHS)
def test_an_app_is_set_up_and_used(desk: Callable[..., Desk], live: Live, width: int) -> None:
    live.cast.user("cs")
    at = desk(width)
    page = at.page
    at.give_password("cs")
    is_in(at)
    opened_security(at)
    looked_through(page)
    page.get_by_role("link", name="Pasang aplikasi autentikator").click()
    drawing = page.get_by_role("img", name="Kode QR untuk aplikasi autentikator Anda")
    expect(drawing.locator("svg")).to_be_visible()
    page.get_by_text("Gambar tidak dapat dipindai").click()
    phone = Phone(page.locator(".secret-text").inner_text().replace(" ", ""))
    looked_through(page)
    code = page.get_by_label(re.compile("^Kode yang ditampilkan aplikasi"))
    code.fill(phone.wrong())
    page.get_by_role("button", name="Pasang").click()
    expect(page.locator("#code-error")).to_contain_text("Kode ini salah")
    expect(code).to_be_focused()
    looked_through(page)
    code.fill(phone.code())
    page.get_by_label("Nama").fill("Ponsel saya")
    page.get_by_role("button", name="Pasang").click()
    expect(page.locator("[data-codes] code")).to_have_count(10)
    looked_through(page)
    sheet = page.locator("[data-codes] code").all_inner_texts()
    page.get_by_role("link", name="Sudah saya simpan").click()
    expect(page.get_by_label("Nama untuk Ponsel saya")).to_have_value("Ponsel saya")
    expect(page.get_by_text("Tersisa 10 dari 10.")).to_be_visible()
    looked_through(page)

    at.sign_out()
    at.give_password("cs", "?next=/pengaduan/new")
    expect(page.get_by_role("heading", name="Langkah kedua")).to_be_visible()
    code = page.get_by_label("Kode dari aplikasi autentikator")
    expect(code).to_be_focused()
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    looked_through(page)
    code.fill(phone.wrong())
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page.locator("#code-error")).to_contain_text("salah")
    looked_through(page)
    code.fill(phone.code(1))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{at.url}/pengaduan/new")
    page.go_back()
    is_in(at)

    at.sign_out()
    at.give_password("cs")
    page.get_by_text("Saya tidak membawanya").click()
    page.get_by_label("Kode pemulihan").fill(sheet[0])
    looked_through(page)
    page.get_by_role("button", name="Masuk dengan kode pemulihan").click()
    expect(page.get_by_role("alert")).to_contain_text("Sisa kode: 9")
    is_in(at)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_passkey_is_set_up_and_signs_in_without_a_password(
    desk: Callable[..., Desk], live: Live, width: int
) -> None:  # fmt: skip
    live.cast.user("cs")
    at = desk(width)
    page = at.page
    at.give_password("cs")
    set_up_passkey(at, "Laptop kantor")
    expect(page.locator("[data-codes] code")).to_have_count(10)
    [kept] = at.credentials()
    assert (kept["isResidentCredential"], kept["rpId"]) == (True, "localhost")

    at.sign_out()
    page.goto(f"{at.url}/login/?next=/pengaduan/new")
    looked_through(page)
    page.get_by_role("button", name="Masuk dengan kunci sandi").click()
    page.wait_for_url(f"{at.url}/pengaduan/new")
    is_in(at)
    assert logged(live.app, "sign_in")[-1][2] == {"way": "passkey"}

    at.sign_out()
    at.give_password("cs")
    expect(page.get_by_role("heading", name="Langkah kedua")).to_be_visible()
    looked_through(page)
    page.get_by_role("button", name="Pakai kunci sandi").click()
    is_in(at)
    assert logged(live.app, "sign_in")[-1][2] == {"way": "form", "second": "passkey"}
    opened_security(at)
    page.get_by_label("Nama untuk Laptop kantor").fill("Laptop baru")
    page.get_by_role("button", name="Ganti nama").click()
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Hapus (Laptop baru)").click()
    expect(page.get_by_text("Anda belum memilikinya.")).to_be_visible()
    at.sign_out()
    page.goto(f"{at.url}/login/")
    page.get_by_role("button", name="Masuk dengan kunci sandi").click()
    expect(page.get_by_role("alert")).to_contain_text("tidak dikenal di sini")


def test_who_does_not_unlock_the_device_is_not_in(desk: Callable[..., Desk], live: Live) -> None:
    """A passkey alone wants its holder to be known; and whoever gives up may try again."""
    live.cast.user("cs")
    at = desk()
    page = at.page
    at.give_password("cs")
    set_up_passkey(at, "Laptop")
    expect(page.locator("[data-codes] code")).to_have_count(10)
    at.sign_out()
    page.goto(f"{at.url}/login/")
    unlocks = {"authenticatorId": at.authenticator, "isUserVerified": False}
    at.device.send("WebAuthn.setUserVerified", unlocks)
    button = page.get_by_role("button", name="Masuk dengan kunci sandi")
    button.click()
    expect(page.locator("[data-passkey-said]")).to_contain_text("tidak jadi dipakai")
    at.device.send("WebAuthn.setUserVerified", unlocks | {"isUserVerified": True})
    button.click()
    is_in(at)


def test_a_device_has_one_passkey_of_an_account(desk: Callable[..., Desk], live: Live) -> None:
    live.cast.user("cs")
    at = desk()
    at.give_password("cs")
    set_up_passkey(at, "Laptop")
    expect(at.page.locator("[data-codes] code")).to_have_count(10)
    set_up_passkey(at, "Laptop lagi")
    expect(at.page.locator("[data-passkey-said]")).to_contain_text("sudah memiliki kunci sandi")
    assert len(at.credentials()) == 1


def test_an_address_of_numbers_has_no_passkeys(browser_page: Callable[..., Page], live: Live) -> None:
    page = browser_page("cs")
    page.goto(f"{live.url}/account-security/")
    expect(page.get_by_role("link", name="Pasang aplikasi autentikator")).to_be_visible()
    expect(page.get_by_role("link", name="Pasang kunci sandi")).to_have_count(0)


@pytest.fixture
def strict(live: Live) -> Flask:
    live.app.config["SECOND_FACTOR_ROLES"] = frozenset({"CS"})
    return live.app


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.usefixtures("strict")
def test_a_role_that_needs_one_comes_no_further_without(desk: Callable[..., Desk], live: Live, width: int) -> None:
    live.cast.user("cs")
    at = desk(width)
    page = at.page
    at.give_password("cs")
    expect(page.get_by_role("status")).to_contain_text("Peran Anda memerlukan faktor kedua")
    looked_through(page)
    page.goto(f"{at.url}/pengaduan/new")
    expect(page.get_by_role("heading", name="Keamanan akun", level=1)).to_be_visible()
    page.get_by_role("link", name="Pasang kunci sandi").click()
    looked_through(page)
    page.get_by_role("button", name="Pasang").click()
    page.get_by_role("link", name="Sudah saya simpan").click()
    expect(page.get_by_text("Diperlukan peran Anda")).to_be_visible()
    looked_through(page)
    page.goto(f"{at.url}/pengaduan/new")
    assert page.url == f"{at.url}/pengaduan/new"
    is_in(at)


@pytest.mark.parametrize("width", WIDTHS)
def test_an_admin_resets_somebodys(browser_page: Callable[..., Page], live: Live, width: int) -> None:
    phone_of(live.cast, "cs")
    page = browser_page("admin", width=width)
    page.goto(f"{live.url}/users/list/?q=cs@")
    page.locator("main tbody tr").filter(has_text="cs").get_by_role("link").first.click()
    page.get_by_role("link", name="Faktor kedua").click()
    looked_through(page)
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Atur ulang faktor kedua").click()
    expect(page.get_by_role("status")).to_contain_text("sudah diatur ulang")
    browser_page("cs")
