"""Indicators: shares and durations over the cases closed in a period, and their page."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from app.services.cases import transitions
from app.services.core.access import Actor
from app.services.core.errors import Malformed
from app.services.dashboards import indicators
from app.services.documents import documents
from app.services.retention.purge import purge
from app.sop import SOPS
from tests.cast import Cast
from tests.recordings import silence

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
REQUEST = {
    "program": "ct0", "source": "plasa", "received_by": "email", "requester_name": "Plasa", "requester_contact": "1",
    "customer_number": "122345678901", "complaint_date": "2026-03-01", "criterion": "impolite_agent", "complaint": "x",
}  # fmt: skip
ANALYSIS = {
    "arrears": 1, "customer_profile": "x", "finding": "proven",
    "chronology": [{"position": 3, "speaker": "agent", "said": "x"}],
}  # fmt: skip
KEY = "hard_complaint"
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


class Office:
    """Settles hard complaints, each in a number of hours."""

    def __init__(self, app: Flask, clock: Any) -> None:
        self.clock, self.cast = clock, Cast(app)
        self.people = {name: self.actor(name) for name in ("spv", "qco", "manager_operasional", "qc")}

    def actor(self, name: str) -> Actor:
        return self.cast.actor(name)

    def does(self, pk: int, name: str, key: str, **answers: Any) -> None:
        files = {"voice_recording": [documents.Upload("r.mp3", io.BytesIO(silence(10)))]}
        uploads = files if key == "attach_recording" else None
        transitions.perform(self.people[name], KEY, pk, key, answers, uploads, note="x")

    def settles(self, hours: int, found: bool = True) -> int:
        pk = int(transitions.create(self.people["spv"], KEY, REQUEST).id)
        if found:
            self.does(pk, "qco", "attach_recording", call_at="2026-03-01 10:00", agent="A")
            self.does(pk, "qco", "submit_chronology", **ANALYSIS)
        else:
            self.does(pk, "qco", "report_not_found")
        self.does(pk, "spv", "validate", listened=True)
        self.does(pk, "manager_operasional", "approve")
        self.clock.shift(HOUR * hours)
        self.does(pk, "spv", "send_result", sent_to="0812 0000 147", sent_by="whatsapp")
        return pk

    def figures(
        self, name: str = "spv", since: date = date(2026, 1, 1), until: date = date(2026, 12, 31)
    ) -> dict[str, Any]:
        return {f.indicator.key: f for f in indicators.figures(self.people[name], SOPS[KEY], since, until)}


@pytest.fixture
def office(any_app: Flask, clock: Any) -> Iterator[Office]:
    with any_app.app_context():
        yield Office(any_app, clock)


def test_shares_and_durations(office: Office) -> None:
    for hours in (1, 2, 3, 4, 5, 6, 7, 8, 9):
        office.settles(hours)
    office.settles(100, found=False)
    found = office.figures()
    assert (found["by_recording"].yes, found["by_recording"].cases, found["by_recording"].share) == (9, 10, 0.9)
    assert found["with_chronology"].share == 0.9
    assert (found["time_to_result"].median, found["time_to_result"].p90) == (5.5 * HOUR, 9 * HOUR)


def test_open_cases_and_other_periods_do_not_count(office: Office) -> None:
    office.settles(1)
    transitions.create(office.people["spv"], KEY, REQUEST)
    assert office.figures()["by_recording"].cases == 1
    assert office.figures(since=date(2026, 3, 3))["by_recording"].cases == 0
    assert office.figures(until=date(2026, 3, 1))["by_recording"].cases == 0
    on_the_day = office.figures(since=date(2026, 3, 2), until=date(2026, 3, 2))
    assert on_the_day["by_recording"].cases == 1


def test_nothing_closed_is_no_share_rather_than_none_of_them(office: Office) -> None:
    found = office.figures()
    assert (found["by_recording"].share, found["time_to_result"].median, found["time_to_result"].p90) == (
        None,
        None,
        None,
    )


def test_they_outlast_a_purge(office: Office) -> None:
    pk = office.settles(5)
    before = office.figures()
    office.clock.shift(timedelta(days=800))
    purge(office.people["qc"], KEY, pk)
    assert office.figures() == before


@pytest.mark.parametrize(
    "written", [("2026-13-01", None), ("x", "y"), ("2026-05-01", "2026-04-01"), ("0001-01-01", None)]
)
def test_periods_that_cannot_be(office: Office, written: tuple[str, str | None]) -> None:
    with pytest.raises(Malformed):
        indicators.period(*written)


def test_page_and_csv(app: Flask, clock: Any) -> None:
    with app.app_context():
        office = Office(app, clock)
        office.settles(30)
    browser = office.cast.login("spv")
    browser.get("/lang/en")
    page = browser.get("/indicators/?from=2026-01-01&to=2026-12-31")
    assert page.status_code == 200
    assert "100.0%" in page.text
    assert "1 day 6 hours" in page.text
    behind = [html.unescape(one) for one in re.findall(r'href="(/indicators/hard_complaint/[^"]+)"', page.text)]
    assert len(set(behind)) == 5, "of two shares: all and those that count so; of the duration: all"
    for address in behind:
        cases = browser.get(address)
        assert cases.status_code == 200
        assert "1 in all" in cases.text
    assert "1 day 6 hours" in browser.get("/indicators/hard_complaint/time_to_result?from=2026-01-01").text
    assert "0 in all" in browser.get("/indicators/hard_complaint/by_recording?from=2026-01-01&only=no").text
    assert "0 in all" in browser.get("/indicators/hard_complaint/by_recording?to=2026-01-01").text
    for path in ("/indicators/hard_complaint/nothing", "/indicators/somasi/by_recording"):
        assert browser.get(path).status_code == 404
    sent = browser.get("/indicators/hard_complaint.csv?from=2026-01-01&to=2026-12-31")
    rows = list(csv.reader(io.StringIO(sent.get_data(as_text=True).removeprefix("\ufeff"))))
    share, hours = ["1", "1", "1.0000", "", ""], ["1", "", "", "30.00", "30.00"]
    assert [row[4:] for row in rows[1:]] == [share, share, hours]
    assert browser.get("/indicators/?from=2026-99-01").status_code == 400
    assert browser.get("/indicators/somasi.csv").status_code == 404


def test_who_has_no_part_in_it_has_no_indicators(app: Flask, clock: Any) -> None:
    cast = Cast(app)
    assert cast.login("legal").get("/indicators/").status_code in (302, 403)
    assert cast.login("legal").get("/indicators/hard_complaint/by_recording").status_code in (302, 403)
    supervisor = cast.login("supervisor").get("/indicators/")
    assert supervisor.status_code == 200
    assert "/indicators/hard_complaint.csv" in supervisor.text
