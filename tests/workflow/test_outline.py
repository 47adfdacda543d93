"""What a declaration says without a case."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.sop import SOPS
from app.workflow.declaration import Deadline, Field, Guard, Limit, Sop, Transition
from app.workflow.outline import Rule, branches, condition_in_words, guard_in_words, pauses_in, rules, runs_in
from app.workflow.parts import Comparison
from app.workflow.texts import spoken_in

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
GUARDS = [(sop.key, guard) for sop in SOPS.values() for step in sop.transitions for guard in step.guards]


class Spoken:
    words = "paid_amount > 0"

    def __call__(self, case: Any) -> bool:
        return True


def test_a_condition_says_its_words_or_nothing() -> None:
    assert condition_in_words(Spoken()) == "paid_amount > 0"
    assert condition_in_words(lambda case: True) == ""
    assert condition_in_words(None) == ""


@pytest.mark.parametrize(("sop", "guard"), GUARDS, ids=[f"{sop}-{guard.key}" for sop, guard in GUARDS])
def test_every_guard_has_a_sentence_without_a_case(sop: str, guard: Guard) -> None:
    said = guard_in_words(guard, NOW)
    assert said.endswith(".")
    assert "–" not in said, "nothing is left open for a case that is not there"
    assert ": ." not in said


def test_the_general_sentence_goes_before_the_one_of_a_case() -> None:
    guard = Guard("paid", lambda facts: False, lambda facts: "Possible from –.", general="Possible once it is paid.")
    assert guard_in_words(guard, NOW) == "Possible once it is paid."


def test_the_limits_of_a_field_are_its_rules() -> None:
    assert rules(Field("n", "N", "integer", minimum=1, maximum=5)) == (Rule("minimum", 1), Rule("maximum", 5))
    assert rules(Field("n", "N", "integer", minimum=0)) == (Rule("minimum", 0),)
    assert rules(Field("n", "N")) == ()


def test_what_an_answer_is_compared_with_is_a_rule_with_its_sentence() -> None:
    later = Comparison("not_before", "start", lambda *_: None, "“N” must not be before “Start”.")
    now = Comparison("not_in_future", "", lambda *_: None, "“N” must not be in the future.")
    assert rules(Field("n", "N", "date", rules=(later, now))) == (
        Rule("not_before", "start", "“N” must not be before “Start”."),
        Rule("not_in_future", None, "“N” must not be in the future."),
    )


def test_each_branch_comes_with_its_condition() -> None:
    by_hand = Transition("t", "T", ("a",), "b", branches=("c",), choose=lambda case, values: "c")
    assert branches(by_hand) == (("c", by_hand.choose),)
    assert branches(Transition("t", "T", ("a",), "b")) == ()
    callback = SOPS["pengaduan"].transition_by_key["record_callback"]
    ((state, condition),) = branches(callback)
    assert state == "callback_scheduled"
    with spoken_in("en"):
        assert condition_in_words(condition) == "“Result” ≠ “Reached”"


def test_a_counted_deadline_pauses_where_the_case_waits_for_somebody_outside() -> None:
    sop: Sop = SOPS["pengaduan"]
    counted = Deadline("d", "D", limits=(Limit(5),))
    given = Deadline("d", "D", due=lambda case: None)
    assert runs_in(sop, counted) == sop.open_states
    assert pauses_in(sop, counted) == ("awaiting_customer",)
    assert pauses_in(sop, given) == ()
    assert runs_in(sop, Deadline("d", "D", limits=(Limit(5),), states=("open",))) == ("open",)
