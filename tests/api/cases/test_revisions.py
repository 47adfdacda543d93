"""A program reads by which revision a case stands, and does that revision's steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.cast import Api, Cast
from tests.revised import KEY, Trial, revised


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    with revised(make_app) as made:
        yield made


@pytest.fixture
def trial(app: Flask) -> Trial:
    return Trial(app)


@pytest.fixture
def api(cast: Cast) -> Api:
    return cast.api("cs")


def test_each_case_says_its_revision_and_offers_its_own_steps(cast: Cast, api: Api, trial: Trial) -> None:
    old = trial.old()
    assert [t["key"] for t in api.get(f"/sop/{KEY}").json["transitions"]] == ["begin", "hand_in", "check", "finish"]
    unknown = api.post(f"/{KEY}/", {"subject": "Matter", "old_remark": "x", "new_fact": "Known"})
    assert unknown.status_code == 400
    made = api.post(f"/{KEY}/", {"subject": "Matter", "new_fact": "Known", "way": "mail"})
    assert made.status_code == 201, made.text
    new = made.json["id"]
    assert (made.json["revision"], made.json["state_label"]) == (1, "Writing")
    told = api.get(f"/{KEY}/{old}").json
    assert (told["revision"], told["state_label"], told["old_remark"]) == (0, "Drafting", "Kept")
    assert told.keys() == api.get(f"/{KEY}/{new}").json.keys()
    offered = {pk: [one["key"] for one in api.get(f"/{KEY}/{pk}/actions").json] for pk in (old, new)}
    assert offered == {old: ["park", "call", "hand_in"], new: ["hand_in"]}
    papers = {pk: [one["type"] for one in api.get(f"/{KEY}/{pk}/documents").json] for pk in (old, new)}
    assert papers == {old: ["letter"], new: ["proof"]}
    assert api.post(f"/{KEY}/{new}/actions/park").status_code == 404
    assert api.post(f"/{KEY}/{new}/actions/hand_in").status_code == 422
    assert api.post(f"/{KEY}/{old}/actions/hand_in").json["state"] == "review"


def test_the_list_tells_and_filters_revisions(cast: Cast, api: Api, trial: Trial) -> None:
    old = trial.old("parked")
    new = api.post(f"/{KEY}/", {"subject": "Matter", "new_fact": "Known"}).json["id"]
    rows = {row["id"]: (row["revision"], row["state_label"]) for row in api.get(f"/{KEY}/").json["result"]}
    assert rows == {old: (0, "Parked"), new: (1, "Writing")}
    asked = '{"filters": [{"col": "revision", "opr": "eq", "value": 0}]}'
    assert api.get(f"/{KEY}/?q={asked}").json["ids"] == [old]


def test_the_history_tells_of_the_move(cast: Cast, api: Api, trial: Trial) -> None:
    pk = trial.old("parked")
    version = api.get(f"/{KEY}/{pk}").json["version"]
    assert trial.moves("New rules", parked="review") == 1
    told = api.get(f"/{KEY}/{pk}").json
    assert (told["revision"], told["state"], told["version"]) == (1, "review", version + 1)
    last = api.get(f"/{KEY}/{pk}/history").json[-1]
    assert (last["action"], last["from"], last["to"], last["note"], last["changes"]) == (
        "move_revision", "parked", "review", "New rules", {"revision": [0, 1]}
    )  # fmt: skip
    assert api.get(f"/{KEY}/{pk}/actions").json == []
    assert [one["key"] for one in cast.api("qc").get(f"/{KEY}/{pk}/actions").json] == ["check"]
    stale = api.post(f"/{KEY}/{pk}/actions/hand_in", {"version": version})
    assert stale.status_code == 409
    assert [one["action"] for one in stale.json["changes"]] == ["move_revision"]


def test_openapi_describes_the_steps_and_documents_of_both(api: Api) -> None:
    spec = api.get("/_openapi").json
    act = spec["paths"][f"/api/v1/{KEY}/{{pk}}/actions/{{key}}"]["post"]
    [step] = [one["schema"]["enum"] for one in act["parameters"] if one["name"] == "key"]
    assert {"park", "check", "hand_in"} <= set(step)
    assert "begin" not in step
