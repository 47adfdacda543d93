"""Claims on cases, and the answer to a late save, for programs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.api.stage import UNIT, fill_master_data
from tests.cast import Api, Cast
from tests.services.cases.test_transitions import REPORT


@pytest.fixture
def stage(app: Flask) -> Cast:
    fill_master_data(app)
    return Cast(app)


@pytest.fixture
def path(stage: Cast) -> str:
    made = stage.api("cso").post("/keluhan/", REPORT | {"posko": "POSKO"})
    assert made.status_code == 201, made.text
    assert made.json["holder"] is None
    return f"/keluhan/{made.json['id']}"


@pytest.fixture
def anisa(stage: Cast) -> Api:
    return stage.api("anisa", "unit", unit=UNIT)


@pytest.fixture
def budi(stage: Cast) -> Api:
    return stage.api("budi", "unit", unit=UNIT)


def test_take_hand_over_put_back(path: str, anisa: Api, budi: Api) -> None:
    taken = anisa.post(f"{path}/holder", {"username": "anisa"})
    assert (taken.status_code, taken.json["holder"]) == (200, "anisa")
    assert [task["id"] for task in budi.get("/worklist").json["mine"]] == []
    given = anisa.post(f"{path}/holder", {"username": "budi", "note": "Cuti"})
    assert (given.status_code, given.json["holder"]) == (200, "budi")
    assert given.json["version"] == taken.json["version"]
    listed = anisa.get("/keluhan/", query_string={"q": "(filters:!((col:holder,opr:eq,value:budi)))"}).json
    assert [row["holder"] for row in listed["result"]] == ["budi"]
    back = budi.post(f"{path}/holder", {"username": None})
    assert (back.status_code, back.json["holder"]) == (200, None)
    actions = [event["action"] for event in anisa.get(f"{path}/history").json]
    assert actions[1:] == ["take", "hand_over", "put_back"]


def test_refusals(stage: Cast, path: str, anisa: Api, budi: Api) -> None:
    anisa.post(f"{path}/holder", {"username": "anisa"})
    late = budi.post(f"{path}/holder", {"username": "budi"})
    assert late.status_code == 409
    assert "Anisa Uji" in late.json["message"]
    assert budi.post(f"{path}/holder", {"username": None}).status_code == 403
    assert budi.post(f"{path}/holder", {"username": "anisa"}).status_code == 403
    assert anisa.post(f"{path}/holder", {"username": "nobody"}).status_code == 400
    assert stage.api("cso").post(f"{path}/holder", {"username": "cso"}).status_code == 403
    assert stage.api("lain", "unit", unit="ULP-BGR").post(f"{path}/holder", {"username": "lain"}).status_code == 404
    assert stage.api("legal").post(f"{path}/holder", {"username": "legal"}).status_code == 403
    assert stage.app.test_client().post(f"/api/v1{path}/holder", json={"username": "x"}).status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"username": 5}, {"username": ["anisa"]}, {"name": "anisa"}, {"username": "anisa", "colour": "red"},
             {"username": "", "note": 3}, {"username": "an\x00isa\x00x"}, {"username": ""}],
)  # fmt: skip
def test_nonsense(path: str, anisa: Api, body: dict[str, Any]) -> None:
    anisa.post(f"{path}/holder", {"username": "anisa"})
    assert anisa.post(f"{path}/holder", body).status_code == 400


def test_a_late_save_gets_what_was_done(stage: Cast, path: str, anisa: Api) -> None:
    version = anisa.get(path).json["version"]
    assert anisa.post(f"{path}/actions/start", {"note": "Regu jalan"}).status_code == 200
    answer = stage.api("budi", "unit", unit=UNIT).post(f"{path}/actions/start", {"version": version})
    assert answer.status_code == 409
    assert set(answer.json) == {"message", "missing", "changes"}
    [event] = answer.json["changes"]
    assert (event["action"], event["actor"], event["note"]) == ("start", "Anisa Uji", "Regu jalan")
    assert "Anisa Uji" in answer.json["message"]


@pytest.mark.parametrize("version", [10**30, -(10**30), 0])
def test_a_version_out_of_this_world(path: str, anisa: Api, version: int) -> None:
    answer = anisa.post(f"{path}/actions/start", {"version": version})
    assert answer.status_code == 409
    assert len(answer.json.get("changes", [])) == (0 if version > 0 else 1)
