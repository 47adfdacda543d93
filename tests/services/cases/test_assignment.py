"""Taking a case, putting it back, handing it over: at the level of the service, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Case, Event, Notice
from app.services.cases import assignment, transitions
from app.services.cases.worklist import count_mine, is_turn_of, worklist
from app.services.core import history
from app.services.core.access import Actor, user_named, visible_or_404
from app.services.core.errors import Conflict, Forbidden, Malformed, NotVisible
from app.services.documents import documents
from app.sop import SOPS
from tests.cast import Cast
from tests.services.cases.test_transitions import REPORT, depok

KEY, UNIT = "gangguan", "ULP-DPK"


@pytest.fixture
def stage(any_app: Flask) -> Any:
    cast = Cast(any_app)
    with any_app.test_request_context():
        depok()
        yield cast


@pytest.fixture
def pk(stage: Cast) -> int:
    """An outage that waits for the unit."""
    return int(transitions.create(stage.actor("cso"), KEY, REPORT).id)


@pytest.fixture
def anisa(stage: Cast) -> Actor:
    return stage.actor("anisa", "unit", unit=UNIT)


@pytest.fixture
def budi(stage: Cast) -> Actor:
    return stage.actor("budi", "unit", unit=UNIT)


def case_of(pk: int) -> Any:
    db.session.rollback()
    return db.session.get(Case, pk)


def claimed_by(pk: int) -> str | None:
    claimant = case_of(pk).claimed_by
    return claimant.username if claimant else None


def leave(name: str) -> None:
    """Takes a user's account away."""
    db.session.rollback()
    user_named(name).active = False
    db.session.commit()


def lists(actor: Actor) -> tuple[list[int], list[int]]:
    found = worklist(actor)
    assert found.mine_count == count_mine(actor) == len(found.mine)
    return [task.case.id for task in found.mine], [task.case.id for task in found.waiting]


def last_event(pk: int) -> Event:
    return db.session.query(Event).filter_by(case_id=pk).order_by(Event.seq.desc()).first()


def test_a_taken_case_is_on_nobody_elses_list(stage: Cast, pk: int, anisa: Actor, budi: Actor) -> None:
    assert lists(anisa) == lists(budi) == ([pk], [])
    assignment.take(anisa, KEY, pk)
    assert lists(anisa) == ([pk], [])
    assert lists(budi) == ([], [pk])
    assert [is_turn_of(actor, case_of(pk)) for actor in (anisa, budi)] == [True, False]
    assignment.put_back(anisa, KEY, pk)
    assert lists(anisa) == lists(budi) == ([pk], [])


def test_mine_are_counted_up_to_the_limit(stage: Cast, pk: int, anisa: Actor) -> None:
    for _more in range(2):
        transitions.create(stage.actor("cso"), KEY, REPORT)
    assert [count_mine(anisa, most) for most in (None, 1, 2, 3, 4)] == [3, 1, 2, 3, 3]


def test_who_comes_second_learns_the_name(pk: int, anisa: Actor, budi: Actor) -> None:
    assignment.take(anisa, KEY, pk)
    with pytest.raises(Conflict, match="Anisa Uji"):
        assignment.take(budi, KEY, pk)
    assert claimed_by(pk) == "anisa"


def test_twice_is_the_same_as_once(stage: Cast, pk: int, anisa: Actor) -> None:
    assignment.take(anisa, KEY, pk)
    assignment.take(anisa, KEY, pk)
    assignment.put_back(anisa, KEY, pk)
    assignment.put_back(stage.actor("supervisor"), KEY, pk)
    actions = [event.action for event in db.session.query(Event).filter_by(case_id=pk).order_by(Event.seq)]
    assert actions[1:] == ["take", "put_back"]


def test_the_history_tells_it_and_the_version_stays(pk: int, anisa: Actor, budi: Actor) -> None:
    version = case_of(pk).version
    assignment.take(anisa, KEY, pk)
    assert last_event(pk).changes == {"holder": [None, "Anisa Uji"]}
    assignment.hand_over(anisa, KEY, pk, "budi", " Saya cuti ")
    event = last_event(pk)
    assert (event.action, event.note, event.from_state, event.to_state) == (
        "hand_over",
        "Saya cuti",
        "reported",
        "reported",
    )
    assert event.changes == {"holder": ["Anisa Uji", "Budi Uji"]}
    assignment.put_back(budi, KEY, pk)
    assert last_event(pk).changes == {"holder": ["Budi Uji", None]}
    assert case_of(pk).version == version
    assert list(history.verify(db.session())) == []
    # Whoever had the form open before can still send it.
    transitions.perform(budi, KEY, pk, "cancel", {}, note="Salah", version=version)


def test_only_whose_turn_it_is_may_take(stage: Cast, pk: int) -> None:
    with pytest.raises(Forbidden):
        assignment.take(stage.actor("cso"), KEY, pk)
    with pytest.raises(Forbidden):
        assignment.take(stage.actor("admin"), KEY, pk)
    for stranger in (stage.actor("lain", "unit", unit="ULP-BGR"), stage.actor("legal")):
        for gesture in (assignment.take, assignment.put_back):
            with pytest.raises(NotVisible):
                gesture(stranger, KEY, pk)
        with pytest.raises(NotVisible):
            assignment.hand_over(stranger, KEY, pk, "legal")
    assert claimed_by(pk) is None


