"""From the first release to this one, on both databases: everything is there, and work goes on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from app.extensions import db
from app.models import Case, Document, Event
from app.services.accounts import start
from app.services.core import history
from app.services.documents import storage
from tests.cast import Cast
from tests.migrations import first_release
from tests.migrations.first_release import CASES, PHOTO, PHOTO_KEY


@pytest.fixture
def upgraded(make_app: Callable[..., Flask], empty_url: str) -> Flask:
    """As whoever runs it does: the new code, then its setup."""
    app = make_app(SQLALCHEMY_DATABASE_URI=empty_url)
    with app.app_context():
        upgrade(revision="0001")
        with db.engine.begin() as connection:
            first_release.fill(connection)
        storage.put(PHOTO_KEY, io.BytesIO(PHOTO))
        db.session.remove()
    done = app.test_cli_runner().invoke(args=["setup"])
    assert done.exit_code == 0, done.exception or done.output
    assert app.test_cli_runner().invoke(args=["reindex-search"]).exit_code == 0
    return app


def test_all_of_it_is_there_and_work_goes_on(upgraded: Flask, tmp_path: Path) -> None:
    with upgraded.app_context():
        assert start.start_problems(db.session()) == []
        assert list(history.verify(db.session())) == []
        there = {(case.id, case.number, case.sop, case.state, case.title) for case in db.session.query(Case)}
        assert there == {case[:5] for case in CASES}
        assert db.session.query(Event).count() == sum(len(steps) for *_case, steps in CASES)
        assert db.session.query(Document).count() == 1
        db.session.remove()
    cast = Cast(upgraded)
    pages = {
        "cso": ("/", "/keluhan/", "/keluhan/1", "/keluhan/2", "/keluhan/5", "/keluhan/export.csv", "/search?q=Sri"),
        "unit": ("/", "/gangguan/", "/gangguan/3", "/notices/"),
        "legal": ("/", "/somasi/", "/somasi/4"),
        "admin": ("/", "/dashboard/", "/dashboard/keluhan", "/conformance/keluhan", "/reports/", "/retention/"),
    }  # fmt: skip
    for name, paths in pages.items():
        browser = cast.login(name)
        for path in paths:
            answer = browser.get(path)
            assert (answer.status_code in (200, 302), bool(answer.data)) == (True, True), (name, path)
    assert "Masih padam" in cast.login("cso").get("/keluhan/1").text
    cso, unit = cast.api("cso"), cast.api("unit")
    assert cso.get("/keluhan/1/documents/foto/content").data == PHOTO
    assert [event["action"] for event in cso.get("/keluhan/1/history").json] == ["create", "start", "resolve"]
    assert unit.post("/keluhan/5/actions/start", {"note": "Berangkat"}).status_code == 200
    report = {"name": "Baru", "address": "Jl. 1", "phone": "0812 9999 8888", "posko": "DPK", "description": "Padam"}
    made = cso.post("/keluhan/", report)
    assert (made.status_code, made.json["id"]) == (201, len(CASES) + 1), made.text
    with upgraded.app_context():
        assert list(history.verify(db.session())) == []
