"""Generated requests, right and wrong ones, over everything that the API describes, as three roles: whatever is asked,
nothing breaks, and what is answered is one of the answers of the contract."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import Phase, given
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from werkzeug.test import TestResponse

from app.sop import SOPS
from tests import figures
from tests.api.stage import walker
from tests.cast import Api, Cast
from tests.fuzz.conftest import tries

pytestmark = pytest.mark.slow
ROLES = ("Admin", "CS", "QC")
#: Of each operation, right requests and wrong ones.
EACH = {GenerationMode.POSITIVE: 2, GenerationMode.NEGATIVE: 2}
#: A part of the house is away, and says so.
AWAY = 503
ANSWERS = {200, 201, 204, 302, 400, 401, 403, 404, 405, 406, 409, 413, 415, 416, 422, 428, 429, AWAY}


@pytest.fixture(scope="module")
def described(stage: Flask) -> Any:
    cast = Cast(stage)
    for key in SOPS:
        walker(cast, key, lambda: None).create()
    return cast.api("admin", "Admin").get("/_openapi").json


@pytest.mark.parametrize("role", ROLES)
def test_nothing_breaks(stage: Flask, described: Any, role: str) -> None:
    asked, cast = list[int](), Cast(stage)
    schema = schemathesis.openapi.from_dict(described)
    for result in schema.get_all_operations():
        operation = result.ok()
        user = cast.api(role.lower(), role)  # what one has sent may have ended what the user was signed in with
        for mode, many in EACH.items():
            _try(user, operation, mode, many, asked)
    assert set(asked) <= ANSWERS
    assert len(asked) > 100


def _try(user: Api, operation: Any, mode: GenerationMode, many: int, asked: list[int]) -> None:
    try:
        requests = operation.as_strategy(generation_mode=mode)
    except Exception:  # nothing of the operation can be wrong
        return

    @tries(many, phases=[Phase.generate])
    @given(case=requests)
    def never_breaks(case: Any) -> None:
        answer = sent(user, case)
        told = f"{case.method} {case.formatted_path} {case.query} {case.body!r}"
        figures.count("fuzz requests")
        figures.count("fuzz 5xx", answer.status_code >= 500 and answer.status_code != AWAY)
        assert answer.status_code in ANSWERS, f"{told} → {answer.status_code} {answer.text[:300]}"
        asked.append(answer.status_code)

    with suppress(Unsatisfiable):  # as well
        never_breaks()


def sent(user: Api, case: Any) -> TestResponse:
    """The request as a program would send it."""
    more: dict[str, Any] = {}
    if not isinstance(case.body, schemathesis.core.NotSet):
        if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
            more = {"data": {str(k): _part(v) for k, v in case.body.items()}, "content_type": case.media_type}
        elif isinstance(case.body, bytes):
            more = {"data": case.body, "content_type": case.media_type}
        else:
            more = {"data": json.dumps(case.body, default=str), "content_type": "application/json"}
    headers = {str(k): str(v) for k, v in (case.headers or {}).items() if str(v).isprintable() and str(v).isascii()}
    return user.client.open(
        case.formatted_path, method=case.method, query_string=dict(case.query or {}), headers=headers | user.headers,
        **more,
    )  # fmt: skip


def _part(value: Any) -> Any:
    return value if isinstance(value, str | bytes) else json.dumps(value, default=str)
