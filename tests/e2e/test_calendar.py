"""The month of the agenda in the browser, at a desk and on a phone, and a calendar program that subscribes to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.request import urlopen

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from app.services.cases import transitions
from app.services.core import clock
from tests.e2e.conftest import Live
from tests.e2e.gestures import examined

CALL: dict[str, Any] = {
    "channel": "inbound", "name": "Nur Aini", "phone": "0812 3344 5566", "order_id": "ORD-1",
    "identity_verified": "not_in_data", "category": "other", "complaint": "Tagihan berbeda",
}  # fmt: skip
SERIOUS = ("serious", "critical")


def call_backs(live: Live, many: int) -> tuple[date, list[str]]:
    """Call-backs of one day in the middle of next month: that day, and the numbers of the cases."""
    cs, numbers = live.cast.actor("cs"), []
    with live.app.test_request_context():
        day = (clock.today().replace(day=1) + timedelta(days=32)).replace(day=14)
        for nth in range(many):
            case = transitions.create(cs, "pengaduan", CALL)
            numbers.append(str(case.number))
            at = datetime.combine(day, time(9 + nth)).isoformat(timespec="minutes")
            answers = {"callback_reason": "cut_off", "callback_at": at}
            transitions.perform(cs, "pengaduan", int(case.id), "schedule_callback", answers)
    return day, numbers


def looked_through(page: Page) -> None:
    found = examined(page)
    assert [v["id"] for v in found["violations"] if v["impact"] in SERIOUS] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_month_at_a_desk_and_on_a_phone(live: Live, browser_page: Callable[..., Page], width: int) -> None:
    when, numbers = call_backs(live, 6)
    cs = browser_page("cs", width=width)
    cs.goto(f"{live.url}/agenda/")
    cs.locator(".page-links a[href*='/agenda/month']").click()
    cs.locator(f".month-nav a[href*='month={when:%Y-%m}']").click()
    day = cs.locator("td", has=cs.locator(f"a[href*='day={when}']"))
    # The cases' own deadlines may fall on any day of the month, this one too: they are in a list below.
    agreed = day.locator(".day-entries").first
    expect(agreed.locator("li")).to_have_count(5)
    expect(agreed).to_contain_text(numbers[0])
    expect(day).not_to_contain_text(numbers[5])
    if width == 390:
        shown = [cell for cell in cs.locator(".month td").all() if cell.is_visible()]
        assert all((cell.text_content() or "").strip() for cell in shown), "no empty day is listed"
        assert (day.bounding_box() or {})["width"] > 300, "a list of days, not seven columns"
    looked_through(cs)
    agreed.locator("li").last.get_by_role("link").click()
    for number in numbers:
        expect(cs.get_by_role("link", name=number)).to_be_visible()
    looked_through(cs)


def test_a_calendar_program_subscribes(live: Live, browser_page: Callable[..., Page]) -> None:
    _day, numbers = call_backs(live, 2)
    cs = browser_page("cs")
    cs.goto(f"{live.url}/agenda/subscription")
    cs.locator("main form button").first.click()
    address = cs.locator("#address").input_value()
    looked_through(cs)
    with urlopen(address) as answer:
        read = Calendar.from_ical(answer.read())
    summaries = " ".join(str(event["SUMMARY"]) for event in read.walk("VEVENT"))
    assert all(number in summaries for number in numbers)


def test_procedure_and_practice_can_be_read(live: Live, browser_page: Callable[..., Page]) -> None:
    call_backs(live, 2)
    for width in (1280, 390):
        supervisor = browser_page("supervisor", width=width)
        supervisor.goto(f"{live.url}/conformance/pengaduan")
        expect(supervisor.locator(".traffic svg")).to_be_visible()
        looked_through(supervisor)
