"""Steps on a case at the level of the service: all or nothing, on both databases."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Posko, Unit
from app.services.cases import transitions
from app.services.core import history
from app.services.core.errors import Conflict, Malformed, NotVisible, ValidationFailed
from app.services.documents import documents, storage
from tests.cast import Cast
from tests.moment import EVER

REPORT: dict[str, Any] = {
    "name": "Ibu Sri", "address": "Jl. Melati 3, Depok", "phone": "0812-3456-7890", "posko": "DPK",
    "description": "Listrik padam sejak pagi",
}  # fmt: skip


def depok() -> None:
    unit = Unit(code="ULP-DPK", name="ULP Depok Kota", active=True)
    db.session.add_all([unit, Posko(code="DPK", name="Posko Depok", unit=unit, active=True)])
    db.session.commit()


@pytest.fixture
def stage(any_app: Flask) -> Any:
    cast = Cast(any_app)
    with any_app.test_request_context():
        depok()
        yield cast


def test_a_complaint_becomes_an_outage_in_one_go(stage: Cast) -> None:
    cso, unit = stage.actor("cso"), stage.actor("unit", unit="ULP-DPK")
    complaint = transitions.create(cso, "keluhan", REPORT)
    assert complaint.number.startswith("K54")
    assert complaint.reporter_phone == "+6281234567890"
    done = transitions.perform(unit, "keluhan", complaint.id, "mutate_to_gangguan", {"mutation_reason": "urgent"})
    assert done.state == "cancelled"
    outage = db.session.query(type(done).__mro__[1]).filter_by(sop="gangguan").one()
    assert outage.number.startswith("G99")
    assert outage.state == "reported"
    assert outage.description == f"MUTASI K : {done.number} : Listrik padam sejak pagi"
    assert outage.unit_id == done.unit_id
    with pytest.raises(Conflict):
        transitions.perform(unit, "keluhan", complaint.id, "mutate_to_gangguan", {"mutation_reason": "urgent"})
    assert list(history.verify(db.session())) == []


def test_all_that_is_lacking_is_listed_at_once(stage: Cast) -> None:
    cso = stage.actor("cso")
    with pytest.raises(ValidationFailed) as refused:
        transitions.create(cso, "keluhan", {"name": "Ibu Sri"})
    assert {error.key for error in refused.value.field_errors} == {"address", "posko", "phone", "description"}
    with pytest.raises(Malformed) as refused2:
        transitions.create(cso, "keluhan", REPORT | {"posko": "nowhere", "outage_at": "kemarin", "colour": "red"})
    assert {error.key for error in refused2.value.field_errors} == {"posko", "outage_at", "colour"}


def test_another_unit_sees_nothing(stage: Cast) -> None:
    case = transitions.create(stage.actor("cso"), "gangguan", REPORT)
    with pytest.raises(NotVisible):
        transitions.perform(stage.actor("other", "unit", unit="ULP-BGR"), "gangguan", case.id, "depart", {})


def test_a_refused_step_leaves_no_file_behind(stage: Cast, pdf: bytes) -> None:
    legal = stage.actor("legal")
    with pytest.raises(ValidationFailed):
        transitions.create(legal, "somasi", {}, {"somasi": [documents.Upload("a.pdf", io.BytesIO(pdf))]})
    assert list(storage.older_than("", EVER)) == []


def test_history_can_not_be_rewritten(stage: Cast) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DatabaseError

    transitions.create(stage.actor("cso"), "keluhan", REPORT)
    for statement in ("DELETE FROM events", "UPDATE events SET actor_name = 'x'", "UPDATE events SET note = 'x'"):
        with pytest.raises(DatabaseError):
            db.session.execute(text(statement))
        db.session.rollback()
