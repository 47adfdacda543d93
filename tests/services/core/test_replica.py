"""Reports, dashboards and exports read from a copy of the database; case pages and whatever is written do not."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from app.extensions import db
from app.models.working_day import Export
from app.services.cases import transitions
from app.services.reports import ReportParams, jobs, report_of
from config import WrongSetting, from_environment
from tests import databases
from tests.cast import Cast
from tests.services.cases.test_transitions import REPORT, depok

HERE, THERE = "Ibu Sri", "Ibu Salinan"


@pytest.fixture
def primary(make_app: Callable[..., Flask], pg_url: str) -> Flask:
    """With a report and people, before there is a copy of it."""
    app = make_app(SQLALCHEMY_DATABASE_URI=pg_url)
    with app.test_request_context():
        depok()
        cast = Cast(app)
        transitions.create(cast.actor("cso"), "keluhan", REPORT)
        cast.user("supervisor")
        db.session.remove()
        db.engine.dispose()
    return app


@pytest.fixture
def copy(primary: Flask, pg_server: Engine) -> Iterator[str]:
    """A copy that can be told by a name in it."""
    of = primary.config["SQLALCHEMY_DATABASE_URI"].rpartition("/")[2].partition("?")[0]
    with databases.own_database(pg_server, of) as name:
        engine = create_engine(databases.url_of(name))
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE cases SET reporter_name = :name, state = 'in_progress', closed_at = changed_at"),
                {"name": THERE},
            )
            connection.execute(text("UPDATE keluhan SET name = :name"), {"name": THERE})
        engine.dispose()
        yield databases.url_of(name)


@pytest.fixture
def app(primary: Flask, make_app: Callable[..., Flask], copy: str) -> Flask:
    return make_app(SQLALCHEMY_DATABASE_URI=primary.config["SQLALCHEMY_DATABASE_URI"], DATABASE_READ_URL=copy)


LIST, REPORTED, OPEN = (
    "/keluhan/export.csv?which=all",
    "/reports/cases-keluhan/file?format=csv",
    "/dashboard/keluhan/open.csv",
)


def test_which_database_is_read(app: Flask, primary: Flask) -> None:
    browser, without = Cast(app).login("supervisor"), Cast(primary).login("supervisor")
    for path in ("/keluhan/1", "/keluhan/", "/search?q=sri"):
        # A search marks what it has found.
        shown = re.sub("</?mark>", "", browser.get(path).text)
        assert HERE in shown, path
        assert THERE not in shown, path
    for path in (LIST, REPORTED):
        assert (HERE in without.get(path).text, THERE in browser.get(path).text) == (True, True), path
    assert without.get(OPEN).data != browser.get(OPEN).data
    for path in ("/dashboard/", "/dashboard/keluhan", "/conformance/keluhan", "/indicators/"):
        assert browser.get(path).status_code == 200
    with app.app_context():
        done = {(row.what, row.state) for row in db.session.query(Export)}
        assert {("list:keluhan", "done"), ("cases-keluhan", "done")} <= done, "the log is written, to the primary"


def test_what_is_made_in_the_background_too(app: Flask) -> None:
    app.extensions["tuntas_queue"].immediate = True
    with app.test_request_context():
        actor = Cast(app).actor("supervisor")
        pk = jobs.order(actor, report_of(actor, "cases-keluhan"), ReportParams("csv"))
        db.session.remove()
        assert THERE.encode() in b"".join(jobs.file_of(actor, pk).chunks)


def test_what_one_has_just_written_one_reads(app: Flask) -> None:
    made = Cast(app).api("cso").post("/keluhan/", REPORT | {"name": "Pak Baru"})
    assert made.status_code == 201
    browser = Cast(app).login("supervisor")
    assert "Pak Baru" in browser.get(f"/keluhan/{made.json['id']}").text
    assert "Pak Baru" not in browser.get(LIST).text, "the copy is one that never follows"


def test_a_right_that_is_gone_is_gone_at_once(app: Flask) -> None:
    browser = Cast(app).login("supervisor")
    Cast(app).login("supervisor").post("/logout/", data={"scope": "all"})
    assert browser.get(REPORTED).status_code == 302


def test_where_it_is_away_the_primary_is_read(
    primary: Flask, make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(
        SQLALCHEMY_DATABASE_URI=primary.config["SQLALCHEMY_DATABASE_URI"],
        DATABASE_READ_URL="postgresql+psycopg://nobody@127.0.0.1:1/nothing",
    )
    browser = Cast(app).login("supervisor")
    with caplog.at_level(logging.WARNING):
        for path in (LIST, REPORTED):
            assert HERE in browser.get(path).text
    said = [record.getMessage() for record in caplog.records if "DATABASE_READ_URL" in record.getMessage()]
    assert len(said) == 1, "once, and then it is left alone for a while"


@pytest.mark.parametrize("database", ["", "postgresql://here/tuntas"])
def test_a_setting_that_can_not_be_right(tmp_path: Any, database: str) -> None:
    environment = {"INSTANCE_PATH": str(tmp_path), "DATABASE_URL": database}
    wrong = "sqlite:///copy.sqlite3" if database else "postgresql://there/tuntas"
    with pytest.raises(WrongSetting, match="DATABASE_READ_URL"):
        from_environment(environment | {"DATABASE_READ_URL": wrong})
