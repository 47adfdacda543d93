"""Open reports of the same matter, shown before a new one is written."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.services.cases import transitions
from app.services.core.access import Actor
from app.services.search import similar as service
from app.services.search.similar import similar
from app.sop import SOPS
from tests.cast import Cast
from tests.services.cases.test_transitions import REPORT, depok

KELUHAN, GANGGUAN = SOPS["keluhan"], SOPS["gangguan"]


@pytest.fixture
def world(any_app: Flask) -> Any:
    with any_app.test_request_context():
        depok()
        yield Cast(any_app)
        db.session.remove()


def report(cast: Cast, sop: str = "keluhan", **more: Any) -> Any:
    return transitions.create(cast.actor("cso"), sop, REPORT | {"customer_id": "5211 2233 AB"} | more)


def found(actor: Actor, **values: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(s.case.number, s.reasons) for s in similar(actor, KELUHAN, values)]


@pytest.mark.parametrize(("field", "typed"), [
    ("customer_id", "52112233ab"), ("customer_id", " 5211 2233 AB "),
    ("phone", "+62 812-3456-7890"), ("phone", "62812 34567890"),
    ("address", "JL MELATI 3 DEPOK"), ("address", "jl.melati 3,depok"),
])  # fmt: skip
def test_one_field_that_agrees_is_enough(world: Cast, field: str, typed: str) -> None:
    case = report(world)
    report(world, phone="0899 1111 2222", customer_id="1", address="Jl. Melati 33, Depok")
    [(number, reasons)] = found(world.actor("cso"), **{field: typed})
    assert number == case.number
    assert len(reasons) == 1
    assert reasons == (str(KELUHAN.fields[field].label),)


def test_complaints_and_outages_are_one_family(world: Cast) -> None:
    outage, complaint = report(world, "gangguan"), report(world)
    values = {"phone": REPORT["phone"], "address": REPORT["address"]}
    assert [s.case.number for s in similar(world.actor("cso"), GANGGUAN, values)] == [
        complaint.number,
        outage.number,
    ]
    assert service.family(SOPS["somasi"]) == [SOPS["somasi"]]
    assert similar(world.actor("cso"), SOPS["somasi"], values) == []


def test_what_agrees_most_comes_first(world: Cast) -> None:
    both = report(world)
    one = report(world, phone="0899 1111 2222")
    values = {"phone": REPORT["phone"], "address": REPORT["address"]}
    assert [(number, len(reasons)) for number, reasons in found(world.actor("cso"), **values)] == [
        (both.number, 2), (one.number, 1)
    ]  # fmt: skip


def test_closed_ones_and_the_case_itself_are_left_out(world: Cast) -> None:
    unit = world.actor("unit", unit="ULP-DPK")
    closed, case = report(world), report(world)
    assert [s.case.number for s in similar(unit, KELUHAN, {}, case)] == [closed.number]
    transitions.perform(unit, "keluhan", closed.id, "cancel", {}, note="salah")
    assert similar(unit, KELUHAN, {}, case) == []
    assert [s.case.number for s in similar(unit, KELUHAN, {"phone": REPORT["phone"]})] == [case.number]


def test_only_the_live_one_of_a_mutated_pair_is_shown(world: Cast) -> None:
    unit = world.actor("unit", unit="ULP-DPK")
    complaint = report(world)
    transitions.perform(unit, "keluhan", complaint.id, "mutate_to_gangguan", {"mutation_reason": "urgent"})
    assert [n[:3] for n, _reasons in found(unit, phone=REPORT["phone"])] == ["G99"]


def test_nothing_of_another_unit_or_sop_is_shown(world: Cast) -> None:
    report(world)
    values = {"phone": REPORT["phone"]}
    assert similar(world.actor("u2", "unit", unit="ULP-BGR"), KELUHAN, values) == []
    assert similar(world.actor("legal"), KELUHAN, values) == []


@pytest.mark.parametrize("empty", [None, "", "  ", "-", "\x00"])
def test_empty_answers_are_like_nothing(world: Cast, empty: str | None) -> None:
    report(world, customer_id="")
    assert found(world.actor("cso"), customer_id=empty, phone=empty, address=empty) == []


def test_many_are_cut_off(world: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LIMIT", 2)
    for _n in range(3):
        report(world)
    assert len(found(world.actor("cso"), phone=REPORT["phone"])) == 2
