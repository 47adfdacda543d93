"""The quarterly complaint report to OJK: what was settled in time, late, is open; by category and channel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale

from app.services.cases import transitions
from app.services.core.errors import Malformed
from app.sop.pengaduan import ojk
from app.sop.pengaduan.due_report import Quarter, next_due
from tests.cast import Cast

CALL: dict[str, Any] = {
    "channel": "inbound", "name": "Nur Aini", "phone": "0812 3344 5566", "order_id": "ORD-1",
    "identity_verified": "not_in_data", "category": "bill_amount", "complaint": "Tagihan berbeda",
}  # fmt: skip
DONE = {"answer": "Sudah", "number_told": True, "anything_else": True, "summary_given": True, "closing_greeting": True}


@pytest.fixture
def inside(any_app: Flask) -> Iterator[Flask]:
    with any_app.test_request_context(), force_locale("en"):
        yield any_app


def complaint(app: Flask, received: str, answered: str | None = None, **answers: Any) -> None:
    """A complaint of a Jakarta moment, answered at another."""
    actor = Cast(app).actor("cs")
    with time_machine.travel(datetime.fromisoformat(received + "+07:00"), tick=False):
        pk = transitions.create(actor, "pengaduan", CALL | answers).id
    if answered:
        with time_machine.travel(datetime.fromisoformat(answered + "+07:00"), tick=False):
            transitions.perform(actor, "pengaduan", pk, "answer", DONE)


def lines_of(year: int, number: int) -> list[tuple[str | int, ...]]:
    return [line.cells for line in ojk.lines(Quarter(year, number))]


def test_each_complaint_counts_once_in_its_quarter(inside: Flask) -> None:
    complaint(inside, "2026-10-01T00:30", "2026-10-02T09:00")
    complaint(inside, "2026-11-23T14:00", "2026-11-30T23:30")  # the last half hour of its deadline
    complaint(inside, "2026-11-23T14:00", "2026-12-01T00:30")  # half an hour late
    complaint(inside, "2026-12-31T23:30")
    complaint(inside, "2026-11-23T14:00", channel="walk_in", category="other")
    complaint(inside, "2027-01-01T00:30")
    assert lines_of(2026, 4) == [
        ("Jumlah tagihan", "Telephone (inbound)", 4, 2, 1, 1, 0),
        ("Lainnya", "Walk-in", 1, 0, 0, 1, 0),
    ]
    assert lines_of(2027, 1) == [("Jumlah tagihan", "Telephone (inbound)", 1, 0, 0, 1, 0)]
    assert lines_of(2026, 3) == []
    assert ojk.total(ojk.lines(Quarter(2026, 4))).cells == ("Total", "", 5, 2, 1, 2, 0)


def test_it_comes_as_csv_to_who_may_have_it(inside: Flask) -> None:
    complaint(inside, "2026-11-23T14:00", "2026-11-24T09:00")
    browser = Cast(inside).login("supervisor")
    browser.get("/lang/en")
    assert browser.get("/ojk/csv?quarter=2026-4").data.decode("utf-8-sig").splitlines() == [
        "Category,Channel,Received,Settled in time,Settled late,Open,Rejected",
        "Jumlah tagihan,Telephone (inbound),1,1,0,0,0",
        "Total,,1,1,0,0,0",
    ]


@pytest.mark.parametrize(
    ("today", "quarter", "due"),
    [
        ("2026-11-23", Quarter(2026, 4), date(2027, 1, 10)),
        ("2027-01-10", Quarter(2026, 4), date(2027, 1, 10)),
        ("2027-01-11", Quarter(2027, 1), date(2027, 4, 10)),
        ("2027-07-01", Quarter(2027, 2), date(2027, 7, 10)),
    ],
)
def test_it_is_due_on_the_tenth_of_the_month_after(inside: Flask, today: str, quarter: Quarter, due: date) -> None:
    with time_machine.travel(datetime.fromisoformat(today + "T12:00+07:00"), tick=False):
        assert next_due() == quarter
    assert quarter.due == due
    assert quarter.next.previous == quarter


@pytest.mark.parametrize(("year", "number"), [(2026, 0), (2026, 5), (0, 1), (99999, 1)])
def test_there_is_no_other_quarter(inside: Flask, year: int, number: int) -> None:
    with pytest.raises(Malformed):
        Quarter(year, number)


@pytest.mark.parametrize("path", ["/ojk/", "/ojk/?quarter=2026-4", "/ojk/csv?quarter=2026-4"])
def test_the_page_is_for_supervisors_and_admins(app: Flask, path: str) -> None:
    cast = Cast(app)
    assert cast.login("supervisor").get(path).status_code == 200
    assert cast.login("admin").get(path).status_code == 200
    assert cast.login("cs").get(path).status_code == 403


@pytest.mark.parametrize("quarter", ["", "x", "2026", "2026-5", "9-9", "²-1", "2026-1-1"])
def test_a_wrong_quarter_in_the_address_is_refused(app: Flask, quarter: str) -> None:
    browser = Cast(app).login("supervisor")
    assert browser.get("/ojk/", query_string={"quarter": quarter}).status_code == 400


def test_a_complaint_by_mail_is_counted_before_anybody_has_given_it_a_category(inside: Flask) -> None:
    complaint(inside, "2026-10-05T09:00")
    complaint(inside, "2026-10-06T09:00", channel="email", email="nur@contoh.example", category="")
    found = [(line.category, line.received, line.open) for line in ojk.lines(Quarter.of(date(2026, 10, 6)))]
    assert found[1:] == [("No category yet", 1, 1)]
    assert ojk.total(ojk.lines(Quarter.of(date(2026, 10, 6)))).received == 2
