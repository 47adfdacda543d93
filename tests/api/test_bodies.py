"""The described body of every step: what a program sends by the declaration fits it, what would be refused does not."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.sop import SOPS
from app.web.roles import api_name
from tests.api.stage import walker
from tests.cast import Cast


def described(cast: Cast, language: str = "en") -> Any:
    return cast.api("legal").get(f"/_openapi?_l_={language}").json


def body(described: Any, sop: str, step: str, kind: str = "body") -> Any:
    return described["components"]["schemas"][f"{api_name(sop)}.{step}.{kind}"]


def wrong(schema: Any, sent: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft202012Validator(_nullable(schema)).iter_errors(sent)]


def _nullable(schema: Any) -> Any:
    """OpenAPI 3.0's ``nullable`` in the words of JSON schema."""
    if isinstance(schema, list):
        return [_nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    known = {key: _nullable(value) for key, value in schema.items()}
    return known | {"type": [known["type"], "null"]} if known.get("nullable") is True else known


@pytest.mark.parametrize("sop", SOPS)
def test_what_a_program_sends_by_the_declaration_fits(stage: Cast, sop: str) -> None:
    read, program = described(stage), walker(stage, sop, lambda: None)
    for key, step in program.steps.items():
        for nth in range(3):
            assert wrong(body(read, sop, key), program.filled(step["fields"], step, nth)) == [], key


def test_an_unknown_answer_does_not_fit(cast: Cast) -> None:
    read = described(cast)
    for sop in SOPS.values():
        for step in sop.transitions:
            schema = {key: value for key, value in body(read, sop.key, step.key).items() if key != "required"}
            assert wrong(schema, {"note": "x", "version": 3}) == []
            assert wrong(schema, {"misspelt": 1}) != [], step.key


def test_answers_that_would_be_refused_do_not_fit(cast: Cast) -> None:
    read = described(cast)
    close = body(read, "intera", "close")
    assert wrong(close, {"closing_script": True, "satisfaction": 5}) == []
    assert wrong(close, {"closing_script": True, "satisfaction": None}) == [], "null empties it"
    assert wrong(close, {"closing_script": True, "satisfaction": 6})
    assert wrong(close, {"closing_script": False}), "a tick that must be set"
    assert wrong(close, {}), "it is obligatory"
    register = body(read, "hard_complaint", "register")
    assert set(register["properties"]["criterion"]["enum"]) == {"disputes_arrears", "impolite_agent"}
    assert "program" in register["required"]
    assert "note" in body(read, "somasi", "suspend")["required"]
    assert body(read, "somasi", "submit")["properties"]["letter_date"]["format"] == "date"
    assert body(read, "somasi", "submit")["properties"]["customer_email"]["format"] == "email"


def test_an_answer_that_is_asked_for_in_some_cases_is_not_obligatory_in_all(cast: Cast) -> None:
    register = body(described(cast), "pengaduan", "register")
    assert "name" in register["required"]
    assert "order_id" not in register["required"]
    assert "required: if “Channel” is one of" in register["properties"]["order_id"]["description"]


def test_descriptions_are_in_the_language_of_the_caller(cast: Cast) -> None:
    for language, label in (("id", "Nomor surat"), ("en", "Letter number")):
        letter = body(described(cast, language), "somasi", "submit")["properties"]["letter_number"]
        assert letter["description"].startswith(label)


def test_a_form_takes_the_documents_of_its_step(cast: Cast) -> None:
    read = described(cast)
    form = body(read, "somasi", "submit", "form")["properties"]
    assert form["somasi"]["items"] == {"type": "string", "format": "binary"}
    assert "somasi" not in body(read, "somasi", "submit")["properties"]
    steps = read["paths"]["/api/v1/somasi/{pk}/actions/{key}"]["post"]["requestBody"]["content"]
    named = {one["$ref"].rsplit("/", 1)[1] for one in steps["multipart/form-data"]["schema"]["anyOf"]}
    assert named == {f"SomasiApi.{step.key}.form" for step in SOPS["somasi"].transitions if not step.creates}
