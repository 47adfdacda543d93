"""An admin sets up a channel and a webhook, tests them, and sees what a step has sent by them; by screen and phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.services.cases import transitions
from app.services.notices import channel_queue
from app.services.webhooks import sending
from tests.e2e.gestures import answer, choose_from_menu, entry_of, looked_through, save
from tests.panel.helpers import REPORT, posko
from tests.receiver import Receiver, receiving

TOKEN = "rahasia-4711-kunci"


@pytest.fixture
def receiver(live: Any) -> Iterator[Receiver]:
    live.app.config["WEBHOOK_ALLOW_PRIVATE"] = [ip_network("127.0.0.0/8")]
    with receiving() as made:
        yield made


def a_step_is_done(live: Any) -> str:
    """And the worker's tick comes."""
    posko(live.app)
    live.cast.user("unit", unit="ulp_menteng")
    actor = live.cast.actor("cso")
    with live.app.test_request_context():
        number = str(transitions.create(actor, "keluhan", REPORT).number)
        sending.send_due()
        channel_queue.send_due()
    return number


def test_a_channel_and_a_webhook(live: Any, browser_page: Callable[..., Page], receiver: Receiver) -> None:
    page = browser_page("admin")
    choose_from_menu(page, "Pengaturan", "Saluran pemberitahuan")
    page.get_by_role("link", name="Saluran baru").click()
    answer(page, {"Nama": "Grup unit", "URL untuk Apprise": "syslog://", "Unit": True})
    page.locator("main").get_by_role("button", name="Simpan").click()
    expect(page.locator("#url-error")).to_contain_text("Apprise tidak mengenal")
    answer(page, {"URL untuk Apprise": f"json://bot:{TOKEN}@127.0.0.1:{receiver.port}/grup"})
    save(page)
    entry_of(page, "Grup unit").get_by_role("link", name="Grup unit").first.click()
    page.get_by_role("button", name="Kirim uji coba").click()
    expect(page.get_by_text("Saluran sudah menerima uji coba.")).to_be_visible()

    choose_from_menu(page, "Pengaturan", "Webhook")
    page.get_by_role("link", name="Webhook baru").click()
    answer(page, {"Nama": "CRM", "Alamat": receiver.url, "Keluhan": True})
    page.locator("main summary:text-is('Keluhan')").click()
    page.get_by_role("checkbox", name="Catat keluhan").check()
    looked_through(page)
    save(page)
    entry_of(page, "CRM").get_by_role("link", name="CRM").first.click()
    page.get_by_role("button", name="Tampilkan rahasia").click()
    secret = page.get_by_label("Rahasia").input_value()
    page.get_by_role("link", name="Kembali").click()

    number = a_step_is_done(live)
    assert receiver.got[-2].verified(secret)["data"]["number"] == number
    assert receiver.got[-1].json["message"].startswith(number)
    page.reload()
    expect(page.get_by_role("link", name=number)).to_be_visible()
    page.locator("summary", has_text="1 percobaan · HTTP 204").first.click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Rahasia baru").click()
    expect(page.get_by_text("Rahasia baru sudah dibuat.")).to_be_visible()
    page.get_by_role("button", name="Kirim lagi").first.click()
    expect(page.get_by_text("Kiriman dikirim lagi.")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 900})
    looked_through(page)
    for path in ("noticechannelview/edit/1", "noticechannelview/show/1"):
        page.goto(f"{live.url}/{path}")
        looked_through(page)
        assert TOKEN not in page.content()
