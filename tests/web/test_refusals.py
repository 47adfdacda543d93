"""What somebody was refused stands in the audit log, and nobody fills the disk by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry
from app.web import refusals
from tests.cast import Cast
from tests.panel.helpers import fill, posko


@pytest.fixture(autouse=True)
def brake(app: Flask) -> None:
    app.extensions[refusals.ACTION] = refusals.Brake()


def told(app: Flask) -> list[tuple[str, str, dict[str, Any]]]:
    """Account, address and detail, the oldest first."""
    with app.app_context():
        query = select(AuditEntry).where(AuditEntry.action == refusals.ACTION).order_by(AuditEntry.seq)
        return [(one.account, one.subject_name, one.detail) for one in db.session.scalars(query)]


def test_a_page_that_is_not_for_them(app: Flask, cast: Cast) -> None:
    assert cast.login("cs").get("/users/list/").status_code == 403
    assert cast.api("cs").get("/audit/").status_code == 403
    assert told(app) == [
        ("cs", "GET /users/list/", {"status": 403, "numbers": {}}),
        ("cs", "GET /api/v1/audit/", {"status": 403, "numbers": {}}),
    ]


def test_a_step_and_a_case_that_are_not_theirs(app: Flask, cast: Cast) -> None:
    posko(app)
    [pk] = fill(cast, 1)
    browser = cast.login("cso")
    assert browser.post(f"/keluhan/{pk}/do/resolve", data={}).status_code in (403, 409)
    assert cast.api("legal").get(f"/keluhan/{pk}").status_code in (403, 404)
    accounts = [(account, detail["numbers"]) for account, _name, detail in told(app)]
    assert accounts == [("cso", {"pk": str(pk)}), ("legal", {"pk": str(pk)})]


def test_who_is_not_signed_in_leaves_nothing_by_guessing(app: Flask, cast: Cast) -> None:
    browser = app.test_client()
    for path in ("/nothing", "/users/list/", "/api/v1/audit/", "/keluhan/1"):
        browser.get(path)
    assert told(app) == []


def test_the_same_again_is_counted(app: Flask, cast: Cast) -> None:
    browser = cast.login("cs")
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        for _again in range(50):
            browser.get("/users/list/")
        assert len(told(app)) == 1
        traveller.shift(timedelta(minutes=1))
        browser.get("/users/list/")
        assert [detail.get("more", 0) for _account, _name, detail in told(app)] == [0, 49]


def test_a_flood_by_many_ways_is_counted_too(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST", 3)
    browser = cast.login("cs")
    paths = ["/users/list/", "/roles/list/", "/unitview/list/", "/poskoview/list/", "/crewview/list/", "/outbox/"]
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        for path in paths:
            assert browser.get(path).status_code == 403
        assert len(told(app)) == 3
        traveller.shift(timedelta(minutes=1))
        browser.get("/background/")
        assert told(app)[-1][2] == {"status": 403, "numbers": {}, "others": 3}


def test_a_page_that_asks_by_itself_leaves_nothing(app: Flask, cast: Cast) -> None:
    cast.login("cs").get("/users/list/", headers={"X-Unattended": "1"})
    assert told(app) == []
