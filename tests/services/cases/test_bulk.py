"""A step on many cases at the level of the service, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import BulkResult, Event
from app.services.cases import bulk, bulk_results, transitions
from app.services.cases.bulk import Answers, Refusal, Result
from app.services.core import history
from app.services.core.access import visible_or_404
from app.services.core.errors import Malformed, NotVisible
from app.sop import SOPS, sop_of
from tests.cast import Cast
from tests.services.cases.test_transitions import REPORT, depok


@pytest.fixture
def stage(any_app: Flask) -> Any:
    cast = Cast(any_app)
    with any_app.test_request_context():
        depok()
        yield cast


def test_each_case_has_a_transaction_of_its_own(stage: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks at one case, after it was written, leaves that one as it was and the others done."""
    cso, unit = stage.actor("cso"), stage.actor("unit", unit="ULP-DPK")
    ids = [transitions.create(cso, "keluhan", REPORT | {"name": f"Warga {n}"}).id for n in range(3)]
    notify = transitions.notify.after_step

    def breaks(session: Any, sop: Any, case: Any, event: Event, actor: Any) -> None:
        if case.id == ids[1]:
            raise RuntimeError("a wire is loose")
        notify(session, sop, case, event, actor)

    monkeypatch.setattr(transitions.notify, "after_step", breaks)
    result = bulk.perform(unit, "keluhan", "start", [ids[0], ids[1], ids[0], ids[2]], Answers(note="Bersama"))
    assert [one.id for one in result.done] == [ids[0], ids[2]]
    assert [(one.id, one.status) for one in result.refused] == [(ids[1], 500)]
    states = {pk: visible_or_404(unit, "keluhan", pk).state for pk in ids}
    assert states == {ids[0]: "in_progress", ids[1]: "reported", ids[2]: "in_progress"}
    assert list(history.verify(db.session())) == []


def test_what_is_offered_needs_no_document(stage: Cast) -> None:
    """By role and state; a step that hands something in is none for many."""
    cso, unit = stage.actor("cso"), stage.actor("unit", unit="ULP-DPK")
    case = transitions.create(cso, "keluhan", REPORT)
    offered = bulk.offered(unit, sop_of(case), case)
    assert {"take", "start"} <= set(offered)
    assert "take" not in bulk.offered(cso, sop_of(case), case)
    for key in offered:
        step = SOPS["keluhan"].transition_by_key.get(key)
        assert step is None or not any(one.required for one in step.documents)
    case.requested_documents = ["foto"]
    accepting = {s.key for s in SOPS["keluhan"].transitions if "foto" in s.accepts}
    assert not accepting & set(bulk.offered(unit, sop_of(case), case))


def test_no_case_and_too_many(stage: Cast) -> None:
    unit = stage.actor("unit", unit="ULP-DPK")
    for ids in ([], range(1, bulk.MOST + 2)):
        with pytest.raises(Malformed):
            bulk.perform(unit, "keluhan", "start", ids, Answers())
    for sop, key in (("keluhan", "no_step"), ("no_sop", "start"), ("keluhan", "report")):
        with pytest.raises(NotVisible):
            bulk.perform(unit, sop, key, [1], Answers())


def test_results_are_kept_for_their_user_alone_and_not_for_ever(stage: Cast) -> None:
    cso, other = stage.actor("cso"), stage.actor("cso_2", "cso")
    case = transitions.create(cso, "keluhan", REPORT)
    told = Result(refused=[Refusal(case.id, 409, "Sudah ditangani"), Refusal(4711, 404, "Tidak ada")])
    kept = bulk_results.keep(cso, "keluhan", "start", told)
    found = bulk_results.of(cso, "keluhan", kept)
    assert found is not None
    assert [one["number"] for one in found.refused] == [case.number, ""]
    assert bulk_results.of(other, "keluhan", kept) is None
    assert bulk_results.of(cso, "gangguan", kept) is None
    assert bulk_results.of(cso, "keluhan", 10**20) is None
    for _ in range(bulk_results.MOST + 5):
        bulk_results.keep(cso, "keluhan", "start", Result())
    assert db.session.query(BulkResult).count() == bulk_results.MOST
    assert bulk_results.of(cso, "keluhan", kept) is None
