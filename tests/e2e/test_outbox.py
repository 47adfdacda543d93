"""Mail in a browser: why one failed, sent again, what the page of the case tells of it; somebody chooses the digest."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.services.cases import transitions
from app.services.core.database import write_transaction
from app.services.notices import choices, outbox, postman
from tests.e2e.conftest import Live
from tests.e2e.gestures import choose_from_menu, looked_through
from tests.services.deadlines.test_clocks import MAIL
from tests.services.notices.post_office import PostOffice, post_office


def complaint(live: Live, office: PostOffice) -> int:
    """A complaint by mail, of which one mail was refused and one went out."""
    live.app.config.update(office.settings())
    office.answers["RCPT"] = lambda address: "550 5.1.1 no such user" if address.startswith("salah") else None
    with live.app.test_request_context(), write_transaction() as session:
        case = transitions.create(live.cast.actor("cs"), "pengaduan", MAIL)
        pk = int(case.id)
        for to in ("salah@example.test", "benar@example.test"):
            outbox.write(session, to, f"Kabar untuk {to}", "Halo", case_id=pk, actor_id=live.cast.actor("cs").id)
    send(live)
    return pk


def send(live: Live) -> None:
    with live.app.app_context():
        postman.send_due()


def test_what_failed_is_seen_and_sent_again(live: Live, browser_page: Callable[..., Page]) -> None:
    with post_office() as office:
        pk = complaint(live, office)
        page = browser_page("admin", width=390)
        choose_from_menu(page, "Pengaturan", "Email keluar")
        row = page.locator("main tbody tr").filter(has_text="Kabar untuk salah@example.test")
        expect(row).to_contain_text("550 5.1.1 no such user")
        looked_through(page)
        page.get_by_role("link", name="gagal dikirim").click()
        expect(page.locator("main tbody tr")).to_have_count(1)
        page.get_by_label("Semua di halaman ini").check()
        office.answers.clear()
        page.get_by_role("button", name="Kirim lagi").click()
        expect(page.locator(".alert-success")).to_contain_text("1 email dikirim lagi")
        send(live)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{live.url}/pengaduan/{pk}")
        expect(page.get_by_text("Email dikirim lagi").first).to_be_visible()
        told = page.locator("details").filter(has_text="Kabar untuk salah@example.test")
        expect(told.locator("summary .badge-state")).to_have_text("terkirim")
        assert len(office.accepted) == len({mail["Message-ID"] for mail in office.mails})

        page.goto(f"{live.url}/outbox/")
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("button", name="Kirim email uji kepada saya").click()
        page.locator("main tbody tr").filter(has_text="Email uji").get_by_role("checkbox").check()
        page.get_by_role("button", name="Buang").click()
        expect(page.locator(".badge-state").filter(has_text="menunggu dikirim")).to_have_count(1)
        looked_through(page)


def test_somebody_chooses_the_digest(live: Live, browser_page: Callable[..., Page]) -> None:
    page = browser_page("cs", width=390)
    page.goto(f"{live.url}/notices/choices")
    expect(page.locator(".alert-warning")).to_contain_text("Server email belum diatur")
    looked_through(page)
    page.get_by_label("Giliran saya").select_option(label="Dalam ringkasan harian")
    page.get_by_label("Bahasa email").select_option(label="English")
    page.get_by_role("button", name="Simpan").click()
    expect(page.locator(".alert-success")).to_be_visible()
    expect(page.get_by_label("Giliran saya")).to_have_value("digest")
    with live.app.app_context():
        actor = live.cast.actor("cs")
        assert (choices.choices(actor), choices.language(actor)) == ({"my_turn": "digest"}, "en")
