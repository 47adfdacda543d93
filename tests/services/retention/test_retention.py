"""Retention: what becomes due and when, who keeps it, legal holds; on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Event
from app.services.core import history
from app.services.core.errors import Conflict, Forbidden, Malformed, NotVisible, ValidationFailed
from app.services.retention import retention
from app.services.retention.purge import purge, purge_due
from app.sop import SOPS
from tests.recordings import silence
from tests.services.retention.keeping import FILES, KEY, Stage, is_there


def test_nothing_is_due_before_its_time(stage: Stage) -> None:
    stage.later(1)
    assert stage.due() == []
    with pytest.raises(Conflict):
        purge(stage.actor("qc"), KEY, stage.pk)
    assert all(is_there(key) for key in stage.stored())


def test_an_open_case_never_is(stage: Stage) -> None:
    stage.pk = stage.closed_case(steps=3)
    stage.later(9)
    assert stage.pk not in {one.id for one in stage.due()}
    with pytest.raises(Conflict):
        purge(stage.actor("qc"), KEY, stage.pk)


def test_after_two_years_it_is_listed(stage: Stage) -> None:
    stage.later(2)
    [one] = stage.due()
    assert (one.number, one.files, one.whole, one.held) == ("HC-2026-00001", FILES, True, False)
    assert set(one.documents) == {"voice_recording", "form_hard_komplain", "form_hard_komplain_docx"}
    assert one.bytes > len(silence(60))
    assert str(one.since) == "2028-11-23"


@pytest.mark.parametrize("name", ["spv", "qco", "manager_operasional", "supervisor", "admin"])
def test_only_the_retention_officer_purges_and_holds(stage: Stage, name: str) -> None:
    stage.later(2)
    actor = stage.actor(name)
    with pytest.raises(Forbidden):
        purge(actor, KEY, stage.pk)
    with pytest.raises(Forbidden):
        retention.hold(actor, "HC-2026-00001", "Perkara")
    assert stage.case().customer_name == "Zulkarnain Rahasia"


def test_strangers_do_not_learn_that_it_is_there(stage: Stage) -> None:
    with pytest.raises(NotVisible):
        purge(stage.actor("legal"), KEY, stage.pk)
    with pytest.raises(NotVisible):
        retention.hold(stage.actor("legal"), "HC-2026-00001", "Perkara")
    assert SOPS[KEY] not in retention.retention_sops(stage.actor("legal"))


def test_a_legal_hold_stops_it_until_it_is_released(stage: Stage) -> None:
    keeper = stage.actor("qc")
    retention.hold(keeper, " HC-2026-00001 ", "Perkara di pengadilan")
    with pytest.raises(Conflict):
        retention.hold(keeper, "HC-2026-00001", "Sekali lagi")
    stage.later(3)
    assert [one.held for one in stage.due()] == [True]
    with pytest.raises(Conflict):
        purge(keeper, KEY, stage.pk)
    assert [why != "" for _one, why in purge_due()] == [True]
    assert stage.case().customer_name == "Zulkarnain Rahasia"
    [hold] = retention.holds([SOPS[KEY]])
    with pytest.raises(ValidationFailed):
        retention.release(keeper, hold.id, "  ")
    retention.release(keeper, hold.id, "Perkara selesai")
    with pytest.raises(Conflict):
        retention.release(keeper, hold.id, "Sekali lagi")
    actions = [e.action for e in db.session.scalars(select(Event).order_by(Event.seq))]
    assert actions[-2:] == ["hold", "release_hold"]
    assert purge(keeper, KEY, stage.pk) == FILES
    assert list(history.verify(db.session())) == []


def test_an_admin_sets_the_periods(stage: Stage) -> None:
    admin = stage.actor("admin")
    retention.set_period(admin, KEY, "voice_recording", "5")
    stage.later(2)
    [one] = stage.due()
    assert (set(one.documents), one.whole) == ({"form_hard_komplain", "form_hard_komplain_docx"}, False)
    assert purge(stage.actor("qc"), KEY, stage.pk) == FILES - 1
    assert stage.case().customer_name == "Zulkarnain Rahasia", "personal data stay as long as the recording"
    assert list(history.verify(db.session())) == []
    assert stage.due() == []
    stage.later(3)
    [one] = stage.due()
    assert (one.documents, one.whole) == (("voice_recording",), True)
    retention.set_period(admin, KEY, "voice_recording", "")
    assert retention.periods(SOPS[KEY]).documents["voice_recording"] == 2


@pytest.mark.parametrize("written", ["0", "-1", "dua", "100", "1.5", "99999999999"])
def test_periods_that_make_no_sense(stage: Stage, written: str) -> None:
    with pytest.raises(Malformed):
        retention.set_period(stage.actor("admin"), KEY, "", written)


def test_others_do_not_set_periods(stage: Stage) -> None:
    for name in ("qc", "supervisor"):
        with pytest.raises(Forbidden):
            retention.set_period(stage.actor(name), KEY, "", "1")
    with pytest.raises(NotVisible):
        retention.set_period(stage.actor("admin"), KEY, "no_such_document", "1")


def test_an_sop_without_periods_keeps_everything_until_an_admin_decides(stage: Stage) -> None:
    somasi = SOPS["somasi"]
    assert retention.periods(somasi) == retention.Periods(None, None, {})
    retention.set_period(stage.actor("admin"), "somasi", "", "10")
    known = retention.periods(somasi)
    assert (known.default, known.case) == (10, 10)
    assert set(known.documents.values()) == {10}
