"""The agenda as a month and as a day: what is on which day, and for whom."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.models import CalendarDay, Unit
from app.services.cases import transitions
from app.services.core.access import user_named
from app.services.core.database import write_transaction
from app.services.documents.documents import Upload
from tests.cast import Cast
from tests.conftest import PDF
from tests.panel.helpers import SOMASI, counted, in_english

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # a Monday, 10.00 in Jakarta
CALL: dict[str, Any] = {
    "channel": "inbound", "name": "Nur Aini", "phone": "0812 3344 5566", "order_id": "ORD-1",
    "identity_verified": "not_in_data", "category": "bill_amount", "complaint": "Tagihan berbeda",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def call_back(cast: Cast, at: str) -> tuple[int, str]:
    """Id and number of a complaint with a call-back at a moment."""
    cs = cast.actor("cs")
    with cast.app.test_request_context():
        case = transitions.create(cs, "pengaduan", CALL)
        pk, number = int(case.id), str(case.number)
        transitions.perform(cs, "pengaduan", pk, "schedule_callback", {"callback_reason": "cut_off", "callback_at": at})
    return pk, number


def cell(page: str, day: str) -> str:
    """The cell of a day, by its link."""
    cells = re.findall(r"<td.*?</td>", page, re.S)
    (found,) = (one for one in cells if f"day={day}" in one)
    return str(found)


def month(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/agenda/month{query}")
    assert answer.status_code == 200
    return str(answer.text)


def test_a_month_has_whole_weeks_from_monday(cast: Cast) -> None:
    page = month(cast.login("cs"), "?month=2026-11")
    assert len(re.findall(r"<td", page)) == 42
    days = re.findall(r'<th scope="col"><abbr title="(\w+)"', page)
    assert days == ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]
    assert "day=2026-11-01" in page
    assert "day=2026-11-30" in page
    assert "day=2026-10-31" not in page
    assert re.search(r'class="today[^"]*" aria-current="date"', page)
    assert "month=2026-10" in page
    assert "month=2026-12" in page


def test_an_appointment_is_on_its_day_and_leads_to_its_case(cast: Cast) -> None:
    pk, number = call_back(cast, "2026-11-24T09:30")
    client = cast.login("cs")
    found = cell(month(client), "2026-11-24")
    assert f'href="/pengaduan/{pk}"' in found
    assert f"09.30 {number}" in re.sub("<[^>]+>", "", found)
    assert "Telepon terputus" in found
    assert number in client.get("/agenda/day?day=2026-11-24").text
    assert number not in month(client, "?sop=somasi")
    assert number not in month(client, "?month=2026-12&sop=somasi")


def test_what_is_over_and_what_is_closed_is_shown_as_such(cast: Cast) -> None:
    pk, number = call_back(cast, "2026-11-24T09:30")
    with time_machine.travel(NOW + timedelta(days=1)), cast.app.test_request_context():
        done = {"callback_result": "reached", "callback_said": "Sudah"}
        transitions.perform(cast.actor("cs"), "pengaduan", pk, "record_callback", done)
    with time_machine.travel(NOW + timedelta(days=2)):
        client = cast.login("cs")
        found = cell(month(client), "2026-11-24")
        assert 'class="over"' in found
        assert "<s>" not in found
        answer = {"answer": "Sudah", "number_told": True, "anything_else": True, "summary_given": True,
                  "closing_greeting": True}  # fmt: skip
        with cast.app.test_request_context():
            transitions.perform(cast.actor("cs"), "pengaduan", pk, "answer", answer)
        found = cell(month(client), "2026-11-24")
        assert "<s>" in found
        assert number in found


def test_more_than_four_lead_to_the_list_of_the_day(cast: Cast) -> None:
    numbers = [call_back(cast, f"2026-11-24T{9 + nth:02}:00")[1] for nth in range(6)]
    client = cast.login("cs")
    in_english(client)
    found = cell(month(client), "2026-11-24")
    assert [number in found for number in numbers] == [True] * 4 + [False] * 2
    assert "+2 more" in found
    page = client.get("/agenda/day?day=2026-11-24").text
    assert all(number in page for number in numbers)


def test_deadlines_are_counted_on_their_day(cast: Cast) -> None:
    legal = cast.actor("legal")
    numbers = []
    with cast.app.test_request_context():
        for nth in range(5):
            answers = SOMASI | {"letter_number": str(nth), "letter_deadline": "2026-11-26"}
            paper = {"somasi": [Upload("somasi.pdf", io.BytesIO(PDF))]}
            numbers.append(transitions.create(legal, "somasi", answers, paper).number)
    client = cast.login("legal")
    in_english(client)
    found = cell(month(client), "2026-11-26")
    assert "5 deadlines" in found
    assert [number in found for number in numbers] == [True] * 3 + [False] * 2
    page = client.get("/agenda/day?day=2026-11-26").text
    assert all(number in page for number in numbers)


def test_holidays_joint_leave_and_own_days_have_their_names(cast: Cast) -> None:
    cast.user("legal", unit="menteng")
    with cast.app.app_context(), write_transaction() as session:
        other = Unit(code="other", name="other", active=True)
        ours = user_named("legal").unit
        session.add_all([
            CalendarDay(day=datetime(2026, 12, 24).date(), working=True, name="Masuk, tutup buku"),
            CalendarDay(day=datetime(2026, 12, 28).date(), name="Pindah kantor", unit=ours),
            CalendarDay(day=datetime(2026, 12, 29).date(), name="Hari jadi cabang lain", unit=other),
            CalendarDay(day=datetime(2026, 12, 30).date(), name="Di mana-mana"),
            CalendarDay(day=datetime(2026, 12, 30).date(), working=True, name="Kecuali di sini", unit=ours),
        ])  # fmt: skip
    client = cast.login("legal")
    page = month(client, "?month=2026-12")
    for day, name, off in (("25", "Hari Raya Natal", True), ("24", "Masuk, tutup buku", False),
                           ("28", "Pindah kantor", True), ("30", "Kecuali di sini", False)):  # fmt: skip
        found = cell(page, f"2026-12-{day}")
        assert name in found
        assert ("off" in re.search(r'<td class="([^"]*)"', found)[1]) is off
    assert "Hari jadi cabang lain" not in page
    assert "Di mana-mana" not in page
    assert "Cuti Bersama Hari Raya Idul Fitri" in month(client, "?month=2026-03")
    in_english(client)
    assert "Christmas Day" in month(client, "?month=2026-12")
    assert "Joint Holiday (joint leave)" in month(client, "?month=2026-03")


def test_the_report_to_ojk_is_on_the_calendar_of_who_may_have_it(cast: Cast) -> None:
    supervisor, cs = cast.login("supervisor"), cast.login("cs")
    assert 'href="/ojk/?quarter=2026-4"' in cell(month(supervisor, "?month=2027-01"), "2027-01-10")
    assert 'href="/ojk/?quarter=2026-4"' in supervisor.get("/agenda/day?day=2027-01-10").text
    assert "/ojk/" not in cell(month(cs, "?month=2027-01"), "2027-01-10")
    assert "/ojk/?quarter=" not in month(supervisor, "?month=2027-01&sop=somasi")


@pytest.mark.parametrize("written", ["2026-13", "2026", "x", "0000-01", "9999-12", "2026-11-01", "２０２６-11", "%00"])
def test_a_month_that_cannot_be_is_reported(cast: Cast, written: str) -> None:
    answer = cast.login("cs").get(f"/agenda/month?month={written}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "November 2026" in answer.text


def test_the_calendar_has_an_end(cast: Cast) -> None:
    client = cast.login("supervisor")
    for written in ("1990-01", "2199-12"):
        assert client.get(f"/agenda/month?month={written}").status_code == 200
    for written in ("", "x", "2026-02-30", "0001-01-01", "9999-12-31"):
        assert client.get(f"/agenda/day?day={written}").status_code == 400


def test_who_has_no_calendar_has_no_month(cast: Cast, client: FlaskClient) -> None:
    for path in ("/agenda/month", "/agenda/day?day=2026-11-24", "/agenda/subscription"):
        assert client.get(path).status_code in (302, 401)
        assert cast.login("unit").get(path).status_code in (302, 403)


def test_list_and_month_lead_to_each_other(cast: Cast) -> None:
    client = cast.login("cs")
    assert 'href="/agenda/month?sop=somasi"' in client.get("/agenda/?sop=somasi").text
    assert 'href="/agenda/?sop=somasi"' in month(client, "?sop=somasi")


def test_queries_do_not_grow_with_appointments(app: Flask, cast: Cast) -> None:
    client = cast.login("cs")
    call_back(cast, "2026-11-24T09:00")
    month(client)
    with counted(app) as few:
        month(client)
    for hour in range(10, 14):
        call_back(cast, f"2026-11-25T{hour}:00")
    with counted(app) as many:
        month(client)
    assert len(many) == len(few)
