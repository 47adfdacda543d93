"""One step on many cases, for programs: each for itself, with a result of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from tests.api.stage import UNIT, fill_master_data
from tests.cast import Api, Cast
from tests.services.cases.test_transitions import REPORT


@pytest.fixture
def stage(app: Flask) -> Cast:
    fill_master_data(app)
    return Cast(app)


@pytest.fixture
def anisa(stage: Cast) -> Api:
    return stage.api("anisa", "unit", unit=UNIT)


def outages(stage: Cast, how_many: int) -> list[dict[str, Any]]:
    cso = stage.api("cso")
    made = [cso.post("/gangguan/", REPORT | {"posko": "POSKO"}) for _ in range(how_many)]
    assert {one.status_code for one in made} == {201}, made[0].text
    return [one.json for one in made]


def test_each_case_for_itself(stage: Cast, anisa: Api) -> None:
    """Of five one has moved on, one is not there and one was seen as it no longer is: the others are done."""
    first, second, moved, changed = outages(stage, 4)
    anisa.post(f"/gangguan/{moved['id']}/actions/assign_crew", {"crew": "CREW"})
    ids = [first["id"], moved["id"], second["id"], first["id"], 99_999, changed["id"]]
    versions = {str(changed["id"]): changed["version"] - 1}
    sent = {"ids": ids, "crew": "CREW", "note": "Regu pagi", "versions": versions}
    told = anisa.post("/gangguan/bulk/assign_crew", sent)
    assert told.status_code == 200, told.text
    assert told.json["done"] == [
        {"id": one["id"], "number": one["number"], "state": "crew_assigned", "version": one["version"] + 1}
        for one in (first, second)
    ]
    assert [(one["id"], one["status"]) for one in told.json["refused"]] == [
        (moved["id"], 409), (99_999, 404), (changed["id"], 409),
    ]  # fmt: skip
    alone = anisa.post(f"/gangguan/{moved['id']}/actions/assign_crew", {"crew": "CREW"}).json
    assert told.json["refused"][0]["message"] == alone["message"]
    assert [event["note"] for event in anisa.get(f"/gangguan/{first['id']}/history").json][1:] == ["Regu pagi"]
    again = anisa.post("/gangguan/bulk/assign_crew", sent).json
    assert again["done"] == []
    assert "Anisa Uji" in again["refused"][0]["message"]
    assert len(anisa.get(f"/gangguan/{first['id']}/history").json) == 2, "nothing is done twice"


def test_what_is_lacking_and_whose_role_it_is_not(stage: Cast, anisa: Api) -> None:
    [case] = outages(stage, 1)
    [lacking] = anisa.post("/gangguan/bulk/assign_crew", {"ids": [case["id"]]}).json["refused"]
    assert (lacking["status"], lacking["missing"][0]["key"]) == (422, "crew")
    [unread] = anisa.post("/gangguan/bulk/assign_crew", {"ids": [case["id"]], "crew": "?", "x": 1}).json["refused"]
    assert (unread["status"], {one["key"] for one in unread["missing"]}) == (400, {"crew", "x"})
    [barred] = (
        stage.api("cso").post("/gangguan/bulk/assign_crew", {"ids": [case["id"]], "crew": "CREW"}).json["refused"]
    )
    assert barred["status"] == 403
    elsewhere = stage.api("lain", "unit", unit="ULP-BGR")
    [unseen] = elsewhere.post("/gangguan/bulk/assign_crew", {"ids": [case["id"]], "crew": "CREW"}).json["refused"]
    assert unseen["status"] == 404


def test_claims_of_many(stage: Cast, anisa: Api) -> None:
    budi, ids = stage.api("budi", "unit", unit=UNIT), [one["id"] for one in outages(stage, 3)]
    budi.post(f"/gangguan/{ids[0]}/holder", {"username": "budi"})
    taken = anisa.post("/gangguan/bulk/take", {"ids": ids}).json
    assert [one["id"] for one in taken["done"]] == ids[1:]
    assert "Budi Uji" in taken["refused"][0]["message"]
    given = anisa.post("/gangguan/bulk/hand_over", {"ids": ids[1:], "username": "budi", "note": "Cuti"}).json
    assert len(given["done"]) == 2
    assert anisa.get(f"/gangguan/{ids[1]}").json["holder"] == "budi"
    assert len(budi.post("/gangguan/bulk/put_back", {"ids": ids}).json["done"]) == 3
    assert anisa.get(f"/gangguan/{ids[2]}").json["holder"] is None


@pytest.mark.parametrize(
    ("body", "step", "status"),
    [
        ({}, "depart", 400), ({"ids": []}, "depart", 400), ({"ids": "1"}, "depart", 400),
        ({"ids": ["1"]}, "depart", 400), ({"ids": [True]}, "depart", 400), ({"ids": [1.5]}, "depart", 400),
        ({"ids": list(range(1, 202))}, "depart", 400), ({"ids": [1], "note": 3}, "depart", 400),
        ({"ids": [1], "versions": [1]}, "depart", 400), ({"ids": [1], "versions": {"x": 1}}, "depart", 400),
        ({"ids": [1], "versions": {"1": "x"}}, "depart", 400), ({"ids": [1], "crew": "x"}, "take", 400),
        ({"ids": [1], "username": 3}, "hand_over", 400), ({"ids": [1]}, "report", 404), ({"ids": [1]}, "no_step", 404),
        ({"ids": [0, -1, 10**30]}, "depart", 200),
    ],
)  # fmt: skip
def test_nonsense(anisa: Api, body: dict[str, Any], step: str, status: int) -> None:
    told = anisa.post(f"/gangguan/bulk/{step}", body)
    assert told.status_code == status, told.text
    assert status != 200 or {one["status"] for one in told.json["refused"]} == {404}


def test_nobody_sends_it_without_end(make_app: Callable[..., Flask]) -> None:
    """Limited by user; other calls of the same resource are not."""
    cast = Cast(make_app(RATELIMIT_ENABLED=True, RATELIMIT_KEY_PREFIX=uuid.uuid4().hex))
    legal, other = cast.api("legal"), cast.api("admin", "Admin")
    answers = [legal.post("/somasi/bulk/take", {"ids": [1]}).status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    assert other.post("/somasi/bulk/take", {"ids": [1]}).status_code == 200
    assert legal.post("/somasi/1/holder", {"username": None}).status_code == 404


def test_what_is_sent_fits_what_is_described(anisa: Api) -> None:
    described = anisa.get("/_openapi").json
    operation = described["paths"]["/api/v1/gangguan/bulk/{step}"]["post"]
    sent = operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert {"$ref": "#/components/schemas/GangguanApi.claims"} in sent
    assign = Draft202012Validator(described["components"]["schemas"]["GangguanApi.assign_crew.many"])
    assert list(assign.iter_errors({"ids": [1, 2], "crew": "CREW", "versions": {"1": 3}, "note": "x"})) == []
    for wrong in ({"crew": "CREW"}, {"ids": [], "crew": "CREW"}, {"ids": [1]}, {"ids": [1], "crew": "CREW", "x": 1}):
        assert list(assign.iter_errors(wrong)), wrong
    [step] = operation["parameters"]
    assert {"assign_crew", "take", "put_back", "hand_over"} <= set(step["schema"]["enum"])
