"""The API's description is valid, complete, and what it describes never breaks."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings

from app.sop import SOPS
from tests.api.stage import fill_master_data, walker
from tests.cast import Api, Cast


@pytest.fixture
def admin(app: Flask) -> Api:
    fill_master_data(app)
    cast = Cast(app)
    for key in SOPS:
        walker(cast, key, lambda: None).create()
    return cast.api("admin", "Admin")


def test_it_is_valid_and_names_every_route(app: Flask, cast: Cast) -> None:
    described = cast.api("legal").get("/_openapi").json
    schemathesis.openapi.from_dict(described).validate()
    assert unresolved(described, described) == []
    for key in SOPS:
        paths = {path for path in described["paths"] if path.startswith(f"/api/v1/{key}/")}
        assert paths == {f"/api/v1/{key}/{rest}" for rest in (
            "", "{pk}", "{pk}/actions", "{pk}/actions/{key}", "{pk}/documents", "{pk}/documents/{doc}/content",
            "{pk}/history", "{pk}/holder", "{pk}/corrections", "{pk}/void", "{pk}/reveal",
            "{pk}/comments", "{pk}/comments/{seq}/withdraw", "bulk/{step}",
        )}  # fmt: skip
        steps = described["paths"][f"/api/v1/{key}/{{pk}}/actions/{{key}}"]["post"]["parameters"][1]["schema"]["enum"]
        assert steps == [t.key for t in SOPS[key].transitions if not t.creates]
    for path in ("sop/", "sop/{key}", "search/", "worklist/", "reports/", "reports/{key}", "security/login"):
        assert f"/api/v1/{path}" in described["paths"]


def unresolved(described: Any, part: Any) -> list[str]:
    """References of the description to what it does not have."""
    if isinstance(part, list):
        return [wrong for item in part for wrong in unresolved(described, item)]
    if not isinstance(part, dict):
        return []
    wrong = [name for value in part.values() for name in unresolved(described, value)]
    if isinstance(name := part.get("$ref"), str):
        there: Any = described
        for step in name.removeprefix("#/").split("/"):
            there = there.get(step, {})
        wrong += [] if there else [name]
    return wrong


def test_no_reading_route_breaks(app: Flask, admin: Api) -> None:
    """Generated requests, right and wrong ones, over every route that reads; answers are as described."""
    schema = schemathesis.openapi.from_dict(admin.get("/_openapi").json)
    for result in schema.include(method="GET").get_all_operations():
        operation = result.ok()
        check(app, admin, operation)


def check(app: Flask, admin: Api, operation: Any) -> None:
    @seed(20261123)
    @settings(
        max_examples=8, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def never_breaks(case: Any) -> None:
        answer = admin.client.open(
            case.formatted_path, method="GET", query_string=dict(case.query or {}), headers=admin.headers
        )
        assert answer.status_code < 500, f"{case.formatted_path} {case.query}: {answer.text}"

    never_breaks()
