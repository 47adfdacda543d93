"""What somebody's roles do, as their guide tells it: nothing of theirs is missing, nothing of others is there."""

from __future__ import annotations

import html

import pytest
from flask import Flask

from app.services.procedures.guide import Part, part
from app.sop import SOPS
from app.workflow.declaration import Sop
from app.workflow.texts import spoken_in
from tests.cast import Cast

ROLES = sorted({role for sop in SOPS.values() for step in sop.transitions for role in step.by})


def told(one: Part) -> set[str]:
    steps = [*one.always, *(step for moment in one.moments for step in moment.steps)]
    return {step.label for step in [*steps, *([one.begins] if one.begins else [])]}


def of(sop: Sop, role: str) -> set[str]:
    """What the declaration lets the role do in a state that is open, or aside of the main way."""
    return {str(step.label) for step in sop.transitions if role in step.by}


@pytest.mark.parametrize("role", ROLES)
def test_every_step_of_a_role_is_in_its_guide(app: Flask, role: str) -> None:
    with app.test_request_context():
        for sop in SOPS.values():
            assert told(part(sop, [role])) == of(sop, role), sop.key


def test_a_guide_tells_what_to_do_and_what_it_takes(cast: Cast) -> None:
    page = html.unescape(cast.login("cs").get("/guide/").text)
    for said in ("Untuk: CS", "Menunggu dokumen CS", "Kirim dokumen", "Anda memulainya dengan", "Catat pengaduan"):
        assert said in page, said
    assert "Susun kajian" not in page, "what Legal does"
    reading = html.unescape(cast.login("auditor_of_nothing", "Supervisor").get("/guide/").text)
    assert "Somasi" in reading
    assert "Anda boleh membaca kasusnya" in reading


def test_the_tour_tells_each_role_of_its_own(cast: Cast) -> None:
    cs, reader = (html.unescape(cast.login(name).get("/guide/tour").text) for name in ("cs", "supervisor"))
    assert "“Catat pengaduan”" in cs
    assert "Kasus baru dimulai di sini" not in reader
    assert "siapa yang terlambat di unit mana" in reader
    assert "siapa yang terlambat di unit mana" not in cs


def test_it_speaks_the_language_of_its_reader(cast: Cast) -> None:
    client = cast.login("cs")
    client.get("/lang/en")
    assert "When it is your turn" in client.get("/guide/").text
    with spoken_in("en"):
        step = SOPS["somasi"].transition_by_key["submit_documents"]
        assert str(step.label) in client.get("/guide/").text
