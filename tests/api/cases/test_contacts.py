"""Mail addresses and phones through HTTP: what is none is refused, what is one found and declared with its format."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.sop import SOPS
from app.workflow.declaration import FIELD_TYPES, Field
from tests.api.stories.test_pengaduan import STRANGER
from tests.cast import Api, Cast


@pytest.fixture
def cs(app: Flask) -> Api:
    return Cast(app).api("cs")


@pytest.mark.parametrize("wrong", [{"email": "bukan email"}, {"email": "aini@contoh"}, {"phone": "bukan nomor"}])
def test_what_is_none_is_refused(cs: Api, wrong: dict[str, str]) -> None:
    refused = cs.post("/pengaduan/", STRANGER | wrong)
    assert refused.status_code == 400, refused.text
    [error] = refused.json["missing"]
    assert (error["kind"], error["key"]) == ("invalid", *wrong)
    assert cs.get("/pengaduan/").json["count"] == 0


@pytest.mark.parametrize(
    "phone", ["0812 3344 5566", "+62812-3344-5566", "123", "0812 3344 5566 (Ibu Aini)", 81233445566]
)
def test_a_phone_is_taken_as_people_write_it(cs: Api, phone: Any) -> None:
    made = cs.post("/pengaduan/", STRANGER | {"phone": phone, "email": "Aini@Contoh.Example"})
    assert made.status_code == 201, made.text
    assert (made.json["phone"], made.json["email"]) == (str(phone), "Aini@contoh.example")


def test_a_list_can_be_filtered_by_a_part_of_an_address(cs: Api) -> None:
    cs.post("/pengaduan/", STRANGER | {"email": "aini@contoh.example"})
    for operator, value, count in (("ct", "CONTOH", 1), ("sw", "aini", 1), ("eq", "aini", 0), ("sw", "rina", 0)):
        query = f"(filters:!((col:email,opr:{operator},value:{value})))"
        found = cs.get(f"/pengaduan/?q={query}")
        assert (found.status_code, found.json["count"]) == (200, count), found.text


def test_the_contract_tells_its_types_and_the_format_beside(cs: Api) -> None:
    formats = {}
    for sop in SOPS.values():
        declared = cs.get(f"/sop/{sop.key}").json
        fields = [f for t in declared["transitions"] for f in t["fields"]]
        fields += [c for f in fields for c in f.get("columns", ())]
        for field in fields:
            assert field["type"] in FIELD_TYPES, field
            formats[sop.key, field["key"]] = (field["type"], field.get("format", ""))
    assert formats["pengaduan", "email"] == ("text", "email")
    assert formats["intera", "phone"] == ("text", "phone")
    assert formats["hard_complaint", "sent_to"] == ("text", "contact")
    assert formats["hard_complaint", "position"] == ("integer", "position")
    declared_too = {(sop.key, f.key): f for sop in SOPS.values() for f in _fields_of(sop)}
    assert formats == {key: (f.type, f.format) for key, f in declared_too.items()}


def _fields_of(sop: Any) -> list[Field]:
    fields = [f for t in sop.transitions for f in t.fields]
    return [*fields, *(c for f in fields for c in f.columns)]
