"""Who gets personal data masked in exports, and how they look then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from app.services import reports
from app.services.core import masking
from app.services.core.access import ADMIN, Actor
from app.sop import SOPS
from app.sop.common import SUPERVISOR
from app.workflow.declaration import Field
from tests.services.reports.reporting import Office, content, rows

KELUHAN = SOPS["keluhan"]


@pytest.mark.parametrize(
    ("roles", "masked"),
    [
        ({"Unit"}, True), ({"CSO"}, False), ({"Unit", "CSO"}, False), ({"Unit", SUPERVISOR}, False),
        ({"Unit", ADMIN}, False), ({"Unit", "Legal"}, True), ({"Legal"}, True), (set(), True),
    ],
)  # fmt: skip
def test_masked_when_every_role_that_reads_it_is(roles: set[str], masked: bool) -> None:
    sop = replace(KELUHAN, masked_for=("Unit",))
    assert masking.masked(Actor(1, "X", frozenset(roles)), sop) is masked


def test_nobody_who_reads_is_masked_where_no_role_is_named() -> None:
    assert not masking.masked(Actor(1, "X", frozenset({"Unit"})), replace(KELUHAN, masked_for=()))


@pytest.mark.parametrize(
    ("value", "field", "shown"),
    [
        ("Rina Maharani", Field("name", ""), "R*** M***"),
        ("Rina Maharani", None, "R*** M***"),
        ("+62 812-3456-7345", Field("phone", "", format="phone"), "0812****" + "*345"),
        ("081234", Field("phone", "", format="phone"), "***"),
        ("Rina bilang begini", Field("said", "", "longtext"), "***"),
        (17, Field("count", "", "integer"), "***"),
        ("", Field("name", ""), ""), (None, None, ""), ("   ", Field("name", ""), ""),
    ],
)  # fmt: skip
def test_how_it_looks(value: object, field: Field | None, shown: str) -> None:
    assert masking.mask(value, field) == shown


@pytest.fixture
def office(any_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office in which units get keluhan masked."""
    monkeypatch.setattr(masking, "masked", lambda actor, sop: actor.roles == {"Unit"} and sop.key == "keluhan")
    with any_app.test_request_context():
        return Office(any_app)


def test_nothing_personal_is_left_in_any_report(any_app: Flask, office: Office) -> None:
    with any_app.test_request_context():
        unit, cso = office.actor("unit"), office.actor("cso")
        for key in ("cases-keluhan", "events-keluhan"):
            assert reports.report_of(unit, key).masks(unit)
            assert not reports.report_of(cso, key).masks(cso)
            for form in reports.report_of(unit, key).formats[:1]:
                text = content(unit, key, form=form).decode()
                for word in ("Rina", "Maharani", "Mawar", "7345", "541100223344", "padam", "berangkat", "calc"):
                    assert word not in text
        assert rows(unit, "cases-keluhan")[0]["Name"] == "R*** M***"
        assert rows(cso, "cases-keluhan")[0]["Name"] == "Rina Maharani"
        assert {row["Note"] for row in rows(unit, "events-keluhan")} == {"", "***"}
        assert b'value="U*** U***"' in content(unit, "events-keluhan", form="xes")
