"""Which revision of an SOP is in effect, which fit together, and what they know of each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from app.workflow.declaration import Field, Sheet, Sop, Transition
from app.workflow.revisions import in_effect, joined, mistakes
from tests.revised import BEGINS, EARLIER, LATER

THIRD = replace(LATER, sheet=Sheet(revision=2, effective=date(2027, 1, 1)))


def test_a_revision_takes_effect_on_its_day() -> None:
    every = (EARLIER, THIRD, LATER)
    assert in_effect(every, BEGINS - timedelta(days=1)) is EARLIER
    assert in_effect(every, BEGINS) is LATER
    assert in_effect(every, date(2027, 1, 1)) is THIRD


def test_while_no_day_has_come_the_lowest_is_in_effect() -> None:
    assert in_effect((THIRD, LATER), date(2026, 1, 1)) is LATER


def told(*revisions: Sop) -> list[str]:
    return [str(mistake) for mistake in mistakes(revisions)]


def test_the_same_revision_twice_is_a_mistake() -> None:
    assert list(mistakes((EARLIER, LATER))) == []
    assert told(EARLIER, LATER, EARLIER) == ["sheet.revision: revision 0 is declared twice"]


def test_a_field_keeps_its_kind() -> None:
    start, *rest = LATER.transitions
    counted = Transition("begin", "Begin", (), "drafting", ("CS",), fields=(Field("old_remark", "Old", "integer"),))
    found = told(EARLIER, replace(LATER, transitions=(counted, *rest)))
    assert found == ["fields.old_remark: is integer, but text in revision 0; a type never changes"]
    called = replace(start, fields=(*start.fields, Field("calls", "Calls")))
    found = told(EARLIER, replace(LATER, transitions=(called, *rest)))
    assert found == ["fields.calls: is text, but records in revision 0; a type never changes"]


def test_one_revision_stays_as_it_is() -> None:
    assert joined((EARLIER,))[0] is EARLIER


def test_each_knows_what_the_other_calls_things_but_does_its_own_steps() -> None:
    found = joined((EARLIER, LATER))
    earlier, later = found[0], found[1]
    assert (earlier.state("drafting").label, later.state("drafting").label) == ("Drafting", "Writing")
    assert later.state("parked").label == "Parked"
    assert later.state("forgotten").label == "forgotten"
    assert [choice.label for choice in later.fields["way"].choices] == ["By telephone", "By mail", "By post"]
    assert [choice.label for choice in later.own_fields["way"].choices] == ["By telephone", "By mail"]
    assert {"old_remark", "new_fact"} <= later.fields.keys() & earlier.fields.keys()
    assert later.document_by_key.keys() == {"letter", "proof"}
    assert later.clock_label("visit") == "Old visit"
    assert later.transition_by_key.keys() == {"begin", "hand_in", "check", "finish"}
    assert later.open_states == ("drafting", "review", "checked")
