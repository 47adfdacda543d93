"""A program reads of an SOP what its people read on its page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.sop import SOPS
from app.workflow.declaration import Sheet
from app.workflow.sheet import Change
from tests.cast import Cast

LEGAL = ["Legal", "Legal Litigasi 1", "Legal Litigasi 2", "Legal Manager"]
SHEET = Sheet(
    "FIN-07", 2, date(2026, 11, 1), "Ani", "Budi", "Citra", (Change(2, "Rule of four eyes", date(2026, 11, 20)),)
)


def read(cast: Cast, key: str, language: str = "en") -> dict[str, Any]:
    answer = cast.api("legal").get(f"/sop/{key}?_l_={language}")
    assert answer.status_code == 200
    return answer.json


def step(declared: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in declared["transitions"] if one["key"] == key)


def test_a_step_says_what_stands_in_its_way(cast: Cast) -> None:
    somasi = read(cast, "somasi")
    assert step(somasi, "approve_litigation")["four_eyes"] == ["submit_draft"]
    assert step(somasi, "suspend")["guards"] == [
        {"key": "three_months", "message": "Possible when more than 3 months have passed since the reply."}
    ]
    submit = step(somasi, "submit")
    assert submit | {"source_step": "1", "guards": [], "confidential_to": LEGAL} == submit


def test_a_field_says_its_limits(cast: Cast) -> None:
    fields = {field["key"]: field for field in step(read(cast, "intera"), "close")["fields"]}
    assert fields["satisfaction"]["rules"] == [
        {"rule": "minimum", "value": 1, "message": "“Satisfaction (1-5)” must be at least 1."},
        {"rule": "maximum", "value": 5, "message": "“Satisfaction (1-5)” must be at most 5."},
    ]
    assert fields["closing_script"]["rules"] == []


def test_a_document_says_for_whom_it_is_confidential(cast: Cast) -> None:
    documents = {one["key"]: one for one in read(cast, "somasi")["documents"]}
    assert documents["draft_tanggapan"]["confidential_to"] == LEGAL
    assert documents["somasi"]["confidential_to"] == []


def test_a_note_and_a_column_say_who_may_read_them(cast: Cast) -> None:
    somasi = read(cast, "somasi")
    assert step(somasi, "suspend")["confidential_to"] == LEGAL
    assert step(somasi, "send_response")["confidential_to"] == []
    hearing = {field["key"]: field["confidential_to"] for field in step(somasi, "record_hearing")["fields"]}
    assert hearing == {"stage": [], "hearing_date": [], "what_happened": LEGAL, "next_date": []}
    (hearings,) = somasi["records"]
    assert {column["key"]: column["confidential_to"] for column in hearings["columns"]} == hearing


def test_deadlines_with_limits_by_channel_or_a_given_day(cast: Cast) -> None:
    (pojk,) = read(cast, "pengaduan")["deadlines"]
    oral = ["inbound", "walk_in"]
    assert [(one["amount"], one["channels"], one["citation"], one["extension"]) for one in pojk["limits"]] == [
        (5, oral, "POJK 22/2023", 10), (5, oral, "POJK 18/POJK.07/2018", 20),
        (10, ["email"], "POJK 22/2023", 10), (20, ["email"], "POJK 18/POJK.07/2018", 20),
    ]  # fmt: skip
    assert [one.get("from") for one in pojk["limits"]] == ["2023-12-22", None, "2023-12-22", None]
    assert pojk["from"] == "from the opening of the case"
    assert pojk["states"] == list(SOPS["pengaduan"].open_states)
    letter = read(cast, "somasi")["deadlines"][0]
    assert (letter["limits"], letter["from"]) == ([], "until “Deadline given in the letter”")


def test_the_control_sheet(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = read(cast, "somasi")
    assert (plain["revision"], plain["sheet"]["code"], plain["sheet"]["effective"]) == (0, "", None)
    monkeypatch.setitem(SOPS, "somasi", replace(SOPS["somasi"], sheet=SHEET))
    controlled = read(cast, "somasi")
    assert controlled["revision"] == 2
    assert controlled["sheet"] == {
        "code": "FIN-07", "revision": 2, "effective": "2026-11-01", "prepared_by": "Ani", "checked_by": "Budi",
        "approved_by": "Citra", "changes": [{"revision": 2, "what": "Rule of four eyes", "on": "2026-11-20"}],
    }  # fmt: skip
