"""Two people talk on a case: one comments and calls the other, who reads, opens the file and answers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.extensions import db
from app.services.cases import transitions
from app.services.documents.documents import Upload
from tests.conftest import PDF
from tests.e2e.conftest import Live
from tests.e2e.gestures import looked_through
from tests.panel.helpers import SOMASI, file


def letter(live: Live) -> str:
    """The address of a demand letter that waits for CS."""
    legal = live.cast.actor("legal")
    with live.app.test_request_context():
        scan = {"somasi": [Upload("somasi.pdf", file(PDF)[0])]}
        pk = transitions.create(legal, "somasi", SOMASI, scan).id
        db.session.remove()
    return f"{live.url}/somasi/{pk}"


def write(page: Page, text: str, *roles: str, attached: str = "") -> None:
    box = page.locator(".comment-box")
    if box.get_attribute("open") is None:
        box.locator("summary").press("Enter")
    box.get_by_label("Komentar", exact=False).first.fill(text)
    if roles:
        box.get_by_label("hanya peran ini").check()
    for role in roles:
        box.get_by_label(role, exact=True).check()
    if attached:
        box.get_by_label("Berkas").set_input_files([{"name": attached, "mimeType": "application/pdf", "buffer": PDF}])
    box.get_by_role("button", name="Simpan komentar").click()


def test_two_people_talk_and_a_third_hears_nothing(live: Live, browser_page: Callable[..., Page]) -> None:
    address = letter(live)
    legal, manager = browser_page("legal"), browser_page("legal_manager", width=390)
    legal.goto(address)
    box = legal.locator(".comment-box")
    expect(box.get_by_label("Legal Manager", exact=True)).to_be_hidden()

    # A name that nobody has who could read it: nothing is lost, and what was folded stays open.
    write(legal, "Posisi kita lemah, @legal_manajer", "Legal Manager", attached="analisis.pdf")
    expect(box.locator("[role=alert]")).to_be_visible()
    expect(box).to_contain_text("tidak ada orang dengan nama itu")
    expect(box.locator("textarea")).to_have_value("Posisi kita lemah, @legal_manajer")
    expect(box.get_by_label("Legal Manager", exact=True)).to_be_checked()
    looked_through(legal)
    write(legal, "Posisi kita lemah, @legal_manager.", attached="analisis.pdf")
    line = legal.locator(".timeline > li", has_text="Posisi kita lemah")
    expect(line).to_contain_text("hanya untuk: Legal Manager")

    # The one who was called finds it by the notice, opens the file and answers everybody.
    manager.goto(f"{live.url}/notices/")
    manager.get_by_role("button", name="menyebut Anda").first.click()
    expect(manager).to_have_url(f"{address}#{line.get_attribute('id')}")
    heard = manager.locator(".timeline > li", has_text="Posisi kita lemah")
    with manager.expect_response(lambda response: "/documents/" in response.url) as opened:
        heard.get_by_role("link", name="analisis.pdf").click()
    assert opened.value.status in (200, 206)
    manager.goto(address)
    write(manager, "Kita tawarkan damai")
    manager.locator(".comment-box summary").click()
    manager.get_by_label("hanya peran ini").check()
    expect(manager.get_by_label("CS", exact=True)).to_be_visible()
    looked_through(manager)

    # Whoever is not named sees the answer alone.
    cs = browser_page("cs")
    cs.goto(address)
    expect(cs.locator(".timeline")).to_contain_text("Kita tawarkan damai")
    expect(cs.locator("main")).not_to_contain_text("Posisi kita lemah")

    # Its author takes it back; the line stays.
    legal.goto(address)
    legal.on("dialog", lambda dialog: dialog.accept())
    line.get_by_role("button", name="Tarik").click()
    expect(legal.locator(".timeline")).to_contain_text("ditarik oleh penulisnya")
    manager.goto(address)
    expect(manager.locator(".timeline")).to_contain_text("ditarik oleh penulisnya")
    expect(manager.locator("main")).not_to_contain_text("Posisi kita lemah")
    looked_through(legal)
