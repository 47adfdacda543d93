"""Reports for programs: ordered, refused, made in the background."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.extensions import db
from app.models import Export, User
from app.services.tables import workbook
from tests.cast import Api, Cast
from tests.services.reports.reporting import UNITS, Office


@pytest.fixture
def office(app: Flask) -> Office:
    with app.test_request_context():
        return Office(app)


@pytest.fixture
def cso(cast: Cast, office: Office) -> Api:
    return cast.api("cso")


def logged(app: Flask) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(Export).order_by(Export.id)))


def test_formats_are_listed(cso: Api) -> None:
    formats = {report["key"]: report["formats"] for report in cso.get("/reports").json}
    assert formats["cases-keluhan"] == ["csv", "xlsx"]
    assert formats["events-keluhan"] == ["csv", "xlsx", "xes"]


@pytest.mark.parametrize(
    ("form", "kind"),
    [("csv", "text/csv"), ("xes", "application/xml"), ("xlsx", workbook.CONTENT_TYPE)],
)  # fmt: skip
def test_streamed_and_logged(app: Flask, cso: Api, form: str, kind: str) -> None:
    sent = cso.get(f"/reports/events-keluhan?format={form}&state=cancelled&unit={UNITS[0]}&lang=en")
    assert (sent.status_code, sent.mimetype) == (200, kind)
    assert sent.headers["Content-Disposition"].startswith('attachment; filename="events-keluhan-2')
    assert "no-store" in sent.headers["Cache-Control"]
    assert sent.data
    [row] = logged(app)
    assert (row.what, row.form, row.state, row.rows) == ("events-keluhan", form, "done", 4)
    assert row.asked == {"lang": "en", "state": "cancelled", "unit": UNITS[0]}


@pytest.mark.parametrize("query", ["unit=nowhere", "state=x", "lang=xx", "colour=red", "from=2026-02-02&to=2026-02-01"])
def test_what_is_not_known_is_refused_and_not_logged(app: Flask, cso: Api, query: str) -> None:
    answer = cso.get(f"/reports/cases-keluhan?{query}")
    assert (answer.status_code, set(answer.json)) == (400, {"message"})
    assert logged(app) == []


def test_the_language_of_the_query_holds_to_the_last_row(cso: Api) -> None:
    english, indonesian = (cso.get(f"/reports/events-keluhan?lang={lang}").data.decode() for lang in ("en", "id"))
    assert "Report a complaint" in english.splitlines()[-1]
    assert "Report a complaint" not in indonesian
    assert len(english.splitlines()) == len(indonesian.splitlines())


def test_in_the_background(app: Flask, cso: Api, cast: Cast) -> None:
    app.extensions["tuntas_queue"].immediate = True
    ordered = cso.get("/reports/cases-keluhan?background=1&format=csv&lang=en")
    assert ordered.status_code == 202
    state = cso.get(f"/reports/downloads/{ordered.json['id']}").json
    assert (state["state"], state["rows"], state["expected"], state["ready"]) == ("done", 4, 4, True)
    sent = cso.get(f"/reports/downloads/{state['id']}/content")
    assert sent.status_code == 200
    assert sent.data == cso.get("/reports/cases-keluhan?lang=en").data
    supervisor = cast.api("supervisor")
    for path in (f"/reports/downloads/{state['id']}", f"/reports/downloads/{state['id']}/content"):
        assert supervisor.get(path).status_code == 404
        assert app.test_client().get(f"/api/v1{path}").status_code == 401


def test_not_ready_yet(app: Flask, cso: Api) -> None:
    ordered = cso.get("/reports/cases-keluhan?background=1").json
    assert (ordered["state"], ordered["ready"]) == ("queued", False)
    assert cso.get(f"/reports/downloads/{ordered['id']}/content").status_code == 409
    assert cso.get("/reports/downloads/99999999999999").status_code == 404


def test_nobody_orders_what_he_may_not_have(app: Flask, cso: Api) -> None:
    assert cso.get("/reports/cases-somasi?background=1").status_code == 404
    assert cso.get("/reports/retention").status_code == 404
    assert logged(app) == []


def test_a_csv_is_as_it_always_was_unless_a_dialect_is_named(app: Flask, cso: Api) -> None:
    """Whatever its user has chosen for themselves."""
    with app.app_context():
        db.session.execute(update(User).values(csv_dialect="indonesia"))
        db.session.commit()
    path = "/reports/cases-keluhan?lang=en&state=in_progress"
    plain = cso.get(path).data
    heading, row, end = re.sub(rb"\d{4}-\d\d-\d\d \d\d:\d\d", b"MOMENT", plain).split(b"\r\n")
    assert heading == (
        b"\xef\xbb\xbfReport no.,Priority,Name,Status,Reporter's address,Location,Posko,Phone number,Description,Cause,"
        b"Date created,Time of outage,Repeats"
    )
    assert row.partition(b",")[2] == (
        b",Rina Maharani,In progress,Jl. Mawar 1,,Ulp_Menteng,0812-3456-7345,Lampu padam,,MOMENT,,0"
    )
    assert end == b""
    assert cso.get(f"{path}&dialect=raw").data == plain
    assert cso.get(f"{path}&dialect=indonesia").data.splitlines()[1].count(b";") == row.count(b",")
    assert cso.get(f"{path}&dialect=french").status_code == 400
