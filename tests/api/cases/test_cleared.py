"""What a program sends empty is emptied; what it does not send stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.api.stories.test_intera import complaint
from tests.api.story import Story
from tests.cast import Api, Cast
from tests.sampler import TYPED, sampler

FILLED = {key: kept for key, (_typed, kept) in TYPED.items()}
PATH = "/sampler/1"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    with sampler(make_app) as made:
        yield made


@pytest.fixture
def api(cast: Cast) -> Api:
    """Somebody who has filled in everything once."""
    found = cast.api("cs")
    made = found.post("/sampler/", FILLED)
    assert made.status_code == 201, made.text
    return found


def fields(api: Api) -> dict[str, Any]:
    result: dict[str, Any] = api.get(PATH).json
    return {key: result[key] for key in TYPED}


def last(api: Api) -> dict[str, Any]:
    result: dict[str, Any] = api.get(f"{PATH}/history").json[-1]["changes"]
    return result


def amend(api: Api, **answers: Any) -> None:
    done = api.post(f"{PATH}/actions/amend", answers)
    assert done.status_code == 200, done.text


def test_what_is_not_sent_stays(api: Api) -> None:
    amend(api)
    assert fields(api) == FILLED
    amend(api, subject="Lain")
    assert fields(api) == FILLED | {"subject": "Lain"}
    assert last(api) == {"subject": ["Judul", "Lain"]}


@pytest.mark.parametrize("key", TYPED)
def test_null_empties(api: Api, key: str) -> None:
    amend(api, **{key: None})
    assert fields(api) == FILLED | {key: None}
    assert last(api) == {key: [FILLED[key], None]}
    amend(api, **{key: None})
    assert last(api) == {}


@pytest.mark.parametrize("key", TYPED)
def test_an_empty_text_empties(api: Api, key: str) -> None:
    amend(api, **{key: ""})
    # A box that is sent empty is one that is not ticked.
    empty = False if key == "tick" else None
    assert fields(api) == FILLED | {key: empty}
    assert last(api) == {key: [FILLED[key], empty]}


@pytest.mark.parametrize("key", TYPED)
def test_an_empty_part_of_a_form_empties(api: Api, key: str) -> None:
    sent = api.client.post(
        f"/api/v1{PATH}/actions/amend", data={key: ""}, headers=api.headers, content_type="multipart/form-data"
    )
    assert sent.status_code == 200, sent.text
    assert not fields(api)[key]
    assert {k: v for k, v in fields(api).items() if k != key} == {k: v for k, v in FILLED.items() if k != key}


@pytest.mark.parametrize("empty", [None, "", []])
def test_rows_that_a_form_asks_for_whole_are_emptied_others_stay(api: Api, empty: Any) -> None:
    one = [{"what": "Satu", "how_many": 1}]
    amend(api, mended=one)
    assert api.post(f"{PATH}/actions/add", one[0]).status_code == 200
    amend(api)
    assert [len(api.get(PATH).json[key]) for key in ("mended", "added")] == [1, 1]
    amend(api, mended=empty)
    assert [len(api.get(PATH).json[key]) for key in ("mended", "added")] == [0, 1]
    assert last(api) == {"mended": []}


def coo_decides(cast: Cast) -> Story:
    """The client has declined what the COO had agreed to: an amount and something in kind."""
    story = complaint(cast, "compensation_review")
    story.does("coo", "agree_compensation", compensation_amount=500_000, compensation_in_kind="Voucher")
    story.does("pic", "client_declines", note="Minta yang lain")
    return story


def test_what_is_needed_goes_by_what_was_emptied(cast: Cast) -> None:
    """Neither the amount nor what is given in kind counts from the last time, when both are taken back."""
    story = coo_decides(cast)
    lacking = story.is_refused(422, "coo", "agree_compensation", compensation_amount=None, compensation_in_kind="")
    assert lacking["field"] == {"compensation_amount"}
    case = story.does("coo", "agree_compensation", compensation_amount=None, compensation_in_kind="Perangkat baru")
    assert (case["compensation_amount"], case["compensation_in_kind"]) == (None, "Perangkat baru")
    changes = story.history("coo")[-1]["changes"]
    assert changes["compensation_amount"] == [500_000, None]


def test_a_program_that_sends_the_amount_alone_leaves_the_rest(cast: Cast) -> None:
    case = coo_decides(cast).does("coo", "agree_compensation", compensation_amount=700_000)
    assert (case["compensation_amount"], case["compensation_in_kind"]) == (700_000, "Voucher")


def test_a_tick_that_must_be_given_is_sent_with_each_call(api: Api) -> None:
    """That it was given the last time does not count, and no program gets it as a proposal."""
    path = f"{PATH}/actions/attest"
    assert api.post(path, {"attested": True, "remark": "x"}).status_code == 200
    assert api.get(PATH).json["attested"] is True
    for answers in ({}, {"attested": False}, {"attested": None}, {"attested": ""}):
        refused = api.post(path, answers | {"remark": "x"})
        assert refused.status_code == 422, refused.text
        assert [(error["kind"], error["key"]) for error in refused.json["missing"]] == [("field", "attested")]
    [action] = [one for one in api.get(f"{PATH}/actions").json if one["key"] == "attest"]
    assert {field["key"]: field.get("value") for field in action["fields"]} == {"attested": None, "remark": "x"}
    assert api.post(path, {"attested": True, "remark": "x"}).status_code == 200
