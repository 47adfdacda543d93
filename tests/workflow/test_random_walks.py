"""Random walks through every declared SOP: nothing leads outside the declaration, nothing goes without its due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sop import SOPS
from app.workflow.declaration import Facts, Field, Requirement, Sop, Transition
from app.workflow.engine import available, missing, requirements
from app.workflow.paths import shortest_paths

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
EVERY_SOP = pytest.mark.parametrize("sop", SOPS.values(), ids=list(SOPS))


class Row:
    """A row of master data that has whatever column is read."""

    def __getattr__(self, name: str) -> str:
        return "x"


def answer(field: Field, facts: Facts) -> Any:
    """Something that ``field`` takes and that keeps its rules: now, or as early as something that the case tells."""
    if field.is_rows:
        return [{column.key: answer(column, facts) for column in field.columns}]
    if field.type in ("date", "datetime"):
        moments = (facts.now, *(one for one in vars(facts.case).values() if isinstance(one, datetime)))
        days = [one for one in vars(facts.case).values() if type(one) is date]
        moments = (*moments, *(datetime.combine(day, time(), UTC) for day in days))
        told = [one.date() if field.type == "date" else one for one in moments]
        return next(one for one in told if not any(rule.broken(field, one, facts) for rule in field.rules))
    if field.type == "list":
        return [field.choices[0].key]
    plain = {"choice": field.choices[0].key if field.choices else "", "integer": 1, "money": 1, "boolean": True,
             "date": START.date()}  # fmt: skip
    return Row() if field.type == "reference" else plain.get(field.type, "x")


def complete(sop: Sop, transition: Transition, facts: Facts) -> Facts:
    """The facts of somebody who has brought everything that ``transition`` asks for."""
    values: dict[str, Any] = {field.key: answer(field, facts) for field in transition.fields} | {"note": "because"}
    papers = frozenset(key for r in requirements(transition, facts) for key in r.any_of)
    return replace(
        facts,
        user_id=hash(transition.key) % 1000 + 1000,
        roles=frozenset(transition.by[:1]),
        values=values,
        attached=facts.attached | papers,
        fresh=facts.fresh | papers,
    )


def begin(sop: Sop) -> Facts:
    fields = dict.fromkeys(sop.fields) | {r.key: [] for r in sop.records}
    case = SimpleNamespace(**fields, round=1, number="X", state=sop.create.target_from(None))
    return Facts(user_id=1, roles=frozenset(), now=START, case=case, state=case.state)


def step(sop: Sop, transition: Transition, facts: Facts) -> Facts:
    facts.case.state = transition.resolve_target(facts.case, facts.values)
    assert facts.case.state in transition.possible_targets(facts.state)
    vars(facts.case).update({key: value for key, value in facts.values.items() if key in sop.fields})
    last = {**facts.last, transition.key: (facts.now, facts.user_id)}
    counts = dict(facts.counts)
    if transition.records:
        counts[transition.records] = counts.get(transition.records, 0) + 1
    done = facts.done | {(transition.key, facts.user_id)}
    return replace(facts, state=facts.case.state, last=last, done=done, counts=counts, fresh=frozenset(),
                   now=facts.now + timedelta(days=40))  # fmt: skip


@EVERY_SOP
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_walk_stays_inside_the_declaration_and_asks_for_its_due(sop: Sop, data: st.DataObject) -> None:
    facts = begin(sop)
    for _step in range(data.draw(st.integers(1, 12))):
        assert facts.state in sop.state_by_key
        open_to = [t for t in sop.transitions if facts.state in t.source]
        if sop.state_by_key[facts.state].is_final and not open_to:
            break
        transition = data.draw(st.sampled_from(open_to))
        full = complete(sop, transition, facts)
        lacking = missing(transition, full)
        if lacking:
            # With everything brought, only what time or another person must bring may be in the way.
            assert {lack.kind for lack in lacking} <= {"guard", "four_eyes"}
            facts = replace(facts, now=facts.now + timedelta(days=100))
            continue
        _nothing_goes_without(sop, transition, full)
        facts = step(sop, transition, full)


def _nothing_goes_without(sop: Sop, transition: Transition, full: Facts) -> None:
    outsiders = frozenset(sop.roles) - set(transition.by)
    assert {lack.kind for lack in missing(transition, replace(full, roles=outsiders))} == {"role"}
    assert {lack.kind for lack in missing(transition, replace(full, state="elsewhere"))} == {"state"}
    needed = [r for r in requirements(transition, full) if r.required]
    bare = replace(full, attached=frozenset(), fresh=frozenset(), values={})
    lacks = missing(transition, bare)
    assert {lack.key for lack in lacks if lack.kind == "document"} == {"|".join(r.any_of) for r in needed}
    assert {lack.key for lack in lacks if lack.kind == "field"} == {
        f.key for f in transition.fields if f.is_required(full.case, {"documents": frozenset(), "fresh": frozenset()})
    }
    assert any(lack.kind == "note" for lack in lacks) == (transition.note == "required")


@EVERY_SOP
def test_every_state_is_reached_and_every_open_one_leads_to_an_end(sop: Sop) -> None:
    assert set(shortest_paths(sop)) == set(sop.state_by_key)
    finals = {s.key for s in sop.states if s.is_final}
    for start in sop.open_states:
        seen, ahead = {start}, [start]
        while ahead:
            state = ahead.pop()
            nexts = {end for t in sop.transitions if state in t.source for end in t.possible_targets(state)} - seen
            seen |= nexts
            ahead += nexts
        assert seen & finals, f"{start} has no way out"


@EVERY_SOP
def test_whoever_names_no_role_sees_no_button(sop: Sop) -> None:
    for state in sop.state_by_key:
        facts = replace(begin(sop), state=state)
        assert available(sop, facts) == ()
        assert available(sop, replace(facts, roles=frozenset({"Somebody", "Admin"}))) == ()


@EVERY_SOP
def test_what_a_revision_asks_again_must_come_again(sop: Sop) -> None:
    for transition in sop.transitions:
        for key in transition.accepts:
            state = transition.source[0] if transition.source else None
            facts = replace(begin(sop), state=state, requested=frozenset({key}), attached=frozenset({key}))
            found = requirements(transition, facts)
            assert Requirement((key,), True, True) in found
            assert [r.any_of for r in found].count((key,)) == 1
            assert sum(key in r.any_of for r in found) == 1, "each document is asked for once"
