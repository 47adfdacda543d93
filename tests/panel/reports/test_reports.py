"""The pages of reports: ordered by a form, waited for, fetched; and the log of who took what."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import Export
from app.services.core import masking
from tests.cast import Cast
from tests.panel.helpers import counted, rows_of
from tests.services.reports.reporting import UNITS, Office


@pytest.fixture
def office(app: Flask) -> Office:
    with app.test_request_context():
        return Office(app)


@pytest.fixture
def cso(cast: Cast, office: Office) -> FlaskClient:
    return login(cast, "cso")


def login(cast: Cast, name: str) -> FlaskClient:
    browser = cast.login(name)
    browser.get("/lang/en")
    return browser


def logged(app: Flask) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(Export).order_by(Export.id)))


def test_the_menu_leads_to_the_reports_one_has(cso: FlaskClient) -> None:
    assert 'href="/reports/"' in cso.get("/").text
    page = cso.get("/reports/").text
    assert 'id="cases-keluhan"' in page
    assert 'id="cases-somasi"' not in page
    assert "/exports/log" not in page


def test_a_short_report_comes_at_once(app: Flask, cso: FlaskClient) -> None:
    answers = {"from": "", "to": "", "state": "cancelled", "unit": "", "format": "csv", "lang": "en"}
    sent = cso.post("/reports/cases-keluhan", data=answers)
    assert sent.status_code == 303
    file = cso.get(sent.headers["Location"])
    assert (file.status_code, file.mimetype) == (200, "text/csv")
    assert len(file.data.decode().splitlines()) == 3
    [row] = logged(app)
    assert (row.user_name, row.rows, row.asked) == ("Cso Uji", 2, {"lang": "en", "state": "cancelled"})


@pytest.mark.parametrize("long", [True, False])
def test_a_long_one_is_made_in_the_background(app: Flask, cso: FlaskClient, long: bool) -> None:
    """By its size, or because it was asked for so."""
    app.extensions["tuntas_queue"].immediate = True
    app.config["REPORT_BACKGROUND_ROWS"] = 1 if long else 20_000
    sent = cso.post("/reports/cases-keluhan", data={"format": "csv"} | ({} if long else {"background": "1"}))
    assert (sent.status_code, sent.headers["Location"]) == (303, "/reports/downloads/")
    page = cso.get("/reports/downloads/").text
    [row] = logged(app)
    assert f'href="/reports/downloads/{row.id}"' in page
    file = cso.get(f"/reports/downloads/{row.id}")
    assert (file.status_code, len(file.data.decode().splitlines())) == (200, 5)
    assert file.headers["Content-Disposition"].startswith('attachment; filename="cases-keluhan-')
    assert "no-store" in file.headers["Cache-Control"]


def test_what_is_being_made_tells_how_far_it_is(app: Flask, cso: FlaskClient) -> None:
    cso.post("/reports/cases-keluhan", data={"background": "1"})
    page = cso.get("/reports/downloads/").text
    [row] = logged(app)
    assert "<progress" in page
    assert "Reload" in page
    assert "js-downloads." in page
    state = cso.get(f"/reports/downloads/{row.id}.json").json
    assert (state["state"], state["rows"], state["expected"]) == ("queued", 0, 4)
    assert cso.get(f"/reports/downloads/{row.id}").status_code == 409


def test_a_wrong_period_is_explained_beside_what_was_typed(app: Flask, cso: FlaskClient) -> None:
    sent = cso.post("/reports/cases-keluhan", data={"from": "2026-02-02", "to": "2026-02-01", "state": "cancelled"})
    assert sent.status_code == 400
    assert "The period ends before it begins." in sent.text
    assert 'value="02/02/2026"' in sent.text
    assert logged(app) == []


def test_others_have_no_part_in_it(app: Flask, cast: Cast, cso: FlaskClient) -> None:
    cso.post("/reports/cases-keluhan", data={"background": "1"})
    [row] = logged(app)
    legal = login(cast, "legal")
    assert legal.post("/reports/cases-keluhan", data={}).status_code == 404
    assert legal.get("/reports/cases-keluhan/file").status_code == 404
    for name in ("legal", "supervisor"):
        other = login(cast, name)
        assert other.get(f"/reports/downloads/{row.id}").status_code == 404
        assert other.get(f"/reports/downloads/{row.id}.json").status_code == 404
        assert "cases-keluhan" not in other.get("/reports/downloads/").text
    for path in ("/reports/", "/reports/downloads/", "/exports/log", "/reports/cases-keluhan/file"):
        assert app.test_client().get(path).status_code in (302, 401)


def test_a_form_needs_its_token(make_app: Any) -> None:
    cast = Cast(make_app())
    browser = cast.login("cso")
    cast.app.config["WTF_CSRF_ENABLED"] = True
    assert browser.post("/reports/cases-keluhan", data={}).status_code == 400


def test_the_log_is_read_by_supervisors_and_admins(cast: Cast, cso: FlaskClient) -> None:
    cso.get("/reports/events-keluhan/file?unit=" + UNITS[0]).get_data()
    for name in ("supervisor", "admin"):
        page = login(cast, name).get("/exports/log").text
        assert "Cso Uji" in page
        assert UNITS[0] in page
    supervisor = login(cast, "supervisor")
    assert "Cso Uji" not in supervisor.get("/exports/log?person=legal").text
    assert "Cso Uji" not in supervisor.get("/exports/log?report=cases-keluhan").text.partition("</form>")[2]
    assert supervisor.get("/exports/log?page=99999999999&report=x&person=%25").status_code == 200
    assert cso.get("/exports/log").status_code == 403


def test_the_csv_of_a_list_is_logged_without_the_name_searched_for(app: Flask, cso: FlaskClient) -> None:
    assert len(rows_of(cso, "?q=Rina&state=reported&mine=0")) == 1
    [row] = logged(app)
    assert (row.what, row.rows, row.state) == ("list:keluhan", 1, "done")
    assert row.asked == {"q": "R***", "state": "reported"}


@pytest.mark.parametrize(
    "path",
    [
        "/retention/due.csv",
        "/retention/purged.csv",
        "/ojk/csv",
        "/indicators/hard_complaint.csv",
        "/conformance/keluhan.csv",
    ],
)
def test_the_csv_of_every_page_is_logged(app: Flask, cast: Cast, office: Office, path: str) -> None:
    sent = login(cast, "supervisor").get(path)
    assert (sent.status_code, sent.mimetype) == (200, "text/csv")
    assert sent.data
    [row] = logged(app)
    assert (row.state, row.rows) == ("done", len(sent.data.decode().splitlines()) - 1)


def test_the_csv_of_a_list_is_masked(app: Flask, cso: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "masked", lambda actor, sop: True)
    for row in rows_of(cso):
        assert (row["Name"], row["Phone number"]) == ("R*** M***", "0812*****345")
        assert row["Description"] == "***"
    assert logged(app)[0].masked
    assert "masked for your role" in cso.get("/reports/").text


def test_masked_as_the_procedure_declares(app: Flask, cast: Cast) -> None:
    """Whoever has only roles that the SOP names reads masked: QC of hard complaints, COO and the head of Intera's."""
    with app.app_context():
        from app.sop import SOPS

        for sop in SOPS.values():
            for role in sop.masked_for:
                assert masking.masked(cast.actor(role.lower().replace(" ", "_")), sop)


def test_pages_ask_the_database_little(app: Flask, cast: Cast, office: Office) -> None:
    supervisor = login(cast, "supervisor")
    for _ in range(5):
        supervisor.get("/reports/cases-keluhan/file").get_data()
    for path, most in (("/reports/", 12), ("/reports/downloads/", 10), ("/exports/log", 10)):
        with counted(app) as statements:
            assert supervisor.get(path).status_code == 200
        assert len(statements) <= most, path


def test_the_csv_of_a_dashboard_is_logged(app: Flask, cast: Cast, office: Office) -> None:
    sent = login(cast, "supervisor").get("/dashboard/keluhan/open.csv")
    assert sent.status_code == 200
    assert sent.data
    [row] = logged(app)
    assert (row.what, row.state, row.asked["sop"]) == ("dashboard-open", "done", "keluhan")