def test_only_the_claimant_and_supervisors_give_it_away(stage: Cast, pk: int, anisa: Actor, budi: Actor) -> None:
    with pytest.raises(Forbidden):
        assignment.hand_over(budi, KEY, pk, "anisa")
    assignment.take(anisa, KEY, pk)
    for colleague in (budi, stage.actor("cso")):
        with pytest.raises(Forbidden, match="Anisa Uji"):
            assignment.put_back(colleague, KEY, pk)
        with pytest.raises(Forbidden, match="Anisa Uji"):
            assignment.hand_over(colleague, KEY, pk, "budi")
    supervisor = stage.actor("supervisor")
    assignment.hand_over(supervisor, KEY, pk, "budi")
    assert claimed_by(pk) == "budi"
    assignment.put_back(stage.actor("admin"), KEY, pk)
    assert claimed_by(pk) is None
    assignment.hand_over(supervisor, KEY, pk, "anisa")
    assert claimed_by(pk) == "anisa"


@pytest.mark.parametrize("heir", ["cso", "lain", "gone", "nobody", "", "supervisor"])
def test_an_heir_must_be_able_to_do_it(stage: Cast, pk: int, anisa: Actor, heir: str) -> None:
    stage.actor("lain", "unit", unit="ULP-BGR")
    stage.actor("gone", "unit", unit=UNIT)
    leave("gone")
    assignment.take(anisa, KEY, pk)
    with pytest.raises(Malformed):
        assignment.hand_over(anisa, KEY, pk, heir)
    assert claimed_by(pk) == "anisa"


def test_the_heir_is_notified_and_nobody_else(pk: int, anisa: Actor, budi: Actor) -> None:
    assignment.take(anisa, KEY, pk)
    db.session.query(Notice).delete()
    db.session.commit()
    assignment.hand_over(anisa, KEY, pk, "budi")
    assert [(one.user_id, one.kind) for one in db.session.query(Notice)] == [(budi.id, "handed_over")]


def test_it_is_kept_while_the_turn_stays_and_let_go_after(stage: Cast, pk: int, anisa: Actor) -> None:
    assignment.take(anisa, KEY, pk)
    transitions.perform(anisa, KEY, pk, "cancel", {}, note="Salah")
    assert case_of(pk).closed_at is not None
    assert claimed_by(pk) is None
    with pytest.raises(Conflict):
        assignment.take(anisa, KEY, pk)
    with pytest.raises(Conflict):
        assignment.hand_over(stage.actor("supervisor"), KEY, pk, "anisa")


def test_a_step_to_a_state_of_the_same_role_keeps_the_claim(stage: Cast, anisa: Actor) -> None:
    case = transitions.create(stage.actor("cso"), "keluhan", REPORT)
    assignment.take(anisa, "keluhan", case.id)
    transitions.perform(anisa, "keluhan", case.id, "start", {})
    assert claimed_by(case.id) == "anisa"


def test_a_claim_bars_nobody_from_a_step(pk: int, anisa: Actor, budi: Actor) -> None:
    assignment.take(anisa, KEY, pk)
    transitions.perform(budi, KEY, pk, "cancel", {}, note="Salah")
    assert case_of(pk).state == "cancelled"


def test_who_has_left_keeps_nobody_from_taking(pk: int, anisa: Actor, budi: Actor) -> None:
    assignment.take(anisa, KEY, pk)
    leave("anisa")
    assignment.take(budi, KEY, pk)
    assert claimed_by(pk) == "budi"


def test_an_assignees_case_can_be_covered_for(stage: Cast, pdf: bytes) -> None:
    """What is on one person's list alone can be handed to a colleague, and is on their list alone then."""
    import io

    from app.models import Staff
    from tests.panel.helpers import SOMASI

    one, two = stage.actor("cs"), stage.actor("cs_2", "cs")
    db.session.add(Staff(code="cs-1", name="Cs Uji", active=True, user_id=one.id))
    db.session.commit()
    letter = {"somasi": [documents.Upload("a.pdf", io.BytesIO(pdf))]}
    pk = transitions.create(stage.actor("legal"), "somasi", SOMASI | {"cs_person": "cs-1"}, letter).id
    assert case_of(pk).assignee_id == one.id
    assert (lists(one), lists(two)) == (([pk], []), ([], [pk]))
    assignment.hand_over(stage.actor("legal_manager"), "somasi", pk, "cs_2")
    assert (lists(one), lists(two)) == (([], [pk]), ([pk], []))


def test_what_waits_for_one_person_alone_needs_no_taking(stage: Cast, pk: int, anisa: Actor) -> None:
    assert [task.takeable for task in worklist(anisa).mine] == [False]
    stage.actor("budi", "unit", unit="ULP-BGR")
    assert [task.takeable for task in worklist(anisa).mine] == [False]
    db.session.rollback()
    user_named("budi").unit_id = anisa.unit_id
    db.session.commit()
    assert [task.takeable for task in worklist(anisa).mine] == [True]
    assignment.take(anisa, KEY, pk)
    assert [task.takeable for task in worklist(anisa).mine] == [False]


def test_people_are_those_who_could_take_it(stage: Cast, pk: int, anisa: Actor, budi: Actor) -> None:
    stage.actor("lain", "unit", unit="ULP-BGR")
    supervisor = stage.actor("supervisor")
    db.session.rollback()
    case = visible_or_404(anisa, KEY, pk)
    assert [user.username for user in assignment.people(SOPS[KEY], case)] == ["anisa", "budi"]
    assert [user.username for user in assignment.successors(supervisor, SOPS[KEY], case)] == ["anisa", "budi"]
