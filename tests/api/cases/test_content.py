"""What is streamed: documents by ranges, reports as CSV and XLSX."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from flask import Flask

from app.sop import SOPS
from tests.cast import Api, Cast
from tests.client import PDF

LETTER = {
    "letter_number": "1", "letter_date": "2026-11-16", "received_date": "2026-11-18", "sender": "=cmd|' /C calc'!A0",
    "customer_name": "Budi", "subject": "Paket hilang", "customer_phone": "+62 812 3456 7890",
}  # fmt: skip


@pytest.fixture
def legal(cast: Cast, clock: Any) -> Api:
    return cast.api("legal")


@pytest.fixture
def path(legal: Api) -> str:
    made = legal.post("/somasi/", LETTER, files={"somasi": ("surat somasi é.pdf", PDF)})
    assert made.status_code == 201, made.text
    return f"/somasi/{made.json['id']}/documents/somasi/content"


def test_the_whole_document(legal: Api, path: str) -> None:
    answer = legal.get(path)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF, "application/pdf")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "filename*=UTF-8''surat%20somasi%20%C3%A9.pdf" in answer.headers["Content-Disposition"]
    unchanged = legal.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")


@pytest.mark.parametrize(
    ("wanted", "part"),
    [("bytes=0-3", PDF[:4]), ("bytes=5-", PDF[5:]), ("bytes=-4", PDF[-4:]), ("bytes=2-99999", PDF[2:])],
)
def test_a_part_of_it(legal: Api, path: str, wanted: str, part: bytes) -> None:
    answer = legal.get(path, headers={"Range": wanted})
    assert (answer.status_code, answer.data) == (206, part)
    assert answer.headers["Content-Range"].endswith(f"/{len(PDF)}")


@pytest.mark.parametrize(
    ("wanted", "status"), [("bytes=9999-", 416), ("bytes=abc", 200), ("lines=1-2", 200), ("bytes=0-1,3-4", 200)]
)
def test_a_part_that_is_not_there(legal: Api, path: str, wanted: str, status: int) -> None:
    assert legal.get(path, headers={"Range": wanted}).status_code == status


def test_which_reports_there_are(cast: Cast, legal: Api) -> None:
    assert {r["key"] for r in legal.get("/reports").json} >= {"cases-somasi"}
    assert "cases-somasi" not in {r["key"] for r in cast.api("cso").get("/reports").json}
    assert cast.api("cso").get("/reports/cases-somasi?format=csv").status_code == 404
    assert {r["key"] for r in cast.api("supervisor").get("/reports").json} >= {f"cases-{key}" for key in SOPS}


def test_a_report_as_csv(legal: Api, path: str) -> None:
    answer = legal.get("/reports/cases-somasi?format=csv&from=2026-11-23&to=23/11/2026")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    headings, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert len(headings) == len(row) == len(SOPS["somasi"].columns)
    assert "SOM-2026-00001" in row
    assert not any(cell.startswith(("=", "+", "@")) for cell in row)
    for period in ("from=2026-11-24", "to=2026-11-22"):
        assert len(legal.get(f"/reports/cases-somasi?{period}").text.splitlines()) == 1


def test_a_report_as_xlsx(legal: Api, path: str) -> None:
    answer = legal.get("/reports/cases-somasi?format=xlsx")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        assert book.testzip() is None
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "SOM-2026-00001" in sheet
    assert "<f>" not in sheet


@pytest.mark.parametrize(
    "query", ["format=pdf", "from=kemarin", "to=2026-13-01", "from=2026-11-23T10:00", "to=9999-12-31"]
)
def test_a_report_asked_for_wrongly(legal: Api, query: str) -> None:
    answer = legal.get(f"/reports/cases-somasi?{query}")
    assert (answer.status_code, set(answer.json)) == (400, {"message"})


def test_every_sop_has_its_report(app: Flask, cast: Cast) -> None:
    supervisor = cast.api("supervisor")
    for report in supervisor.get("/reports").json:
        for form in report["formats"]:
            assert supervisor.get(f"/reports/{report['key']}?format={form}").status_code == 200
