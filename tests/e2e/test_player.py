"""The recording in a real browser: it plays from where an entry says, and a key writes down where it is."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.services.cases import transitions
from app.services.documents import documents
from tests.cast import PASSWORD
from tests.moment import context_of
from tests.recordings import silence

REQUEST = {
    "program": "ct0", "source": "plasa", "received_by": "email", "requester_name": "Plasa Margonda",
    "requester_contact": "plasa@contoh.example", "customer_number": "122345678901", "customer_name": "Bambang Irawan",
    "complaint_date": "2026-11-17", "criterion": "disputes_arrears", "complaint": "Merasa tidak menyetujui tunggakan",
}  # fmt: skip
#: As long as the longest call; 14 MB.
HOUR = 3600
PLAYER = "document.querySelector('audio')"


@pytest.fixture
def case(live: Any) -> int:
    """A hard complaint with a recording of an hour, waiting for its analysis."""
    actors = {name: live.cast.actor(name) for name in ("spv", "qco")}
    with live.app.app_context():
        pk = int(transitions.create(actors["spv"], "hard_complaint", REQUEST).id)
        upload = {"voice_recording": [documents.Upload("rekaman.mp3", io.BytesIO(silence(HOUR)))]}
        answers = {"call_at": "2026-11-16 10:15", "agent": "Agent 0417"}
        transitions.perform(actors["qco"], "hard_complaint", pk, "attach_recording", answers, upload)
    return pk


def until(page: Page, condition: str) -> None:
    """Waits in vain for ten seconds at most; the pages' security policy forbids Playwright's own way to wait for it."""
    for _attempt in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{condition}: the player is at {position(page)}")


def position(page: Page) -> float:
    return float(page.evaluate(f"{PLAYER}.currentTime"))


def fill_row(page: Page, number: int, at: str | None, speaker: str, said: str) -> None:
    row = f"chronology-{number}"
    if at is not None:
        page.fill(f"[name={row}-position]", at)
    page.select_option(f"[name={row}-speaker]", speaker)
    page.fill(f"[name={row}-said]", said)


def test_from_the_request_to_the_sent_result(live: Any, case: int, browser_page: Callable[..., Page]) -> None:
    path = f"{live.url}/hard_complaint/{case}"
    qco = browser_page("qco")
    qco.goto(f"{path}/do/submit_chronology")
    until(qco, f"{PLAYER}.readyState > 0")
    assert abs(qco.evaluate(f"{PLAYER}.duration") - HOUR) < 2

    # The key stamps the position into the next free row, the button into the one after it.
    qco.evaluate(f"{PLAYER}.currentTime = 754")
    qco.keyboard.press("Alt+KeyS")
    expect(qco.locator("[name=chronology-0-position]")).to_have_value("12:34")
    expect(qco.locator("[name=chronology-0-speaker]")).to_be_focused()
    fill_row(qco, 0, None, "agent", "Menyampaikan jumlah tunggakan")
    qco.evaluate(f"{PLAYER}.currentTime = 3000")
    qco.click("[data-stamp]")
    expect(qco.locator("[name=chronology-1-position]")).to_have_value("50:00")
    expect(qco.locator("[data-stamped]")).to_contain_text("50:00")
    fill_row(qco, 1, "61:00", "customer", "Menyetujui")
    qco.fill("[name=arrears]", "1.250.000")
    qco.fill("[name=customer_profile]", "Pelanggan sejak 2019")
    qco.select_option("[name=finding]", "not_proven")
    submit = qco.locator("form.card button[type=submit]")
    submit.click()
    expect(qco.locator("#refusal")).to_contain_text("61:00")
    assert qco.input_value("[name=chronology-1-said]") == "Menyetujui", "what was typed is kept"
    qco.fill("[name=chronology-1-position]", "50:00")
    submit.click()
    qco.wait_for_url(path)

    # An entry of the chronology moves the player.
    spv = browser_page("spv")
    spv.goto(f"{path}/do/validate")
    until(spv, f"{PLAYER}.readyState > 0")
    assert position(spv) == 0
    for seconds in (3000, 754):
        spv.click(f"[data-seek='{seconds}']")
        until(spv, f"Math.abs({PLAYER}.currentTime - {seconds}) < 5 && !{PLAYER}.seeking")
    before = position(spv)
    until(spv, f"{PLAYER}.currentTime > {before} + 0.5")
    spv.check("[name=listened]")
    spv.locator("form.card button[type=submit]").click()
    spv.wait_for_url(path)
    expect(spv.locator("#document-form_hard_komplain a")).to_have_count(1)

    manager = browser_page("manager_operasional")
    manager.goto(path)
    # On the page of the case each entry stands once, and its position moves the player as well.
    expect(manager.locator("[data-seek='754']")).to_have_count(1)
    manager.click("[data-seek='754']")
    until(manager, f"Math.abs({PLAYER}.currentTime - 754) < 5")
    manager.get_by_role("button", name="Setujui").click()
    expect(manager.locator("#document-form_hard_komplain a")).to_have_count(2)

    spv.goto(f"{path}/do/send_result")
    spv.fill("[name=sent_to]", "plasa@contoh.example")
    spv.select_option("[name=sent_by]", "email")
    spv.locator("form.card button[type=submit]").click()
    spv.wait_for_url(path)
    expect(spv.locator("h1")).to_contain_text("Selesai")


def test_more_stamps_than_rows_make_new_rows(live: Any, case: int, browser_page: Callable[..., Page]) -> None:
    page = browser_page("qco")
    page.goto(f"{live.url}/hard_complaint/{case}/do/submit_chronology")
    until(page, f"{PLAYER}.readyState > 0")
    offered = page.locator("[name$='-position']").count()
    for nth in range(offered + 2):
        page.evaluate(f"{PLAYER}.currentTime = {nth * 10}")
        page.keyboard.press("Alt+KeyS")
    written = [box.input_value() for box in page.locator("[name$='-position']").all()]
    assert written == [f"{nth * 10 // 60:02d}:{nth * 10 % 60:02d}" for nth in range(offered + 2)]


def test_a_returned_chronology_is_mended_not_written_again(
    live: Any, case: int, browser_page: Callable[..., Page]
) -> None:
    rows = [{"position": 60 * nth, "speaker": "agent", "said": f"Kalimat {nth}"} for nth in range(7)]
    answers = {"arrears": 1, "customer_profile": "x", "finding": "proven", "chronology": rows}
    actors = {name: live.cast.actor(name) for name in ("spv", "qco")}
    with live.app.app_context():
        transitions.perform(actors["qco"], "hard_complaint", case, "submit_chronology", answers)
        transitions.perform(actors["spv"], "hard_complaint", case, "return_to_qco", {}, note="Kurang lengkap")
    page = browser_page("qco")
    page.goto(f"{live.url}/hard_complaint/{case}/do/submit_chronology")
    expect(page.locator("[name=chronology-6-said]")).to_have_value("Kalimat 6")
    expect(page.locator("[name=chronology-6-position]")).to_have_value("06:00")
    expect(page.locator("[name=chronology-7-said]")).to_have_value("")


def test_without_javascript_the_links_lead_to_the_position(live: Any, case: int, chromium: Browser) -> None:
    rows = [{"position": 754, "speaker": "agent", "said": "Menyebut tunggakan"}]
    answers = {"arrears": 1, "customer_profile": "x", "finding": "proven", "chronology": rows}
    with live.app.app_context():
        transitions.perform(live.cast.actor("qco"), "hard_complaint", case, "submit_chronology", answers)
    live.cast.user("spv")
    context = context_of(chromium, java_script_enabled=False, locale="id-ID")
    page = context.new_page()
    page.goto(f"{live.url}/login/")
    page.fill("input[name=username]", "spv")
    page.fill("input[name=password]", PASSWORD)
    page.click("form [type=submit]")
    page.goto(f"{live.url}/hard_complaint/{case}")
    link = page.get_by_role("link", name="12:34")
    expect(link).to_be_visible()
    assert (link.get_attribute("href") or "").endswith("#t=754")
    context.close()
