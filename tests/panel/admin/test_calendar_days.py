"""Calendar days: entered by admins, one per unit and day, beside the holidays that they change."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import CalendarDay, Unit
from app.services.deadlines.working_calendar import calendar_of
from tests.cast import Cast
from tests.panel.helpers import counted, refused

LIST, ADD = "/calendardayview/list/", "/calendardayview/add"
EVE: dict[str, str] = {"day": "2026-12-24", "unit": "__None", "working": "1", "name": "Tutup buku"}


def kept(app: Flask) -> list[CalendarDay]:
    with app.app_context():
        return list(db.session.scalars(select(CalendarDay).order_by(CalendarDay.id)))


def page(browser: FlaskClient, year: Any = 2026) -> str:
    return unescape(browser.get(f"{LIST}?year={year}").text)


def test_only_admins_reach_them(cast: Cast, admin: FlaskClient) -> None:
    assert admin.get(LIST).status_code == 200
    assert LIST in admin.get("/").text
    for name in ("supervisor", "cs"):
        browser = cast.login(name)
        assert browser.get(LIST).status_code == 403
        assert browser.post(ADD, data=EVE).status_code == 403
        assert LIST not in browser.get("/").text
    assert kept(cast.app) == []


def test_a_joint_leave_that_is_worked_and_a_unit_that_stays_off(app: Flask, admin: FlaskClient, unit: int) -> None:
    assert admin.post(ADD, data=EVE).headers["Location"].endswith(f"{LIST}?year=2026")
    admin.post(ADD, data=EVE | {"unit": str(unit), "working": "0", "name": "Libur"})
    with app.app_context():
        assert calendar_of(None).is_working_day(date(2026, 12, 24))
        assert not calendar_of(unit).is_working_day(date(2026, 12, 24))
    shown = page(admin)
    assert "Thu 24 Dec 2026" in shown
    beside = shown.split('id="holidays"')[1]
    assert "It is worked (Everywhere)" in beside
    assert "Nobody works (ULP Menteng)" in beside


def test_changed_and_deleted(app: Flask, admin: FlaskClient) -> None:
    admin.post(ADD, data=EVE)
    [row] = kept(app)
    assert 'value="24/12/2026"' in admin.get(f"/calendardayview/edit/{row.id}").text
    sent = admin.post(f"/calendardayview/edit/{row.id}", data=EVE | {"day": "2028-01-03", "working": "0"})
    assert sent.headers["Location"].endswith("?year=2028"), "back to where the day is now"
    [row] = kept(app)
    assert (row.day, row.working, row.unit_id) == (date(2028, 1, 3), False, None)
    assert "Mon 3 Jan 2028" in admin.get(f"/calendardayview/show/{row.id}").text, "whatever year the list shows"
    assert "Tutup buku" not in page(admin)
    assert "Tutup buku" in page(admin, 2028)
    assert admin.post(f"/calendardayview/delete/{row.id}").headers["Location"].endswith("?year=2028")
    assert kept(app) == []


def test_the_same_day_twice_is_refused_with_a_unit_and_without(app: Flask, admin: FlaskClient, unit: int) -> None:
    for entry in (EVE, EVE | {"unit": str(unit)}):
        assert admin.post(ADD, data=entry).status_code == 302
        again = admin.post(ADD, data=entry | {"working": "0"})
        assert "This day is entered already for this unit" in again.text
        assert "Tutup buku" in again.text, "what was typed is kept"
    first, second = kept(app)
    assert admin.post(f"/calendardayview/edit/{first.id}", data=EVE | {"name": "Lain"}).status_code == 302
    assert admin.post(f"/calendardayview/edit/{second.id}", data=EVE).status_code == 200


#: What is wrong, and the field that says so.
NONSENSE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"day": ""}, "day"),
    ({"day": "31/02/2026"}, "day"),
    ({"day": "2026-02-31"}, "day"),
    ({"day": "0001-01-01"}, "day"),
    ({"day": "9999-12-31"}, "day"),
    ({"unit": "999"}, "unit"),
    ({"unit": "mars"}, "unit"),
    ({"working": "2"}, "working"),
    ({"working": "perhaps"}, "working"),
    ({"name": "x" * 256}, "name"),
)


def test_nonsense_is_refused(app: Flask, admin: FlaskClient) -> None:
    for wrong, field in NONSENSE:
        refused(admin, ADD, EVE | wrong, field)
    assert kept(app) == []


def test_years_that_nobody_plans_for(admin: FlaskClient) -> None:
    for year in ("1999", "2100", "99999999999", "abc", "-1", "²026", "20 6"):
        assert admin.get(LIST, query_string={"year": year}).status_code == 400, year
    for year in ("2000", "2099", ""):
        assert admin.get(LIST, query_string={"year": year}).status_code == 200, year


def test_the_days_stand_in_order_beside_the_holidays_of_the_year(cast: Cast, admin: FlaskClient) -> None:
    for day in ("2026-11-30", "2026-03-02", "2027-01-04"):
        admin.post(ADD, data=EVE | {"day": day})
    listed, beside = page(admin).split('id="holidays"')
    assert listed.index("2 Mar 2026") < listed.index("30 Nov 2026")
    assert "2027" not in listed.split('id="entered"')[1]
    for name in ("Independence Day", "Christmas Day", "Christmas Joint Holiday"):
        assert name in beside
    assert "No joint leave of this year is known yet" not in beside
    assert "No joint leave of this year is known yet" in page(admin, 2030)
    assert "Hari Kemerdekaan" in cast.login("admin").get(f"{LIST}?year=2026").text


def test_as_many_questions_for_many_units(app: Flask, admin: FlaskClient) -> None:
    page(admin)
    with counted(app) as few:
        page(admin)
    with app.app_context():
        db.session.add_all(
            CalendarDay(day=date(2026, 12, 24), unit=Unit(code=f"u{n}", name=f"Unit {n}", active=True))
            for n in range(20)
        )
        db.session.commit()
    with counted(app) as many:
        page(admin)
    assert len(many) == len(few)
