"""The SOPs' own tables follow their declarations, on both databases; a field that no longer fits is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import insert, inspect, text
from sqlalchemy.exc import SAWarning

from app import create_app
from app.extensions import db
from app.models import Case, derive
from app.services.accounts.start import start_problems
from app.services.core import clock
from app.sop import SOPS
from app.workflow.declaration import Choice, Field, Records, Sop, State, Transition
from tests.conftest import settings_for
from tests.test_run import ROOT

LINES = Records("lines", "Lines", (Field("what", "What"),))
WORDS = Field("words", "Words")


def parcel(*fields: Field, records: tuple[Records, ...] = (LINES,)) -> Sop:
    return Sop(
        key="parcel", label="Parcel", label_plural="Parcels", number="PRC-{seq:05}", roles=("CS",), reporter=None,
        states=(State("open", "Open"), State("closed", "Closed", kind="final")),
        transitions=(
            Transition("begin", "Begin", (), "open", ("CS",), fields=(Field("subject", "Subject"), *fields)),
            Transition("finish", "Finish", ("open",), "closed", ("CS",)),
        ),
        records=records,
    )  # fmt: skip


@contextmanager
def declared(sop: Sop) -> Iterator[None]:
    """The SOP as it is declared now; a revision of it may come later, as after a restart."""
    with warnings.catch_warnings(action="ignore", category=SAWarning):
        derive.derive_case(sop)
    for table in derive.tables_of(sop):
        table.metadata.remove(table)
    with patch.dict(SOPS, {sop.key: sop}):
        yield


def setup(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["setup"])


def is_set_up(app: Flask) -> None:
    done = setup(app)
    assert (done.exit_code, done.output) == (0, ""), done.output


def columns(app: Flask, table: str) -> dict[str, str]:
    with app.app_context():
        return {column["name"]: str(column["type"]) for column in inspect(db.engine).get_columns(table)}


def execute(app: Flask, statement: str) -> Any:
    with app.app_context(), db.engine.begin() as connection:
        return connection.exec_driver_sql(statement)


def a_case(app: Flask, sop: str, state: str, closed: bool = False) -> None:
    """A row of the shared table alone."""
    with app.app_context():
        number = 1 + (db.session.scalar(text("SELECT count(*) FROM cases")) or 0)
        row: dict[str, Any] = {
            "number": f"X-{number}", "sop": sop, "state": state, "requested_documents": [], "version": 1,
            "closed_at": clock.now() if closed else None,
        }  # fmt: skip
        db.session.execute(insert(Case.__table__).values(row))
        db.session.commit()
        db.session.remove()


def test_setup_adds_what_a_new_sop_needs_and_again_nothing(any_app: Flask) -> None:
    with declared(parcel(WORDS, Field("person", "Person", "reference", reference="staff"))):
        is_set_up(any_app)
        made = columns(any_app, "parcel")
        assert set(made) == {"id", "subject", "words", "person_id"}
        with any_app.app_context():
            found = inspect(db.engine)
            assert {k["referred_table"] for k in found.get_foreign_keys("parcel")} == {"cases", "staff"}
            assert [i["column_names"] for i in found.get_indexes("parcel_lines")] == [["case_id"]]
        is_set_up(any_app)
        assert columns(any_app, "parcel") == made


def test_a_revision_adds_columns_and_tables_and_keeps_what_is_there(any_app: Flask) -> None:
    with declared(parcel(WORDS, records=())):
        is_set_up(any_app)
    a_case(any_app, "parcel", "open")
    execute(any_app, "INSERT INTO parcel (id, words) VALUES (1, 'kept')")
    other = Field("at", "At", "datetime")
    revised = parcel(other, Field("person", "Person", "reference", reference="staff"))
    with declared(revised):
        is_set_up(any_app)
        assert set(columns(any_app, "parcel")) == {"id", "subject", "words", "at", "person_id"}
        assert "what" in columns(any_app, "parcel_lines")
        assert execute(any_app, "SELECT words, at, person_id FROM parcel").all() == [("kept", None, None)]
        with any_app.app_context():
            keys = inspect(db.engine).get_foreign_keys("parcel")
        assert {k["constrained_columns"][0]: k["referred_table"] for k in keys} == {"id": "cases", "person_id": "staff"}


def test_an_index_that_is_missing_comes_back(any_app: Flask) -> None:
    with declared(parcel()):
        is_set_up(any_app)
        execute(any_app, "DROP INDEX ix_parcel_lines_case_id")
        is_set_up(any_app)
        with any_app.app_context():
            assert inspect(db.engine).get_indexes("parcel_lines")


def test_a_foreign_key_that_is_missing_comes_where_the_database_can(pg_app: Flask) -> None:
    with declared(parcel(Field("person", "Person", "reference", reference="staff"))):
        is_set_up(pg_app)
        execute(pg_app, "ALTER TABLE parcel DROP CONSTRAINT parcel_person_id_fkey")
        is_set_up(pg_app)
        with pg_app.app_context():
            assert "staff" in {k["referred_table"] for k in inspect(db.engine).get_foreign_keys("parcel")}


CHOICE = Field("words", "Words", "choice", choices=(Choice("a", "A"),))
STAFF, CREW = (Field("words", "Words", "reference", reference=one) for one in ("staff", "crew"))
UNFIT = [
    (WORDS, replace(WORDS, type="money"), "text", "money"),
    (WORDS, replace(WORDS, type="longtext"), "text", "longtext"),
    (CHOICE, WORDS, "choice", "text"),
    (replace(WORDS, type="date"), replace(WORDS, type="datetime"), "date", "datetime"),
    (replace(WORDS, type="integer"), replace(WORDS, type="boolean"), "integer", "boolean"),
    (STAFF, CREW, "reference → staff", "reference → crews"),
    (STAFF, WORDS, "reference → staff", "text"),
    (WORDS, STAFF, "text", "reference → staff"),
]


@pytest.mark.parametrize(("before", "after", "stored", "wanted"), UNFIT)
def test_a_field_that_does_not_fit_its_column_any_more_is_refused(
    any_app: Flask, before: Field, after: Field, stored: str, wanted: str
) -> None:
    with declared(parcel(before)):
        is_set_up(any_app)
        there = columns(any_app, "parcel")
    with declared(parcel(after, Field("more", "More"))):
        refused = setup(any_app)
    assert refused.exit_code == 1
    [line] = refused.output.splitlines()
    for named in ("parcel", "“words”", f"“{stored}”", f"“{wanted}”"):
        assert named in line
    assert columns(any_app, "parcel") == there, "nothing was changed"


@pytest.mark.parametrize(("before", "after"), [
    (replace(WORDS, type="integer"), replace(WORDS, type="money")),
    (WORDS, replace(WORDS, format="phone")),
    (WORDS, CHOICE),
    (replace(WORDS, type="longtext"), WORDS),
])  # fmt: skip
def test_a_field_whose_column_takes_its_values_is_no_matter(any_app: Flask, before: Field, after: Field) -> None:
    with declared(parcel(before)):
        is_set_up(any_app)
        there = columns(any_app, "parcel")
    with declared(parcel(after)):
        is_set_up(any_app)
        assert columns(any_app, "parcel") == there


@pytest.mark.slow
def test_processes_that_start_at_once_make_one_schema(empty_url: str, tmp_path: Path) -> None:
    environment = os.environ | {"INSTANCE_PATH": str(tmp_path), "DATABASE_URL": empty_url.replace("+psycopg", "")}
    command = [sys.executable, "-m", "flask", "--app", "run", "setup"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    started = [subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes) for _one in range(3)]
    said = [process.communicate(timeout=200)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert "Traceback" not in "".join(said)
    made = create_app(settings_for(tmp_path, SQLALCHEMY_DATABASE_URI=empty_url))
    with made.app_context():
        assert start_problems(db.session()) == []
        db.session.remove()
        db.engine.dispose()
