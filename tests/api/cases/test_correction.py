"""What a case has is corrected, by who may, with a reason; what was there before stays in the history."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Case, Clock
from app.services.core import history
from tests.api.stage import fill_master_data
from tests.api.story import SCAN, Story
from tests.cast import Cast
from tests.panel.helpers import FROM_CS, REPORT, SOMASI, posko
from tests.services.running import CALL, DONE, HARD

WRONG, RIGHT = "0812 3456 7890", "0811 2222 333"


@pytest.fixture
def cast(app: Flask) -> Cast:
    fill_master_data(app)
    return Cast(app)


@pytest.fixture
def story(cast: Cast) -> Story:
    """A letter that Legal has recorded."""
    made = cast.api("legal").post("/somasi/", SOMASI, files={"somasi": SCAN})
    assert made.status_code == 201, made.text
    story = Story.__new__(Story)
    story.cast, story.sop, story.people, story.case = cast, "somasi", {}, made.json
    story.path = f"/somasi/{made.json['id']}"
    return story


def corrects(story: Story, name: str, reason: str = "Salah ketik", **fields: Any) -> TestResponse:
    return story.by(name).post(f"{story.path}/corrections", {"reason": reason, **fields})


def refused(story: Story, status: int, name: str, reason: str = "Salah ketik", **fields: Any) -> dict[str, set[str]]:
    """Keys of what is wrong, by kind; the case is as it was."""
    answer = corrects(story, name, reason, **fields)
    assert answer.status_code == status, answer.text
    assert answer.json["message"]
    assert story.by(name).get(story.path).json["version"] == story.case["version"]
    wrong: dict[str, set[str]] = {}
    for one in answer.json.get("missing", ()):
        wrong.setdefault(one["kind"], set()).add(one["key"])
    return wrong


def found(story: Story, name: str, words: str) -> list[str]:
    return [one["number"] for one in story.by(name).get(f"/search?q={words}").json]


def test_a_wrong_phone_is_put_right_and_both_are_told(story: Story) -> None:
    done = corrects(story, "legal_litigasi_1", customer_phone=RIGHT, version=story.case["version"])
    assert done.status_code == 200, done.text
    assert done.json["customer_phone"] == RIGHT
    assert done.json["version"] > story.case["version"]
    assert done.json["state"] == story.case["state"]
    last = story.history("legal")[-1]
    assert (last["action"], last["note"], last["from"], last["to"]) == (
        "correct", "Salah ketik", story.case["state"], story.case["state"],
    )  # fmt: skip
    assert last["changes"] == {"customer_phone": [WRONG, RIGHT]}
    assert found(story, "legal", "08112222333") == [story.case["number"]]
    assert found(story, "legal", "081234567890") == []
    with story.cast.app.app_context():
        assert list(history.verify(db.session())) == []
        assert db.session.get(Case, story.case["id"]).reporter_phone == "+628112222333"  # type: ignore[union-attr]


def test_a_deadline_follows_the_corrected_day(story: Story) -> None:
    before = story.case["due_at"]
    done = corrects(story, "legal", letter_deadline="2029-06-30").json
    assert before[:10] != done["due_at"][:10] == "2029-06-30"
    assert [one["due"] for one in done["deadlines"]] == [done["due_at"]]
    with story.cast.app.app_context():
        [clock] = db.session.query(Clock).all()
        assert (clock.outcome, clock.key) == ("", "letter"), "no deadline was kept or missed by a slip of the pen"
    done = corrects(story, "legal", letter_deadline=None).json
    assert (done["due_at"], done["deadlines"]) == (None, [])
    with story.cast.app.app_context():
        assert [clock.outcome for clock in db.session.query(Clock)] == ["void"]


def test_another_channel_is_another_limit(cast: Cast) -> None:
    """POJK 22/2023: five working days for what was told, ten for what was written."""
    story = Story(cast, "pengaduan", "cs", **CALL)
    oral = story.case["due_at"]
    done = corrects(story, "cs", channel="email", email="nur@example.test")
    assert done.status_code == 200, done.text
    assert done.json["due_at"] > oral
    back = corrects(story, "cs", channel="inbound")
    assert back.json["due_at"] == oral


def test_whose_step_did_not_ask_is_refused(story: Story) -> None:
    assert refused(story, 403, "cs", customer_phone=RIGHT) == {"role": {"|".join(_legal())}}
    assert refused(story, 403, "supervisor", customer_phone=RIGHT) == {"role": {"|".join(_legal())}}
    story.does("cs", "submit_documents", *FROM_CS, offered_compensation=5)
    assert refused(story, 403, "cs", customer_phone=RIGHT) == {"role": {"customer_phone"}}
    assert refused(story, 403, "legal", offered_compensation=7) == {"role": {"offered_compensation"}}
    assert corrects(story, "cs", offered_compensation=7).json["offered_compensation"] == 7
    assert story.by("cso").post(f"{story.path}/corrections", {"reason": "x"}).status_code == 403


def _legal() -> list[str]:
    return ["Legal", "Legal Litigasi 1", "Legal Litigasi 2", "Legal Manager"]


def test_reason_difference_and_sense_are_asked(story: Story) -> None:
    assert refused(story, 422, "legal", " ", customer_phone=RIGHT) == {"note": {"note"}}
    assert refused(story, 422, "legal") == {}
    same = {key: story.case[key] for key in ("customer_phone", "letter_date", "claimed_amount", "chronology")}
    assert refused(story, 422, "legal", **same) == {}
    assert refused(story, 422, "legal", sender=None, customer_phone=RIGHT) == {"field": {"sender"}}
    assert refused(story, 400, "legal", customer_phone="bukan nomor") == {"invalid": {"customer_phone"}}
    assert refused(story, 400, "legal", offered_compensation=1) == {"invalid": {"offered_compensation"}}
    assert refused(story, 400, "legal", customer_phne=RIGHT) == {"invalid": {"customer_phne"}}
    assert refused(story, 400, "legal", fields={"nothing": 1}) == {"invalid": {"nothing"}}
    assert corrects(story, "legal", fields={"sender": "Kantor Hukum Jaya"}).json["sender"] == "Kantor Hukum Jaya"


def test_who_corrects_second_is_told(story: Story) -> None:
    version = story.case["version"]
    assert corrects(story, "legal", customer_phone=RIGHT, version=version).status_code == 200
    late = corrects(story, "legal_manager", customer_phone=WRONG, version=version)
    assert late.status_code == 409
    assert [one["changes"] for one in late.json["changes"]] == [{"customer_phone": [WRONG, RIGHT]}]
    assert story.by("legal").get(story.path).json["customer_phone"] == RIGHT


def test_a_closed_case_is_corrected_by_whom_the_procedure_names(cast: Cast) -> None:
    story = Story(cast, "pengaduan", "cs", **CALL)
    story.does("cs", "answer", **DONE)
    assert story.case["kind"] == "final"
    assert refused(story, 403, "cs", phone=RIGHT) == {"role": {"Supervisor"}}
    done = corrects(story, "supervisor", phone=RIGHT, answer="Sudah dijelaskan")
    assert done.status_code == 200, done.text
    assert (done.json["phone"], done.json["closed_at"]) == (RIGHT, story.case["closed_at"])
    story.case = done.json
    assert refused(story, 400, "supervisor", number_told=False) == {"invalid": {"number_told"}}, "somebody attested it"


def test_rows_are_corrected_by_their_id(story: Story) -> None:
    story.does("cs", "submit_documents", *FROM_CS, offered_compensation=1)
    story.does("legal_litigasi_1", "accept_documents")
    story.does("legal_litigasi_1", "submit_draft", "draft_tanggapan", "analisis_kasus")
    story.does("legal", "continue_court", "gugatan_pengadilan", court="PN Depok", court_case_number="7",
               registered_date="2026-11-18")  # fmt: skip
    hearing = {"stage": "mediasi", "hearing_date": "2026-11-18", "next_date": "2026-12-07"}
    story.does("legal", "record_hearing", **hearing, what_happened="Saksi mangkir")
    [row] = story.case["hearings"]
    done = corrects(story, "legal", "Salah tanggal", hearings=[{"id": row["id"], "next_date": "2026-12-09"}])
    assert done.status_code == 200, done.text
    assert done.json["hearings"] == [row | {"next_date": "2026-12-09"}]
    assert {one["key"]: one["due"][:10] for one in done.json["deadlines"]}["hearing"] == "2026-12-09"
    assert story.history("legal")[-1]["changes"] == {
        "hearings": [{"id": row["id"], "next_date": ["2026-12-07", "2026-12-09"]}]
    }
    # What happened is for Legal alone: so is the reason for its correction, not that for the day's.
    assert story.history("cs")[-1]["note"] == "Salah tanggal"
    told = corrects(story, "legal", "Saksi Adi", hearings=[{"id": row["id"], "what_happened": "Saksi hadir"}])
    assert told.status_code == 200, told.text
    assert story.history("legal")[-1]["note"] == "Saksi Adi"
    assert story.history("cs")[-1]["note"] == "***"
    assert story.history("cs")[-1]["changes"] == {"hearings": [{"id": row["id"]}]}
    story.case = story.by("legal").get(story.path).json
    assert refused(story, 403, "cs", hearings=[{"id": row["id"], "next_date": "2026-12-10"}]) == {}
    assert refused(story, 422, "legal", hearings=[{"id": row["id"], "hearing_date": None}])
    assert refused(story, 404, "legal", hearings=[{"id": row["id"] + 1, "next_date": "2026-12-10"}]) == {}
    assert refused(story, 400, "legal", hearings=[{"next_date": "2026-12-10"}]) == {"invalid": {"hearings"}}
    assert refused(story, 400, "legal", hearings=[{"id": row["id"]}, {"id": row["id"]}]) == {}


def test_what_comes_masked_is_not_corrected(cast: Cast) -> None:
    """Neither personal data nor what was written at length, by who gets them masked."""
    story = Story(cast, "hard_complaint", "spv", **HARD)
    cast.user("spv_qc", "spv", "qc")
    assert corrects(story, "spv_qc", complaint="Nada tinggi").status_code == 200
    assert corrects(story, "qc", complaint="x").status_code == 403


def test_the_unit_goes_with_the_corrected_place(cast: Cast) -> None:
    posko(cast.app)
    story = Story(cast, "keluhan", "cso", **REPORT)
    cast.user("di_menteng", "unit", unit="ulp_menteng")
    assert story.by("di_menteng").post(f"{story.path}/holder", {"username": "di_menteng"}).status_code == 200
    done = corrects(story, "cso", posko="POSKO")
    assert done.status_code == 200, done.text
    assert done.json["holder"] is None, "who does not see the case any more does not hold it"
    assert story.by("di_menteng").get(story.path).status_code == 404


def test_who_is_named_in_the_reason_is_told(story: Story) -> None:
    story.cast.user("legal_manager")
    assert corrects(story, "legal", "Lihat @legal_manager", customer_phone=RIGHT).status_code == 200
    [notice] = [one for one in story.by("legal_manager").get("/notices").json["result"] if one["kind"] == "mention"]
    assert notice["action"] == "correct"


def test_it_is_no_step_of_the_procedure(story: Story) -> None:
    assert "correct" not in {one["key"] for one in story.by("legal").get(f"{story.path}/actions").json}
    assert story.by("legal").post(f"{story.path}/actions/correct", {"note": "x"}).status_code == 404
