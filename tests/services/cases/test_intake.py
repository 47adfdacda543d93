"""Who is meant by what is typed into a new case's form, and what the form begins with."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Case, Posko, Unit
from app.panel.marks import marked
from app.services.cases import intake, transitions
from app.services.cases.proposals import proposed
from app.services.core.errors import NotVisible
from app.services.documents.documents import Upload
from app.services.search.matching import Typed
from app.sop import SOPS
from tests.cast import Cast
from tests.conftest import PDF
from tests.services.cases.test_transitions import depok

RINA = {
    "name": "Rina Marlina", "customer_id": "532110098761", "address": "Jl. Nusantara 14, Depok", "posko": "DPK",
    "phone": "0813-1440-2211", "description": "Lampu padam di rumah Pak Yanto", "channel": "pln_mobile",
}  # fmt: skip
HARD = {
    "program": "ct0", "source": "plasa", "received_by": "email", "requester_name": "Petugas Plasa",
    "requester_contact": "0811-222-333", "customer_number": "122334455667", "customer_name": "Sigit Wibowo",
    "complaint_date": "2026-11-17", "criterion": "impolite_agent", "complaint": "Tidak sopan",
}  # fmt: skip


@pytest.fixture
def stage(any_app: Flask) -> Any:
    cast = Cast(any_app)
    with any_app.test_request_context():
        depok()
        yield cast


def names(actor: Any, words: str, sop: str = "keluhan", **typed: str) -> list[str]:
    return [person.name for person in intake.known(actor, SOPS[sop], words, typed).people]


@pytest.mark.parametrize(
    ("sop", "words", "field"),
    [
        ("keluhan", "0812 3456 7890", "phone"),
        ("keluhan", "021-7788-1290", "phone"),
        ("keluhan", "532110098761", "customer_id"),
        ("keluhan", "Rina Marlina", "name"),
        ("keluhan", "listrik padam sejak pagi di seluruh kampung", "description"),
        ("pengaduan", "rina@contoh.example", "email"),
        ("pengaduan", "ORD-100211", "order_id"),
        ("hard_complaint", "122334455667", "customer_number"),
        ("somasi", "+62 812 3456 7890", "customer_phone"),
        ("intera", "SN20260099817", "device_serial"),
    ],
)
def test_what_was_typed_goes_where_it_belongs(sop: str, words: str, field: str) -> None:
    assert intake.placed(SOPS[sop], words) == {field: words}


def test_the_number_of_a_case_is_nobodys_name() -> None:
    assert intake.placed(SOPS["keluhan"], "K54 210414 00002") == {}
    assert intake.placed(SOPS["keluhan"], "  ") == {}


@pytest.mark.parametrize("words", ["0813 1440", "+62 813-1440-2211", "532110", "rina m", "marlina", "nusantara 14"])
def test_somebody_is_found_by_whatever_they_say_first(stage: Cast, words: str) -> None:
    cso = stage.actor("cso")
    transitions.create(cso, "keluhan", RINA)
    assert names(cso, words) == ["Rina Marlina"]
    assert names(cso, words, "gangguan") == ["Rina Marlina"]


def test_who_is_only_told_of_is_not_meant(stage: Cast) -> None:
    cso = stage.actor("cso")
    transitions.create(cso, "keluhan", RINA)
    assert names(cso, "yanto") == []


def test_the_newest_goes_before_what_earlier_reports_tell(stage: Cast) -> None:
    cso = stage.actor("cso")
    transitions.create(cso, "keluhan", RINA)
    number = transitions.create(cso, "gangguan", RINA | {"address": "Jl. Baru 2", "customer_id": ""}).number
    for words in ("081314402211", number):
        known = intake.known(cso, SOPS["keluhan"], words, {})
        assert known.certain is not None, words
        assert known.certain.values["address"] == "Jl. Baru 2"
        assert known.certain.values["posko"].code == "DPK"
    assert intake.known(cso, SOPS["keluhan"], "rina", {}).certain is None, "a name is not enough"
    typed = {"phone": "0813 1440 2211", "address": ""}
    assert len(intake.known(cso, SOPS["keluhan"], "", typed).similar) == 2


def test_nobody_learns_of_people_in_cases_that_they_may_not_see(stage: Cast) -> None:
    cso = stage.actor("cso")
    pk = transitions.create(cso, "keluhan", RINA).id
    db.session.add(Unit(code="OTHER", name="Lain", active=True))
    db.session.commit()
    for actor in (stage.actor("unit", unit="OTHER"), stage.actor("cs"), stage.actor("legal")):
        assert names(actor, "081314402211") == names(actor, "rina") == []
        with pytest.raises(NotVisible):
            intake.person(actor, SOPS["keluhan"], f"case:{pk}")
    for key in ("case:x", "case:99", "customer:ORD-1", "", f"case:{10**30}"):
        with pytest.raises(NotVisible):
            intake.person(cso, SOPS["keluhan"], key)


def test_masked_data_fill_no_form_and_find_nobody(stage: Cast) -> None:
    spv, qc = stage.actor("spv"), stage.actor("qc")
    pk = transitions.create(spv, "hard_complaint", HARD, _letter()).id
    assert names(spv, "sigit", "hard_complaint") == ["Sigit Wibowo"]
    assert names(qc, "sigit", "hard_complaint") == names(qc, "122334455667", "hard_complaint") == []
    with pytest.raises(NotVisible):
        intake.person(qc, SOPS["hard_complaint"], f"case:{pk}")
    number = db.session.get(Case, pk).number  # type: ignore[union-attr]
    browser = stage.login("qc")
    assert "hit" not in browser.get("/search?q=sigit").text.split("<main")[1]
    page = browser.get(f"/search?q={number.split('-')[-1]}").text
    assert "Sigit" not in page
    assert "Tidak sopan" not in page


def _letter() -> dict[str, Any]:
    return {"surat_permintaan": [Upload("surat.pdf", io.BytesIO(PDF))]}


def test_a_form_begins_with_what_its_user_chose_last_and_with_their_unit(stage: Cast) -> None:
    two = Unit(code="TWO", name="Dua", active=True)
    db.session.add_all(Posko(code=code, name=code, unit=two, active=True) for code in ("A", "B"))
    db.session.commit()
    cso, other = stage.actor("cso"), stage.actor("cso_2", "cso")
    sop = SOPS["keluhan"]
    assert proposed(cso, sop, sop.create) == {}
    transitions.create(cso, "keluhan", RINA | {"channel": "walk_in"})
    transitions.create(other, "keluhan", RINA | {"channel": "social_media"})
    assert proposed(cso, sop, sop.create) == {"channel": "walk_in"}
    repeat = sop.transition_by_key["add_repeat_contact"]
    assert proposed(cso, sop, repeat) == {"contact_channel": "walk_in"}
    at_desk = stage.actor("cso_3", "cso", unit="ULP-DPK")
    assert proposed(at_desk, sop, sop.create)["posko"].code == "DPK"
    assert "posko" not in proposed(stage.actor("cso_4", "cso", unit="TWO"), sop, sop.create)


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("Rina <b>", "rina", "<mark>Rina</mark> &lt;b&gt;"),
        ("<script>", "script", "&lt;<mark>script</mark>&gt;"),
        ("Rina Marlina", "marlena", "Rina <mark>Marlina</mark>"),
        ("0813-1440-2211", "+62 813 1440", "<mark>0813-1440-2211</mark>"),
        ("K5421041400002", "k54 210414 00002", "<mark>K5421041400002</mark>"),
        ("Jl. Élan 5", "elan", "Jl. <mark>Élan</mark> 5"),
        ("Rina", "", "Rina"),
        ("", "rina", ""),
    ],
)
def test_what_was_typed_is_marked_and_nothing_else(text: str, typed: str, shown: str) -> None:
    assert str(marked(text, Typed(typed))) == shown
