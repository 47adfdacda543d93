"""What is typed into a long form isn't lost: by a reload, an expired session, an error, a second tab."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from app.extensions import db
from app.services.cases import transitions
from app.services.documents.documents import Upload
from tests.api.stories.test_hard_complaint import CALL, REQUEST
from tests.cast import PASSWORD
from tests.conftest import PDF
from tests.e2e.conftest import Live
from tests.e2e.gestures import fill, looked_through, papers, send, state_is
from tests.e2e.test_two_people import outage
from tests.panel.helpers import FROM_CS, SOMASI
from tests.recordings import silence

OFFERED = {"offered_compensation": "750000"}
CHRONOLOGY = "Dikirim tanggal 1.\n" + "Tidak sampai; ditanyakan lagi. " * 40 + "\nSelesai."


def offer(page: Page) -> Locator:
    return page.locator("[data-draft-offer]")


def kept(page: Page) -> int:
    return int(page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('tuntas.draft ')).length"))


def until_kept(page: Page, many: int = 1) -> None:
    """The pages' security policy forbids Playwright's own way to wait for it."""
    for _attempt in range(100):
        if kept(page) == many:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{kept(page)} drafts are kept")


def sign_in(page: Page, name: str) -> None:
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("form [type=submit]")


def take(page: Page) -> None:
    offer(page).get_by_role("button", name="Pakai").click()


def test_a_reload_offers_what_was_typed(live: Live, browser_page: Callable[..., Page]) -> None:
    legal = browser_page("legal", width=390)
    legal.goto(f"{live.url}/somasi/new")
    expect(offer(legal)).to_be_hidden()
    fill(legal, **SOMASI | {"chronology": CHRONOLOGY})
    until_kept(legal)
    legal.reload()
    expect(offer(legal)).to_contain_text("Ada isian yang belum dikirim dari 10.")
    expect(legal.locator("[name=chronology]")).to_have_value("")
    looked_through(legal)
    take(legal)
    expect(offer(legal)).to_be_hidden()
    expect(legal.locator("[name=chronology]")).to_have_value(CHRONOLOGY)
    expect(legal.locator("[name=sender]")).to_have_value(SOMASI["sender"])
    # Refused first, for want of the letter: what came back is kept as well, and not offered on top of itself.
    send(legal)
    expect(legal.get_by_role("alert")).to_contain_text("Surat somasi")
    expect(offer(legal)).to_be_hidden()
    papers(legal, "somasi")
    send(legal)
    state_is(legal, "Menunggu dokumen CS")
    until_kept(legal, 0)
    legal.goto(f"{live.url}/somasi/new")
    expect(offer(legal)).to_be_hidden()


def test_what_is_thrown_away_is_gone(live: Live, browser_page: Callable[..., Page]) -> None:
    legal = browser_page("legal")
    legal.goto(f"{live.url}/somasi/new")
    fill(legal, chronology=CHRONOLOGY)
    until_kept(legal)
    legal.reload()
    # What is typed beside the offer does not take its place.
    fill(legal, sender="LBH Lain")
    until_kept(legal, 2)
    offer(legal).get_by_role("button", name="Buang").click()
    expect(legal.locator("[name=sender]")).to_have_value("LBH Lain")
    legal.reload()
    take(legal)
    expect(legal.locator("[name=sender]")).to_have_value("LBH Lain")
    expect(legal.locator("[name=chronology]")).to_have_value("")


def test_an_expired_session_loses_nothing(live: Live, browser_page: Callable[..., Page]) -> None:
    form = f"{outage(live)}/do/add_repeat_contact"
    cso = browser_page("cso")
    cso.goto(form)
    fill(cso, contact_at="2026-11-17T14:05", contact_channel="cc_123", said=CHRONOLOGY)
    cso.context.clear_cookies()
    send(cso)
    sign_in(cso, "cso")
    cso.wait_for_url(form)
    take(cso)
    expect(cso.locator("[name=said]")).to_have_value(CHRONOLOGY)
    expect(cso.locator("[name=contact_channel]")).to_have_value("cc_123")
    send(cso)
    expect(cso.locator("main")).to_contain_text("Tidak sampai; ditanyakan lagi.")
    until_kept(cso, 0)


def test_another_user_of_the_browser_is_not_offered_it(live: Live, browser_page: Callable[..., Page]) -> None:
    form = f"{outage(live)}/do/add_repeat_contact"
    anisa = browser_page("anisa", "cso")
    live.cast.user("budi", "cso")
    anisa.goto(form)
    fill(anisa, said=CHRONOLOGY)
    until_kept(anisa)
    anisa.context.clear_cookies()
    anisa.goto(form)
    sign_in(anisa, "budi")
    anisa.wait_for_url(form)
    expect(anisa.locator("[name=said]")).to_be_visible()
    expect(offer(anisa)).to_be_hidden()
    # Somebody else's signing out leaves it, one's own drops it.
    anisa.goto(f"{live.url}/logout/")
    anisa.locator("main").get_by_role("button", name="Keluar", exact=True).click()
    anisa.wait_for_url("**/login/**")
    assert kept(anisa) == 1
    sign_in(anisa, "anisa")
    anisa.wait_for_url(f"{live.url}/")
    anisa.get_by_role("button", name="Anisa Uji").click()
    anisa.get_by_role("button", name="Keluar", exact=True).click()
    expect(anisa.locator("input[name=username]")).to_be_visible()
    until_kept(anisa, 0)


def test_rows_and_choices_come_back(live: Live, browser_page: Callable[..., Page]) -> None:
    spv, qco = live.cast.actor("spv"), live.cast.actor("qco")
    with live.app.app_context():
        pk = int(transitions.create(spv, "hard_complaint", REQUEST).id)
        recording = {"voice_recording": [Upload("rekaman.mp3", io.BytesIO(silence(60)))]}
        transitions.perform(qco, "hard_complaint", pk, "attach_recording", CALL, recording)
    page = browser_page("qco", width=390)
    page.goto(f"{live.url}/hard_complaint/{pk}/do/submit_chronology")
    for _row in range(3):
        page.locator("[data-add-row]").click()
    last = page.locator("[name$=-said]").count() - 1
    fill(page, **{"finding": "unclear", f"chronology-{last}-speaker": "agent", f"chronology-{last}-said": "Menyapa"})
    page.locator("[data-stamp]").click()
    until_kept(page)
    page.reload()
    take(page)
    expect(page.locator("[name=finding]")).to_have_value("unclear")
    expect(page.locator(f"[name=chronology-{last}-said]")).to_have_value("Menyapa")
    expect(page.locator(f"[name=chronology-{last}-speaker]")).to_have_value("agent")
    expect(page.locator("[name=chronology-0-position]")).to_have_value("00:00")


def test_ticks_come_back(live: Live, browser_page: Callable[..., Page]) -> None:
    with live.app.test_request_context():
        actor = live.cast.actor("legal")
        pk = transitions.create(actor, "somasi", SOMASI, {"somasi": [Upload("somasi.pdf", io.BytesIO(PDF))]}).id
        files = {key: [Upload(f"{key}.pdf", io.BytesIO(PDF + key.encode()))] for key in FROM_CS}
        transitions.perform(live.cast.actor("cs"), "somasi", pk, "submit_documents", OFFERED, files)
        db.session.remove()
    page = browser_page("legal_litigasi_1")
    page.goto(f"{live.url}/somasi/{pk}/do/request_revision")
    page.get_by_label("Bukti POD").check()
    fill(page, note="Foto tidak terbaca")
    until_kept(page)
    page.reload()
    expect(page.get_by_label("Bukti POD")).not_to_be_checked()
    take(page)
    expect(page.get_by_label("Bukti POD")).to_be_checked()
    expect(page.locator("[name=note]")).to_have_value("Foto tidak terbaca")


def test_leaving_with_something_unsent_warns(live: Live, browser_page: Callable[..., Page]) -> None:
    legal = browser_page("legal")
    warned: list[str] = []
    legal.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    legal.goto(f"{live.url}/somasi/new")
    legal.locator("[name=sender]").click()
    legal.goto(live.url)
    assert warned == []
    legal.goto(f"{live.url}/somasi/new")
    legal.locator("[name=sender]").press_sequentially("LBH")
    legal.goto(live.url)
    assert warned == ["beforeunload"]
    # Sending is no leaving.
    legal.goto(f"{live.url}/somasi/new")
    legal.locator("[name=sender]").press_sequentially("LBH")
    send(legal)
    expect(legal.get_by_role("alert")).to_contain_text("Surat somasi")
    assert warned == ["beforeunload"]


def test_an_old_draft_goes_by_itself(live: Live, browser_page: Callable[..., Page]) -> None:
    legal = browser_page("legal")
    legal.goto(f"{live.url}/somasi/new")
    fill(legal, chronology=CHRONOLOGY)
    until_kept(legal)
    legal.evaluate(
        """for (const key of Object.keys(localStorage)) {
            const draft = JSON.parse(localStorage[key]);
            localStorage[key + "old"] = JSON.stringify({...draft, at: draft.at - 8 * 24 * 3600 * 1000});
        }"""
    )
    assert kept(legal) == 2
    legal.goto(live.url)
    assert kept(legal) == 1


def test_the_case_may_have_changed_meanwhile(live: Live, browser_page: Callable[..., Page]) -> None:
    address = outage(live)
    form = f"{address}/do/add_repeat_contact"
    cso = browser_page("cso")
    cso.goto(form)
    fill(cso, said=CHRONOLOGY)
    until_kept(cso)
    with live.app.test_request_context():
        other = live.cast.actor("lain", "cso")
        contact = {"contact_at": "2026-11-18T10:00", "contact_channel": "cc_123", "said": "Masih padam"}
        transitions.perform(other, "gangguan", int(address.rsplit("/", 1)[1]), "add_repeat_contact", contact)
        db.session.remove()
    cso.reload()
    expect(offer(cso)).to_contain_text("Kasus sudah berubah sejak itu.")
    take(cso)
    expect(cso.locator("[name=said]")).to_have_value(CHRONOLOGY)
