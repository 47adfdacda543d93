"""The page of retention: retention officers act, others read, everybody else is kept out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import AuditEntry
from app.services.retention import purge
from tests.cast import Cast
from tests.services.retention.keeping import START, YEAR, Stage


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=True) as traveller:
        yield traveller


@pytest.fixture
def stage(app: Flask, clock: Any) -> Stage:
    """A closed hard complaint, two years on."""
    with app.app_context():
        made = Stage(app, clock)
    clock.shift(YEAR * 2)
    return made


def login(cast: Cast, name: str) -> FlaskClient:
    browser = cast.login(name)
    browser.get("/lang/en")
    return browser


def purges(browser: FlaskClient, stage: Stage) -> TestResponse:
    return browser.post("/retention/purge", data={"sop": "hard_complaint", "case": stage.pk})


def test_the_keeper_sees_what_is_due_and_removes_it(stage: Stage) -> None:
    keeper = login(stage.cast, "qc")
    page = keeper.get("/retention/")
    assert page.status_code == 200
    assert "HC-2026-00001" in page.text
    assert 'action="/retention/purge"' in page.text
    assert "/retention/" in keeper.get("/").text, "the menu leads there"
    assert purges(keeper, stage).status_code == 302
    after = keeper.get("/retention/").text
    assert 'action="/retention/purge"' not in after
    assert "5 files" in after
    again = purges(keeper, stage)
    assert again.status_code == 409
    assert "Nothing of HC-2026-00001 is due" in again.text


def test_a_purge_stands_in_the_audit_log(app: Flask, stage: Stage) -> None:
    purges(login(stage.cast, "qc"), stage)
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "purge.done")).one()
        assert (entry.account, entry.subject_name) == ("qc", "HC-2026-00001")
        assert entry.detail["files"] == 5
        assert "Rahasia" not in str(entry.detail)


def test_a_run_of_it_begins_and_ends_there(app: Flask, stage: Stage) -> None:
    with app.app_context():
        assert [reason for _case, reason in purge.purge_due()] == [""]
        told = select(AuditEntry.action, AuditEntry.detail).where(AuditEntry.action.like("retention.%"))
        assert db.session.execute(told.order_by(AuditEntry.seq)).tuples().all() == [
            ("retention.begun", {"cases": 1}), ("retention.ended", {"cases": 1, "removed": 1})
        ]  # fmt: skip


def test_the_case_page_tells_what_was_removed(stage: Stage) -> None:
    keeper = login(stage.cast, "qc")
    purges(keeper, stage)
    page = keeper.get(f"/hard_complaint/{stage.pk}")
    assert page.status_code == 200
    assert "removed after its retention" in page.text
    assert "Rahasia" not in page.text
    assert keeper.get(f"/hard_complaint/{stage.pk}/documents/1").status_code == 404
    assert keeper.get("/hard_complaint/export.csv").status_code == 200


def test_a_hold_is_set_and_released(stage: Stage) -> None:
    keeper = login(stage.cast, "qc")
    assert keeper.post("/retention/hold", data={"number": "HC-2026-00001", "reason": " "}).status_code == 422
    assert keeper.post("/retention/hold", data={"number": "HC-0", "reason": "Perkara"}).status_code == 404
    assert keeper.post("/retention/hold", data={"number": "HC-2026-00001", "reason": "Perkara"}).status_code == 302
    page = keeper.get("/retention/").text
    assert "Perkara" not in page, "a reason tells of people, and theirs is masked for QC"
    assert "Perkara" in login(stage.cast, "supervisor").get("/retention/").text
    assert 'action="/retention/purge"' not in page
    assert purges(keeper, stage).status_code == 409
    assert keeper.post("/retention/release", data={"hold": 1, "reason": "Selesai"}).status_code == 302
    assert purges(keeper, stage).status_code == 302


def test_a_supervisor_reads_and_does_nothing(stage: Stage) -> None:
    browser = login(stage.cast, "supervisor")
    page = browser.get("/retention/")
    assert page.status_code == 200
    assert "HC-2026-00001" in page.text
    assert '<form method="post" action="/retention/' not in page.text
    assert purges(browser, stage).status_code == 403
    assert browser.post("/retention/hold", data={"number": "HC-2026-00001", "reason": "x"}).status_code == 403
    assert browser.post("/retention/period", data={"sop": "hard_complaint", "years": "9"}).status_code == 403


def test_an_admin_sets_periods_and_purges_nothing_of_others(stage: Stage) -> None:
    browser = login(stage.cast, "admin")
    assert purges(browser, stage).status_code == 403
    assert browser.post("/retention/period", data={"sop": "hard_complaint", "years": "x"}).status_code == 400
    changed = browser.post("/retention/period", data={"sop": "somasi", "document_type": "somasi", "years": "7"})
    assert changed.status_code == 302
    assert 'value="7"' in browser.get("/retention/").text


@pytest.mark.parametrize("name", ["spv", "qco", "legal", "cs"])
def test_nobody_else_reaches_it(stage: Stage, name: str) -> None:
    browser = login(stage.cast, name)
    for answer in (browser.get("/retention/"), browser.get("/retention/due.csv"), purges(browser, stage)):
        assert answer.status_code == 403
    assert "/retention/" not in browser.get("/").text


def test_both_lists_as_csv(stage: Stage) -> None:
    keeper = login(stage.cast, "qc")
    due = rows(keeper.get("/retention/due.csv"))
    assert [(row[0], row[3], row[5], row[7]) for row in due[1:]] == [("HC-2026-00001", "2028-11-23", "5", "Yes")]
    purges(keeper, stage)
    assert len(rows(keeper.get("/retention/due.csv"))) == 1
    [done] = rows(keeper.get("/retention/purged.csv"))[1:]
    assert (done[0], done[3], done[5]) == ("HC-2026-00001", "Qc Uji", "5")


def rows(sent: TestResponse) -> list[list[str]]:
    assert sent.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(sent.get_data(as_text=True).removeprefix("\ufeff"))))
