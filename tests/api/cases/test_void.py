"""A case that should never have been is declared void: it keeps its number and its page, and counts nowhere."""

from __future__ import annotations

from typing import Any

import prison
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Case, Clock
from app.services.core import history
from app.sop.pengaduan import ojk
from app.sop.pengaduan.due_report import Quarter
from tests.api.stage import fill_master_data
from tests.api.story import SCAN, Story
from tests.cast import Cast
from tests.panel.helpers import REPORT, posko
from tests.services.running import CALL, DONE


@pytest.fixture
def cast(app: Flask) -> Cast:
    fill_master_data(app)
    return Cast(app)


@pytest.fixture
def story(cast: Cast) -> Story:
    """A complaint, which two people declare void."""
    return Story(cast, "pengaduan", "cs", **CALL)


@pytest.fixture
def report(cast: Cast) -> Story:
    """An outage report, which one declares void."""
    posko(cast.app)
    return Story(cast, "keluhan", "cso", **REPORT)


def voids(story: Story, name: str, reason: str = "Tercatat dua kali", **more: Any) -> TestResponse:
    return story.by(name).post(f"{story.path}/void", {"reason": reason, **more})


def refused(story: Story, status: int, name: str, reason: str = "Tercatat dua kali", **more: Any) -> dict[str, str]:
    answer = voids(story, name, reason, **more)
    assert answer.status_code == status, answer.text
    assert answer.json["message"]
    assert story.by(name).get(story.path).json["voided_at"] is None
    return {one["kind"]: one["key"] for one in answer.json.get("missing", ())}


def listed(story: Story, name: str, query: Any = None) -> list[int]:
    asked = f"?q={prison.dumps(query)}" if query else ""
    ids: list[int] = story.by(name).get(f"/{story.sop}/{asked}").json["ids"]
    return ids


def test_one_asks_and_another_decides(story: Story) -> None:
    asked = voids(story, "cs", version=story.case["version"])
    assert asked.status_code == 200, asked.text
    assert (asked.json["voided_at"], asked.json["void_asked_by"]) == (None, "Cs Uji")
    assert listed(story, "cs") == [story.case["id"]]
    assert refused(story, 403, "cs") == {"four_eyes": "ask_void"}
    story.cast.user("cs_2", "cs")
    assert refused(story, 403, "cs_2") == {"role": "Supervisor"}
    done = voids(story, "supervisor", "Benar, ganda")
    assert done.status_code == 200, done.text
    assert (done.json["number"], done.json["state"]) == (story.case["number"], story.case["state"])
    assert done.json["voided_at"] == done.json["closed_at"] is not None
    assert (done.json["due_at"], done.json["deadlines"], done.json["void_asked_by"]) == (None, [], None)
    told = [(one["action"], one["note"]) for one in story.history("cs")][-2:]
    assert told == [("ask_void", "Tercatat dua kali"), ("void", "Benar, ganda")]
    with story.cast.app.app_context():
        assert {clock.outcome for clock in db.session.query(Clock)} == {"void"}
        assert list(history.verify(db.session())) == []


def test_whoever_decides_may_ask_but_not_both(story: Story) -> None:
    assert voids(story, "supervisor").status_code == 200
    assert refused(story, 403, "supervisor") == {"four_eyes": "ask_void"}
    story.cast.user("supervisor_2", "supervisor")
    assert voids(story, "supervisor_2").json["voided_at"]


def test_a_request_is_declined_or_withdrawn(story: Story) -> None:
    assert refused(story, 409, "supervisor", decline=True) == {}
    for name in ("supervisor", "cs"):
        assert voids(story, "cs").status_code == 200
        assert refused(story, 422, name, " ", decline=True) == {"note": "note"}
        assert voids(story, name, "Bukan ganda", decline=True).json["void_asked_by"] is None
    assert [one["action"] for one in story.history("cs")][-1] == "refuse_void"
    kinds = {one["kind"] for one in story.by("cs").get("/notices").json["result"]}
    assert "approved" in kinds


def test_who_decides_is_told(story: Story) -> None:
    story.cast.user("supervisor")
    assert voids(story, "cs").status_code == 200
    kinds = {one["kind"]: one["message"] for one in story.by("supervisor").get("/notices").json["result"]}
    assert story.case["number"] in kinds["void_asked"]


def test_role_reason_and_version(report: Story) -> None:
    assert refused(report, 403, "cso") == {"role": "Supervisor"}
    assert refused(report, 422, "supervisor", " ") == {"note": "note"}
    assert refused(report, 400, "supervisor", nothing=1) == {}
    assert refused(report, 409, "supervisor", version=report.case["version"] - 1) == {"state": report.case["state"]}
    assert report.by("legal").post(f"{report.path}/void", {"reason": "x"}).status_code in (403, 404)
    assert voids(report, "supervisor").json["voided_at"]
    again = voids(report, "supervisor")
    assert again.status_code == 409


def test_nothing_more_is_done_on_it(report: Story) -> None:
    unit = report.cast.user("di_menteng", "unit", unit="ulp_menteng")
    assert report.by(unit).post(f"{report.path}/holder", {"username": unit}).status_code == 200
    report.case = voids(report, "supervisor").json
    assert report.case["holder"] is None
    assert report.buttons(unit) == {}
    report.is_refused(409, unit, "start")
    for path, body in (("holder", {"username": unit}), ("corrections", {"reason": "x", "name": "y"})):
        assert report.by("cso" if path != "holder" else unit).post(f"{report.path}/{path}", body).status_code == 409


def test_no_document_is_added_to_it(story: Story) -> None:
    assert voids(story, "cs").status_code == voids(story, "supervisor").status_code == 200
    kind = story.by("cs").get("/sop/pengaduan").json["documents"][0]["key"]
    sent = story.by("cs").post(f"{story.path}/documents", {"type": kind}, files={"file": SCAN})
    assert sent.status_code == 409, sent.text


def test_it_is_left_out_of_lists_tasks_and_reports_and_is_found(report: Story) -> None:
    unit = report.cast.user("di_menteng", "unit", unit="ulp_menteng")
    number = report.case["number"]
    assert number in {one["number"] for one in report.by(unit).get("/worklist").json["mine"]}
    assert voids(report, "supervisor").status_code == 200
    assert listed(report, "supervisor") == []
    since = {"filters": [{"col": "voided_at", "opr": "gt", "value": "2000-01-01 00:00"}]}
    assert listed(report, "supervisor", since) == [report.case["id"]]
    work = report.by(unit).get("/worklist").json
    assert number not in str(work)
    for key in ("cases-keluhan", "events-keluhan", "deadlines"):
        assert number not in report.by("supervisor").get(f"/reports/{key}?format=csv").text
    [hit] = report.by("supervisor").get(f"/search/?q={number}").json
    assert (hit["number"], hit["void"]) == (number, True)
    assert report.by("cso").post("/keluhan/", REPORT).json["similar"] == []


def test_a_closed_complaint_leaves_the_figures_of_ojk(story: Story) -> None:
    story.does("cs", "answer", **DONE)
    closed = story.case["closed_at"]
    with story.cast.app.test_request_context():
        case = db.session.get(Case, story.case["id"])
        assert case is not None
        quarter = Quarter.of(case.created_at.date())
        assert sum(line.received for line in ojk.lines(quarter)) == 1
    assert voids(story, "cs").status_code == 200
    done = voids(story, "supervisor").json
    assert done["closed_at"] == closed
    with story.cast.app.test_request_context():
        assert ojk.lines(quarter) == []
