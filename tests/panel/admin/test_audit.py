"""The page of the audit log, and who reaches it: admins and auditors, and nobody to change anything."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from typing import Any

import prison
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Unit
from app.services.audit import log
from app.services.core.access import SYSTEM
from app.services.core.database import write_transaction
from tests.cast import Api, Cast

PAGE = "/audit/"


@pytest.fixture
def auditor(cast: Cast) -> FlaskClient:
    browser = cast.login("auditor")
    browser.get("/lang/en")
    return browser


@pytest.fixture
def renamed(app: Flask, cast: Cast) -> None:
    """An admin has entered a unit and renamed it."""
    admin = cast.login("admin")
    made = {"code": "JKT", "name": "Jakarta", "zone": "", "active": "y"}
    assert admin.post("/unitview/add", data=made).status_code == 302
    assert admin.post("/unitview/edit/1", data=made | {"name": "Jakarta Pusat"}).status_code == 302


def text(client: FlaskClient, **query: Any) -> str:
    answer = client.get(PAGE, query_string=query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def listed(client: FlaskClient, **query: Any) -> list[str]:
    """The numbers of the entries of a page."""
    return re.findall(r"<dd>#(\d+)</dd>", client.get(PAGE, query_string=query).text)


@pytest.mark.parametrize("role", ["supervisor", "cs", "legal"])
def test_nobody_else_reads_it(cast: Cast, role: str) -> None:
    browser = cast.login(role)
    assert {browser.get(path).status_code for path in (PAGE, "/audit/log.csv")} == {403}
    assert cast.api(role).get("/audit/").status_code == 403


def test_it_tells_what_it_was_and_what_it_is(auditor: FlaskClient, renamed: None) -> None:
    page = text(auditor)
    assert "Admin Uji (admin)" in page
    assert "Name Jakarta → Jakarta Pusat" in page
    assert "Network address 127.0.0.1" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [({"who": "ADMIN", "action": "record.changed"}, 1), ({"kind": "unit"}, 2), ({"subject": "jakarta pusat"}, 1),
     ({"kind": "unit", "address": "127.0"}, 2), ({"kind": "unit", "address": "10."}, 0), ({"who": "nobody"}, 0),
     ({"kind": "unit", "from": "2020-01-01", "to": "2020-01-02"}, 0), ({"kind": "unit", "from": "2020-01-01"}, 2)],
)  # fmt: skip
def test_filters(auditor: FlaskClient, renamed: None, query: dict[str, str], count: int) -> None:
    assert len(listed(auditor, **query)) == count


@pytest.mark.parametrize(
    "query",
    [{"from": "31/31"}, {"to": "9999-12-31"}, {"after": "x"}, {"who": "\0"}, {"action": "'"}, {"from": "9" * 20}],
)
def test_nonsense_breaks_nothing(auditor: FlaskClient, query: dict[str, str]) -> None:
    assert auditor.get(PAGE, query_string=query).status_code == 200
    assert auditor.get("/audit/log.csv", query_string=query).status_code in (200, 400)


def test_pages_go_on_from_an_entry(app: Flask, auditor: FlaskClient) -> None:
    with app.app_context(), write_transaction():
        for number in range(120):
            log.record(SYSTEM, "job.ordered", ("job", number, "x"))
    seen, query = [], {"action": "job.ordered"}
    page = auditor.get(PAGE, query_string=query).text
    while True:
        seen += re.findall(r"<dd>#(\d+)</dd>", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if not older:
            break
        page = auditor.get(unescape(older[1])).text
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, key=int, reverse=True)


def test_it_is_taken_along_as_csv_and_that_is_told(app: Flask, auditor: FlaskClient, renamed: None) -> None:
    table = auditor.get("/audit/log.csv?kind=unit").data.decode("utf-8-sig")
    assert "Name: Jakarta → Jakarta Pusat" in table
    assert len(table.strip().splitlines()) == 3
    with app.app_context():
        done = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export.ended")).one()
        assert (done.account, done.subject_name) == ("auditor", "audit")
        assert done.detail["filters"] == {"kind": "unit"}
        assert done.detail["rows"] == 2


def test_it_is_taken_along_as_a_sheet(auditor: FlaskClient, renamed: None) -> None:
    made = auditor.get("/audit/log.xlsx?kind=unit")
    with zipfile.ZipFile(io.BytesIO(made.data)) as sheet:
        assert "Jakarta Pusat" in sheet.read("xl/worksheets/sheet1.xml").decode()


def test_an_auditor_begins_there_and_reaches_nothing_else(app: Flask, cast: Cast, auditor: FlaskClient) -> None:
    assert auditor.get("/").headers["Location"].endswith(PAGE)
    page = auditor.get(PAGE).text
    assert 'role="search"' not in page
    assert auditor.get("/tasks/").headers["Location"].endswith(PAGE)
    for path in ("/keluhan/", "/somasi/list/", "/search?q=a", "/reports/", "/exports/log", "/agenda/",
                 "/customers/", "/retention/", "/unitview/list/", "/users/list/", "/background/"):  # fmt: skip
        assert auditor.get(path).status_code in (403, 404), path
    api = cast.api("auditor")
    assert api.get("/audit/").status_code == 200
    for path in ("/keluhan/", "/worklist/", "/search/?q=a", "/reports/", "/customers/", "/sop/"):
        assert api.get(path).status_code == 403, path
    for path in ("/users/userinfo/", "/resetmypassword/form", "/notices/"):
        assert auditor.get(path).status_code == 200, path


def test_nothing_edits_it(app: Flask, cast: Cast, renamed: None) -> None:
    """No route of it takes anything but a look, whoever asks."""
    rules = [rule for rule in app.url_map.iter_rules() if "audit" in rule.rule.lower() or "Audit" in rule.endpoint]
    assert rules
    assert {method for rule in rules for method in rule.methods} <= {"GET", "HEAD", "OPTIONS"}
    browser, api = cast.login("admin"), cast.api("admin")
    for method in ("post", "put", "patch", "delete"):
        assert getattr(browser, method)(PAGE).status_code == 405
        assert getattr(browser, method)("/audit/log.csv").status_code == 405
        assert getattr(api.client, method)("/api/v1/audit/", headers=api.headers).status_code == 405
    with app.app_context():
        assert not list(log.verify(db.session()))


def test_whether_the_chain_is_whole_is_said(app: Flask, auditor: FlaskClient, renamed: None) -> None:
    assert "has not been checked yet" in text(auditor)
    with app.app_context():
        upto = db.session.scalars(select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1)).one()
        assert log.verify_and_note() == 0
    assert f"The chain is whole up to #{upto}, checked" in text(auditor)


def asked(api: Api, **query: Any) -> Any:
    answer = api.get(f"/audit/?q={prison.dumps(query)}")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_programs_read_it_as_they_read_lists(cast: Cast, renamed: None) -> None:
    api = cast.api("auditor")
    of_units = {"col": "subject_type", "opr": "eq", "value": "unit"}
    found = asked(api, filters=[of_units])
    assert (found["count"], len(found["ids"])) == (2, 2)
    newest, oldest = found["result"]
    assert newest["seq"] > oldest["seq"]
    assert {key: newest[key] for key in ("actor", "account", "action", "address")} == {
        "actor": "Admin Uji", "account": "admin", "action": "record.changed", "address": "127.0.0.1"
    }  # fmt: skip
    assert newest["subject"] == {"type": "unit", "key": "1", "name": "Jakarta Pusat"}
    assert newest["detail"] == {"changes": {"name": ["Jakarta", "Jakarta Pusat"]}}
    assert asked(api, filters=[of_units], order_column="seq", order_direction="asc")["result"][0] == oldest
    assert asked(api, filters=[of_units], page_size=1, page=1)["result"] == [oldest]
    assert asked(api, filters=[of_units], columns=["seq"])["result"] == [{"seq": newest["seq"]}, {"seq": oldest["seq"]}]
    by_name = {"col": "account", "opr": "in", "value": ["admin", "nobody"]}
    assert asked(api, filters=[of_units, by_name])["count"] == 2
    assert asked(api, filters=[{"col": "seq", "opr": "gt", "value": oldest["seq"]}, of_units])["count"] == 1


@pytest.mark.parametrize(
    "query",
    [{"filters": [{"col": "hash", "opr": "eq", "value": "x"}]}, {"filters": [{"col": "seq", "opr": "ct", "value": 1}]},
     {"filters": [{"col": "seq", "opr": "eq", "value": "x"}]}, {"order_column": "detail", "order_direction": "asc"},
     {"filters": [{"col": "seq", "opr": "eq", "value": 10**20}]}, {"page": 10**9}],
)  # fmt: skip
def test_what_it_can_not_be_asked_is_said(cast: Cast, query: dict[str, Any]) -> None:
    refused = cast.api("auditor").get(f"/audit/?q={prison.dumps(query)}")
    assert refused.status_code == 400
    assert refused.json["message"]


def test_an_auditor_is_no_other(app: Flask, cast: Cast) -> None:
    """With another role beside it they work as that one does."""
    browser = cast.login("both", "CS", "Auditor")
    assert browser.get("/").status_code == 200
    assert browser.get(PAGE).status_code == 200
    with app.app_context():
        assert db.session.scalars(select(Unit)).all() == []
