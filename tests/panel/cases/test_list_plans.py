"""No filter, order or page of a list reads a whole table: the databases' own plans say so, with enough rows to
matter."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, event, select

from app.extensions import db
from app.models import Case, Posko, Unit, User
from app.panel.cases import columns
from app.services.core import clock
from app.sop import SOPS
from benchmarks.filled import fill
from tests.cast import Cast

CASES = 20_000
SOP = SOPS["keluhan"]
VIEW = "KeluhanView"


@pytest.fixture
def filled(any_app: Flask) -> Flask:
    Cast(any_app).user("petugas", "CSO", "Unit", "Supervisor")
    with any_app.app_context(), db.engine.connect() as connection:
        pk = db.session.scalar(select(User.id).where(User.username == "petugas"))
        db.session.rollback()
        fill(connection, CASES, clock.now(), (pk or 0, "Petugas Uji"), SOP.revision)
    return any_app


def addresses(unit: int, posko: int) -> Iterator[str]:
    """Everything that a list offers, one at a time, and some of it together."""
    filters = [
        "which=open", "which=closed", "which=all", "due=late", "due=near", "due=ok", "due=none", "mine=1", "holder=me",
        "holder=none", f"unit={unit}", "unit=none", f"of_posko={posko}", "of_channel=walk_in", "void=1",
        "created_from=2026-11-18", "created_to=2026-11-01", "closed_from=2026-11-17", "closed_to=2026-11-01", "age=0-1",
        "q=K5421000", "q=santoso", "q=08121000", "q=ng", *(f"state={state}" for state in SOP.state_by_key),
        *(f"_flt_{which}_{key}={value}" for key in columns.searchable(SOP) for which, value in searched(key)),
        f"which=open&unit={unit}&due=late&state=reported&holder=none",
        "which=closed&state=resolved&created_from=2026-11-01",
    ]  # fmt: skip
    yield from filters
    for key in columns.orderable(SOP):
        for direction in ("asc", "desc"):
            yield f"_oc_{VIEW}={key}&_od_{VIEW}={direction}"
            yield f"which=all&_oc_{VIEW}={key}&_od_{VIEW}={direction}"


def searched(key: str) -> list[tuple[int, str]]:
    field = SOP.fields.get(key)
    if field is None or field.kind.storage in ("moment", "date"):
        return [(0, "2026-11-18"), (1, "2026-11-01")]
    return [(1, field.choices[0].key)] if field.choices else [(0, "santoso 17"), (1, "Tono Wijaya 17")]


def test_no_table_is_read_as_a_whole(filled: Flask) -> None:
    client = Cast(filled).login("petugas")
    with filled.app_context():
        unit, posko = (db.session.scalar(select(model.id)) or 0 for model in (Unit, Posko))
    whole = {}
    for address in addresses(unit, posko):
        for statement, plan in plans(filled, client, f"/keluhan/?{address}"):
            if found := reads_all(plan):
                whole[address] = (found, statement)
    assert {address: found for address, (found, _statement) in whole.items()} == {}, whole


def test_the_deepest_page_is_read_as_the_first_one_is(filled: Flask) -> None:
    client = Cast(filled).login("petugas")
    for query in ("", "which=all", f"which=all&_oc_{VIEW}=name&_od_{VIEW}=desc", f"_oc_{VIEW}=cause&_od_{VIEW}=asc"):
        address = f"/keluhan/?{query}"
        shown: list[list[str]] = []
        for rel in ("next", "next", "last", "prev", "prev"):
            text = client.get(address).text
            shown.append(re.findall(r'class="number" href="/keluhan/(\d+)"', text))
            address = html.unescape(re.search(rf'<a href="([^"]+)" rel="{rel}"', text)[1])  # type: ignore[index]
            found = [reads_all(plan) for _statement, plan in plans(filled, client, address)]
            assert not any(found), (address, found)
        assert all(len(set(page)) == 25 for page in shown)
        assert len({pk for page in shown for pk in page}) == 25 * len(shown), query


def plans(app: Flask, client: FlaskClient, address: str) -> Iterator[tuple[str, list[str]]]:
    """Each statement over cases that a page sends, with the plan of the database for it."""
    heard: list[tuple[str, Any]] = []

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "cases" in statement and statement.startswith("SELECT"):
            heard.append((statement, parameters))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        assert client.get(address).status_code == 200, address
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    with app.app_context(), db.engine.connect() as connection:
        for statement, parameters in heard:
            yield statement, plan_of(connection, statement, parameters)


def plan_of(connection: Connection, statement: str, parameters: Any) -> list[str]:
    postgresql = connection.dialect.name == "postgresql"
    cursor = connection.connection.cursor()
    cursor.execute(("EXPLAIN " if postgresql else "EXPLAIN QUERY PLAN ") + statement, parameters)
    return [str(row[0] if postgresql else row[3]) for row in cursor.fetchall()]


def reads_all(plan: list[str]) -> list[str]:
    """The lines of a plan that go through a table of cases without an index."""
    tables = rf"({Case.__tablename__}|{SOP.key}|search_text)\b"
    return [
        line for line in plan if re.search(rf"Seq Scan on {tables}|^SCAN {tables}(_\d+)?(?!.*(INDEX|VIRTUAL))", line)
    ]
