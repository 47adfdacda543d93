"""Lists and reports as they are opened: every cell, in each dialect of CSV and in a workbook; the dialect is kept."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from app.extensions import db
from app.models import User
from app.services.cases import transitions
from app.services.core import clock
from tests.cast import Cast
from tests.panel.helpers import REPORT, posko

SEPARATORS = {"indonesia": ";", "international": ",", "raw": ","}
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
#: A case whose cells a spreadsheet would take for something else.
TRAPS = REPORT | {
    "name": ";=1+1", "address": "0217788990", "phone": "(021) 7788990", "description": "12/11",
}  # fmt: skip


@pytest.fixture
def cso(app: Flask, cast: Cast) -> FlaskClient:
    posko(app)
    actor = cast.actor("cso")
    with app.app_context(), clock.at(datetime.fromisoformat("2026-11-23T14:05:00+07:00")):
        transitions.create(actor, "keluhan", TRAPS)
    browser = cast.login("cso")
    browser.get("/lang/en")
    return browser


def table(data: bytes, separator: str) -> list[list[str]]:
    assert data.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator))


def sheet(data: bytes, name: str = "sheet1") -> Any:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return etree.fromstring(book.read(f"xl/worksheets/{name}.xml"))


def cells(data: bytes, name: str = "sheet1") -> list[list[tuple[str, str]]]:
    """What is in each cell, and how it is shown: ``text``, or the format of a number."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        styles = etree.fromstring(book.read("xl/styles.xml"))
    formats = {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{MAIN}numFmt")}
    # 3, 49: the format's own numbers for #,##0 and text.
    formats |= {"0": "General", "3": "#,##0", "49": "@"}
    shown = [formats[xf.get("numFmtId")] for xf in styles.find(f"{MAIN}cellXfs")]
    return [
        [
            ("".join(cell.itertext()), "text" if cell.get("t") == "inlineStr" else shown[int(cell.get("s", "0"))])
            for cell in row
        ]
        for row in sheet(data, name).iter(f"{MAIN}row")
    ]


@pytest.mark.parametrize("path", ["/keluhan/export.csv", "/reports/cases-keluhan/file"])
@pytest.mark.parametrize("dialect", SEPARATORS)
def test_each_cell_of_a_list_and_of_a_report(cso: FlaskClient, path: str, dialect: str) -> None:
    heading, row = table(cso.get(f"{path}?dialect={dialect}").data, SEPARATORS[dialect])
    found = dict(zip(heading, row, strict=True))
    at = "23/11/2026 14:05" if dialect == "indonesia" else "2026-11-23 14:05"
    tab = "" if dialect == "raw" else "\t"
    assert {key: found[key] for key in (
        "Name", "Status", "Reporter's address", "Posko", "Phone number", "Description", "Date created", "Repeats",
    )} == {
        "Name": ";'=1+1", "Status": "Reported", "Reporter's address": f"{tab}0217788990", "Posko": "Posko Menteng",
        "Phone number": "(021) 7788990", "Description": f"{tab}12/11", "Date created": at, "Repeats": "0",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/keluhan/export.xlsx", "/reports/cases-keluhan/file?format=xlsx"])
def test_each_cell_of_a_workbook(cso: FlaskClient, path: str) -> None:
    answer = cso.get(path)
    assert answer.headers["Content-Disposition"].partition(";")[0] == "attachment"
    heading, row = cells(answer.data)
    found = dict(zip([text for text, _shown in heading], row, strict=True))
    # 14.05 on that day, as spreadsheets count days since 1900.
    at = (datetime(2026, 11, 23, 14, 5) - datetime(1899, 12, 30)).total_seconds() / 86400
    created, shown = found["Date created"]
    assert (float(created), shown) == (pytest.approx(at), "dd/mm/yyyy hh:mm")
    assert found["Repeats"] == ("0", "#,##0")
    for key, written in (("Name", ";=1+1"), ("Reporter's address", "0217788990"), ("Phone number", "(021) 7788990"),
                         ("Description", "12/11")):  # fmt: skip
        assert found[key] == (written, "text")


def test_a_workbook_keeps_its_headings_in_sight_filters_and_is_wide_enough(cso: FlaskClient) -> None:
    data = cso.get("/keluhan/export.xlsx").data
    page, count = sheet(data), len(cells(data)[0])
    assert page.find(f".//{MAIN}pane").get("state") == "frozen"
    last = chr(ord("A") + count - 1)
    assert page.find(f"{MAIN}autoFilter").get("ref") == f"A1:{last}2"
    widths = [float(one.get("width")) for one in page.find(f"{MAIN}cols") for _n in range(
        int(one.get("min")), int(one.get("max")) + 1)]  # fmt: skip
    longest = [max(len(text) for text, _shown in column) for column in zip(*cells(data), strict=True)]
    texts = [shown == "text" for _text, shown in cells(data)[1]]
    assert all(width >= long for width, long, text in zip(widths, longest, texts, strict=True) if text)


@pytest.mark.parametrize(
    "path",
    ["/dashboard/keluhan/flow", "/dashboard/all/open", "/indicators/hard_complaint", "/conformance/keluhan",
     "/retention/due", "/retention/purged", "/keluhan/export"],
)  # fmt: skip
def test_every_table_comes_as_csv_and_as_a_workbook(cso: FlaskClient, cast: Cast, path: str) -> None:
    supervisor = cast.login("supervisor")
    supervisor.get("/lang/en")
    assert len(cells(supervisor.get(f"{path}.xlsx").data)[0]) > 2
    headings = table(supervisor.get(f"{path}.csv?dialect=indonesia").data, ";")[0]
    assert [text for text, _shown in cells(supervisor.get(f"{path}.xlsx").data)[0]] == headings
    assert supervisor.get(f"{path}.csv?dialect=french").status_code == 400
    assert supervisor.get(f"{path}.txt").status_code == 404


def test_the_report_to_the_regulator_too(cast: Cast) -> None:
    supervisor = cast.login("supervisor")
    supervisor.get("/lang/en")
    assert [text for text, _shown in cells(supervisor.get("/ojk/xlsx").data)[0]][:2] == ["Category", "Channel"]
    assert supervisor.get("/ojk/csv?dialect=indonesia").data.startswith("\ufeffCategory;Channel;".encode())


def test_durations_and_shares_are_numbers(cso: FlaskClient, cast: Cast, app: Flask) -> None:
    with app.app_context():
        unit = cast.actor("unit", unit="ulp_menteng")
        [pk] = [case.id for case in db.session.scalars(db.select(transitions.Case))]
        with clock.at(datetime.fromisoformat("2026-11-24T08:35:00+07:00")):
            transitions.perform(unit, "keluhan", pk, "start", {}, None, note="Berangkat")
    supervisor = cast.login("supervisor")
    supervisor.get("/lang/en")
    period = "from=2026-11-01&to=2026-11-30"

    def median(rows: list[list[Any]], started: Any) -> Any:
        at = [one[0] if isinstance(one, tuple) else one for one in rows[0]].index("Median (hours)")
        return next(row[at] for row in rows[1:] if row[3] == started)

    for dialect, written in (("indonesia", "18,50"), ("international", "18.50"), ("raw", "18.50")):
        answer = supervisor.get(f"/conformance/keluhan.csv?{period}&dialect={dialect}")
        assert median(table(answer.data, SEPARATORS[dialect]), "In progress") == written
    book = cells(supervisor.get(f"/conformance/keluhan.xlsx?{period}").data)
    assert median(book, ("In progress", "text")) == ("18.50", "#,##0.00##")


def test_the_dialect_is_kept_with_the_user(app: Flask, cso: FlaskClient, cast: Cast) -> None:
    """Chosen on the list, on the account's page or with a report; the API stays as it was."""
    assert table(cso.get("/keluhan/export.csv").data, ",")[0][0] == "Report no.", "that of one's language"
    for path in ("/keluhan/?state=reported", "/users/userinfo/"):
        assert 'action="/csv-dialect/"' in cso.get(path).text
        sent = cso.post("/csv-dialect/", data={"dialect": "indonesia", "next": path})
        assert (sent.status_code, sent.headers["Location"]) == (303, path)
        assert 'value="indonesia" selected' in cso.get(path).text
    assert table(cso.get("/keluhan/export.csv").data, ";")[0][0] == "Report no."
    assert table(cast.login("cso").get("/keluhan/export.csv").data, ";")[0][0] != "", "in every session"
    location = cso.post("/reports/cases-keluhan", data={"dialect": "international"}).headers["Location"]
    assert table(cso.get(location).data, ",")[0][0] == "Report no."
    with app.app_context():
        user = db.session.scalars(db.select(User).filter_by(username="cso")).one()
        assert user.csv_dialect == "international"


def test_a_choice_that_there_is_not(cso: FlaskClient) -> None:
    assert cso.post("/csv-dialect/", data={"dialect": "french", "next": "/"}).status_code == 400
    assert cso.post("/csv-dialect/", data={"dialect": "raw", "next": "https://other.example/"}).headers["Location"] in (
        "/", "http://localhost/")  # fmt: skip


def test_an_indonesian_reader_gets_the_indonesian_one(cast: Cast, cso: FlaskClient) -> None:
    other = cast.login("cso")
    assert b";" in other.get("/keluhan/export.csv").data.splitlines()[0]


def test_one_made_in_the_background_is_in_the_users_dialect(app: Flask, cso: FlaskClient) -> None:
    app.extensions["tuntas_queue"].immediate = True
    cso.post("/reports/cases-keluhan", data={"dialect": "indonesia", "background": "1"})
    assert table(cso.get("/reports/downloads/1").data, ";")[1][2] == ";'=1+1"
