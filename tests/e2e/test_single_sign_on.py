"""Signing in by way of a provider of OpenID Connect, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from app.panel.account import oidc
from directory_settings import oidc as read
from tests import provider as providers
from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through
from tests.moment import context_of


@pytest.mark.parametrize("width", [1280, 390])
def test_a_button_leads_there_and_back(live: Live, chromium: Browser, width: int) -> None:
    with providers.running() as provider:
        provider.knows("dewi", "/pelayanan")
        provider.knows("tamu", "/kantin")
        live.app.config.update(OIDC=read(provider.settings(live.url)), PUBLIC_URL=live.url)
        oidc.register(live.app)
        context = context_of(chromium, viewport={"width": width, "height": 900}, locale="id-ID")
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        # Who has no role here is told so, and can try as somebody else.
        page.goto(f"{live.url}/users/userinfo/")
        looked_through(page)
        page.get_by_role("link", name="Masuk dengan Akun Terang").click()
        page.get_by_label("Nama").fill("tamu")
        page.get_by_role("button", name="Masuk").click()
        expect(page.get_by_role("status").or_(page.get_by_role("alert")).first).to_contain_text("memberi peran di sini")
        looked_through(page)
        page.goto(f"{live.url}/users/userinfo/")
        page.get_by_role("link", name="Masuk dengan Akun Terang").click()
        page.get_by_label("Nama").fill("dewi")
        page.get_by_role("button", name="Masuk").click()
        page.wait_for_url(f"{live.url}/users/userinfo/")
        expect(page.locator("main")).to_contain_text("Dewi Luar")
        expect(page.locator("main")).to_contain_text("Kata sandi Anda disimpan oleh direktori")
        looked_through(page)
        assert page.get_by_role("link", name="Ganti kata sandi").count() == 0
        assert errors == []
        context.close()
