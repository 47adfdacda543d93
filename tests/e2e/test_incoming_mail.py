"""From a mail that waits to its case, in a browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.services.mail.taking_in import take_in
from config import from_environment
from tests.e2e.conftest import Live
from tests.services.mail.building import PDF, plain, with_files


def test_a_mail_that_lacks_a_name_becomes_a_case(live: Live, browser_page: Callable[..., Page]) -> None:
    url = {"MAILBOX_1_URL": "imap://a:b@127.0.0.1/INBOX", "MAILBOX_1_SOP": "pengaduan"}
    [mailbox] = from_environment(url | {"INSTANCE_PATH": live.app.config["INSTANCE_PATH"]})["MAILBOXES"]
    with live.app.app_context():
        nameless = {"sender": "tanpa.nama@pelanggan.example", "subject": "Uang saya ke mana?"}
        take_in(mailbox, with_files("tanpanama", ("bukti.pdf", PDF), text="Sudah tiga hari.", **nameless))
        take_in(mailbox, plain("iklan", "Beli!", sender="iklan@jual.example", subject="Promo"))
    page = browser_page("cs")
    page.click("text=Kasus")
    page.click("nav >> text=Email masuk")
    page.click("text=Uang saya ke mana?")
    expect(page.locator(".alert")).to_contain_text("Nama wajib diisi.")
    page.click("text=Jadikan kasus")
    expect(page.locator("[name=email]")).to_have_value("tanpa.nama@pelanggan.example")
    page.fill("[name=name]", "Nur Aini")
    page.click("form#step-form [type=submit]")
    expect(page.locator("body")).to_contain_text("PGD-")
    expect(page.locator("body")).to_contain_text("bukti.pdf")
    page.goto(f"{live.url}/incoming-mail/")
    page.click("text=Promo")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("button:has-text('Buang')")
    expect(page.locator(".empty")).to_be_visible()
