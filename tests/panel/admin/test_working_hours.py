"""Working hours and zones of units: entered by admins for days of the week, and what a deadline makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Clock, Unit, WorkingHours
from tests.cast import Cast
from tests.panel.helpers import REPORT, counted, refused, send

LIST, ADD = "/workinghoursview/list/", "/workinghoursview/add"
WEEK = ["0", "1", "2", "3", "4"]
MORNING: dict[str, Any] = {"unit": "__None", "weekdays": WEEK, "opens": "08:00", "closes": "12:00"}


@pytest.fixture
def thursday() -> Iterator[Any]:
    """14.47 in Jayapura, 12.47 in Jakarta."""
    with time_machine.travel(datetime(2026, 11, 26, 5, 47, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def kept(app: Flask) -> list[tuple[Any, ...]]:
    with app.app_context():
        rows = db.session.scalars(select(WorkingHours).order_by(WorkingHours.id))
        return [(row.unit_id, row.weekday, f"{row.opens:%H:%M}", f"{row.closes:%H:%M}") for row in rows]


def page(browser: FlaskClient) -> str:
    return unescape(browser.get(LIST).text)


def test_only_admins_reach_them(cast: Cast, admin: FlaskClient) -> None:
    assert admin.get(LIST).status_code == 200
    assert LIST in admin.get("/").text
    for name in ("supervisor", "cs"):
        browser = cast.login(name)
        assert browser.get(LIST).status_code == 403
        assert browser.post(ADD, data=MORNING).status_code == 403
    assert kept(cast.app) == []


def test_a_week_is_entered_at_once_then_changed_day_by_day(app: Flask, admin: FlaskClient) -> None:
    assert admin.post(ADD, data=MORNING).headers["Location"].endswith(LIST)
    assert sorted(kept(app)) == [(None, day, "08:00", "12:00") for day in range(5)]
    entry = {"unit": "__None", "weekday": "5", "opens": "09:00", "closes": "11:30"}
    assert 'value="08.00"' in admin.get("/workinghoursview/edit/1").text
    admin.post("/workinghoursview/edit/1", data=entry)
    assert (None, 5, "09:00", "11:30") in kept(app)
    assert "Saturday" in admin.get("/workinghoursview/show/1").text
    admin.post("/workinghoursview/delete/1")
    assert len(kept(app)) == 4


def test_no_box_of_the_week_must_be_ticked(admin: FlaskClient) -> None:
    form = admin.get(ADD).text.split("<fieldset")[1].split("</fieldset>")[0]
    assert form.count('type="checkbox"') == 7
    assert form.count(" checked") == 5
    assert "required " not in form


#: What is wrong, and the field that says so.
NONSENSE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"weekdays": []}, "weekdays"),
    ({"weekdays": ["7"]}, "weekdays"),
    ({"weekdays": ["-1"]}, "weekdays"),
    ({"weekdays": ["Monday"]}, "weekdays"),
    ({"opens": ""}, "opens"),
    ({"opens": "25:00"}, "opens"),
    ({"closes": "noon"}, "closes"),
    ({"closes": ""}, "closes"),
    ({"closes": "08:00"}, "closes"),
    ({"closes": "07:00"}, "closes"),
    ({"unit": "999"}, "unit"),
)


def test_nonsense_is_refused(app: Flask, admin: FlaskClient) -> None:
    for wrong, field in NONSENSE:
        refused(admin, ADD, MORNING | wrong, field)
    assert kept(app) == []


def test_hours_of_a_day_do_not_overlap(app: Flask, admin: FlaskClient, unit: int) -> None:
    admin.post(ADD, data=MORNING | {"weekdays": ["2"]})
    for opens, closes in (("11:59", "16:00"), ("07:00", "08:01"), ("09:00", "10:00"), ("07:00", "17:00")):
        refused = admin.post(ADD, data=MORNING | {"opens": opens, "closes": closes})
        assert "This overlaps with Wednesday, 08:00–12:00." in refused.text, opens
    assert len(kept(app)) == 1, "all days or none"
    for opens, closes in (("12:00", "16:00"), ("06:00", "08:00")):
        assert admin.post(ADD, data=MORNING | {"opens": opens, "closes": closes}).status_code == 302, opens
    assert admin.post(ADD, data=MORNING | {"weekdays": ["5"]}).status_code == 302, "another day"
    assert admin.post(ADD, data=MORNING | {"unit": str(unit)}).status_code == 302, "another unit"


def test_an_edited_row_does_not_overlap_with_itself(app: Flask, admin: FlaskClient) -> None:
    admin.post(ADD, data=MORNING | {"weekdays": ["0", "1"]})
    entry = {"unit": "__None", "weekday": "0", "opens": "08:30", "closes": "12:30"}
    assert admin.post("/workinghoursview/edit/1", data=entry).status_code == 302
    assert admin.post("/workinghoursview/edit/1", data=entry | {"weekday": "1"}).status_code == 200


def test_the_list_goes_unit_by_unit_through_the_week(cast: Cast, admin: FlaskClient, unit: int) -> None:
    admin.post(ADD, data=MORNING | {"unit": str(unit), "weekdays": ["0"]})
    admin.post(ADD, data=MORNING | {"opens": "13:00", "closes": "17:00", "weekdays": ["4", "0"]})
    admin.post(ADD, data=MORNING | {"weekdays": ["0"]})
    shown = page(admin).split("<main")[1].split("<tbody>")[1]
    places = [shown.index(words) for words in (
        "Everywhere</th>", "Monday 08:00, Everywhere", "Monday 13:00, Everywhere", "Friday 13:00, Everywhere",
        "ULP Menteng</th>", "Monday 08:00, ULP Menteng",
    )]  # fmt: skip
    assert places == sorted(places)
    indonesian = cast.login("admin").get(LIST).text
    assert "Senin" in indonesian
    assert "08.00" in indonesian


def test_as_many_questions_for_many_units(app: Flask, admin: FlaskClient) -> None:
    admin.post(ADD, data=MORNING)
    page(admin)
    with counted(app) as few:
        page(admin)
    with app.app_context():
        units = [Unit(code=f"u{n}", name=f"Unit {n}", active=True) for n in range(20)]
        [row] = db.session.scalars(select(WorkingHours).limit(1))
        db.session.add_all(WorkingHours(unit=one, weekday=0, opens=row.opens, closes=row.closes) for one in units)
        db.session.commit()
    with counted(app) as many:
        page(admin)
    assert len(many) == len(few)
    assert "Unit 19" in page(admin)


def test_a_unit_has_the_zone_that_the_admin_chooses(app: Flask, admin: FlaskClient) -> None:
    form = admin.get("/unitview/add").text
    assert "WIB (as usual)" in form
    entry = {"code": "JYP", "name": "ULP Jayapura", "active": "y"}
    admin.post("/unitview/add", data=entry | {"zone": "Asia/Jayapura"})
    assert ">WIT<" in "".join(admin.get("/unitview/list/").text.split())
    assert "WIT" in admin.get("/unitview/show/1").text
    refused = admin.post("/unitview/edit/1", data=entry | {"zone": "Mars/Olympus"})
    assert 'id="zone-error"' in refused.text
    with app.app_context():
        assert db.session.get(Unit, 1).zone == "Asia/Jayapura"
    admin.post("/unitview/edit/1", data=entry | {"zone": ""})
    assert "WIB (as usual)" in admin.get("/unitview/show/1").text


@pytest.mark.usefixtures("thursday")
def test_four_working_hours_in_the_east_over_a_break_a_day_off_and_a_weekend(
    app: Flask, cast: Cast, admin: FlaskClient, unit: int
) -> None:
    zone = {"code": "ulp_menteng", "name": "ULP Menteng", "active": "y", "zone": "Asia/Jayapura"}
    admin.post(f"/unitview/edit/{unit}", data=zone)
    for opens, closes in (("07:30", "10:00"), ("11:00", "16:00")):
        admin.post(ADD, data={"unit": str(unit), "weekdays": WEEK, "opens": opens, "closes": closes})
    day = {"day": "2026-11-27", "unit": str(unit), "working": "0", "name": "Hari jadi kota"}
    assert admin.post("/calendardayview/add", data=day).status_code == 302
    limit = {"target": "keluhan/state:reported", "amount": "4", "measure": "working_hours", "active": "y"}
    assert admin.post("/deadlinepolicyview/add", data=limit).status_code == 302

    assert send(cast.login("cso"), "/keluhan/new", REPORT).status_code == 302
    # Thursday 14.47 to 16.00: 1 h 13. Friday is off, then the weekend. Monday 07.30 to 10.00: 2 h 30, makes 3 h 43;
    # the 17 minutes that are left end at 11.17 in Jayapura, which is 09.17 in Jakarta and 02.17 UTC.
    with app.app_context():
        [clock] = db.session.scalars(select(Clock))
        assert clock.due_at == datetime(2026, 11, 30, 2, 17, tzinfo=UTC)
        assert db.session.get(Case, clock.case_id).due_at == clock.due_at
