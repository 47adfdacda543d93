"""Two people on one case: each sees the other, and who saves second sees what the first has changed."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.extensions import db
from app.models import Presence, User
from app.services.cases import transitions
from tests.e2e.conftest import Live
from tests.e2e.gestures import examined, fill, send
from tests.servers import wait_until
from tests.services.cases.test_transitions import REPORT, depok


def outage(live: Live) -> str:
    """The address of an outage that waits for the unit."""
    cso = live.cast.actor("cso")
    with live.app.test_request_context():
        depok()
        pk = transitions.create(cso, "gangguan", REPORT).id
        db.session.remove()
    return f"{live.url}/gangguan/{pk}"


def contact(page: Page, said: str) -> None:
    fill(page, contact_at="2026-11-17T14:05", contact_channel="cc_123", said=said)


def sound(page: Page) -> None:
    found = examined(page)["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []


def noted(live: Live, name: str) -> str | None:
    """What the server knows of them: the key of the step whose form they have open, empty without one; None: gone. A
    page that opens or closes tells it beside what its person does next."""
    with live.app.app_context():
        doing = select(Presence.doing).join(User, User.id == Presence.user_id).where(User.username == name)
        return db.session.scalar(doing)


def test_two_people_on_one_case(live: Live, browser_page: Callable[..., Page]) -> None:
    address = outage(live)
    anisa, budi = (browser_page(name, "cso") for name in ("anisa", "budi"))
    form = f"{address}/do/add_repeat_contact"

    # Each sees the other without doing anything, and what they are about to do.
    anisa.goto(address)
    place = anisa.locator(".case-head").bounding_box()
    budi.goto(form)
    expect(budi.locator(".presence")).to_contain_text("Anisa Uji")
    anisa.clock.fast_forward(21_000)
    expect(anisa.locator(".presence")).to_contain_text("Budi Uji (")
    assert anisa.locator(".case-head").bounding_box() == place, "nothing moves when somebody comes"
    sound(anisa)

    # Who leaves is gone with the next question, and on another page of the case they are there still.
    budi.goto(address)
    wait_until(lambda: noted(live, "budi") == "", "the other page has not told of itself")
    anisa.clock.fast_forward(21_000)
    expect(anisa.locator(".presence")).to_have_text("Juga sedang membuka: Budi Uji")
    budi.goto(live.url)
    wait_until(lambda: noted(live, "budi") is None, "the page has not said that it goes")
    anisa.clock.fast_forward(21_000)
    expect(anisa.locator(".presence")).to_have_text("")
    budi.goto(form)

    # Who is first, saves; who is second, sees what the first wrote and loses nothing of their own.
    anisa.goto(form)
    contact(anisa, "Listrik masih mati")
    contact(budi, "Sudah dua jam padam")
    send(anisa)
    expect(anisa.locator(".case-head")).to_be_visible()
    send(budi)
    since = budi.locator("section", has=budi.locator("#since"))
    expect(since).to_contain_text("Anisa Uji")
    expect(since).to_contain_text("Listrik masih mati")
    expect(budi.locator("section", has=budi.locator("#typed"))).to_contain_text("Sudah dua jam padam")
    sound(budi)
    budi.locator("button[name=_prefill]").click()
    expect(budi.locator("[name=said]")).to_have_value("Sudah dua jam padam")
    send(budi)
    for said in ("Listrik masih mati", "Sudah dua jam padam"):
        expect(budi.locator("main")).to_contain_text(said)


def test_one_takes_a_case_from_the_list_and_hands_it_over(live: Live, browser_page: Callable[..., Page]) -> None:
    address = outage(live)
    anisa, budi = (browser_page(name, "unit", unit="ULP-DPK", width=390) for name in ("anisa", "budi"))
    anisa.goto(live.url)
    anisa.locator(".task-take button").click()
    expect(anisa.locator("section[aria-labelledby=mine] .task")).to_have_count(1)
    budi.goto(live.url)
    expect(budi.locator("section[aria-labelledby=mine] .task")).to_have_count(0)
    expect(budi.locator("section[aria-labelledby=waiting]")).to_contain_text("Anisa Uji")
    sound(budi)
    anisa.goto(address)
    sound(anisa)
    anisa.locator(".assignment a").click()
    anisa.select_option("[name=username]", "budi")
    anisa.fill("[name=note]", "Saya cuti")
    sound(anisa)
    anisa.locator("main form.card button[type=submit]").click()
    expect(anisa.locator(".assignment")).to_contain_text("Budi Uji")
    budi.goto(live.url)
    expect(budi.locator("section[aria-labelledby=mine] .task")).to_have_count(1)
