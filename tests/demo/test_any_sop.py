"""An SOP of which the demo knows no words: its cases come to every state that they can reach, and keep its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.demo import whole
from app.extensions import db
from app.models import Case
from app.services.core import history
from app.sop import SOPS
from app.workflow.declaration import Field, Guard, Sop, required
from tests.beside import beside
from tests.databases import BOTH
from tests.refund import REFUND

NEVER = Guard("never", lambda facts: False, lambda facts: "Nobody may do this.")


@pytest.fixture(params=BOTH)
def make(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Callable[[], Flask]:
    """Makes an app on a database in which only setup has been."""
    if request.param == "sqlite":
        return make_app
    url = request.getfixturevalue("pg_url")
    return lambda: make_app(SQLALCHEMY_DATABASE_URI=url)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def filled(make: Callable[[], Flask], told: list[str]) -> Iterator[list[Any]]:
    """The cases of the sixth SOP, in the demo of all."""
    with beside(REFUND):
        app = make()
        with app.test_request_context():
            whole.fill(150, 7, lambda said: told.append(str(said)))
            yield cases_of(REFUND)
            assert list(history.verify(db.session())) == []


def cases_of(sop: Sop) -> list[Any]:
    return list(db.session.scalars(select(Case).where(Case.sop == sop.key)).unique())


def test_every_state_is_shown_and_every_rule_kept(filled: list[Any], told: list[str]) -> None:
    assert {case.state for case in filled} == set(REFUND.state_by_key)
    assert [said for said in told if "%" not in said] == []
    for case in filled:
        assert case.bought_on <= case.broken_on
        assert 10_000 <= case.paid_amount <= 1_900_000
        if case.approved_amount is not None:
            assert case.fee <= case.approved_amount <= case.paid_amount
            assert case.share <= 100
            assert case.items
            assert all(1 <= row.quantity <= 3 for row in case.items)
        if case.paid_out_on is not None:
            assert case.paid_out_on >= case.broken_on
        assert case.assignee_id is None or case.handler.user_id == case.assignee_id
        if case.due_on is not None:
            assert case.due_on > case.created_at.date(), "a day to come"


def one_way(sop: Sop, key: str, **changes: Any) -> Sop:
    """The SOP with one of its steps declared otherwise."""
    return replace(sop, transitions=tuple(replace(t, **changes) if t.key == key else t for t in sop.transitions))


@pytest.mark.parametrize("key", ["register", "propose", "pay"])
def test_a_step_that_nobody_can_do_leaves_the_cases_where_they_are(
    make_app: Callable[..., Flask], told: list[str], key: str
) -> None:
    with beside(REFUND, "reply_template"), pytest.MonkeyPatch.context() as patched:
        patched.setitem(SOPS, REFUND.key, one_way(REFUND, key, guards=(NEVER,)))
        with make_app().test_request_context():
            whole.fill(40, 7, lambda said: told.append(str(said)))
            reached = {case.state for case in cases_of(REFUND)}
    beyond = {"register": set(REFUND.state_by_key), "propose": {"approval", "payout", "paid"}, "pay": {"paid"}}[key]
    assert reached == set(REFUND.state_by_key) - beyond
    for state in beyond:
        assert any(f"“{state}”" in said and "Nobody may do this." in said for said in told), told


def test_a_field_that_nothing_can_be_chosen_for_stops_nothing(make_app: Callable[..., Flask]) -> None:
    hearing = required(Field("handler", "Handler", "reference", reference="hearing_stage"))
    asked = tuple(hearing if f.key == "handler" else f for f in REFUND.transition_by_key["register"].fields)
    with beside(REFUND, "reply_template"), pytest.MonkeyPatch.context() as patched:
        changed = one_way(REFUND, "register", fields=tuple(f for f in asked if f.key != "handler"))
        changed = one_way(changed, "approve", fields=(hearing,))
        patched.setitem(SOPS, REFUND.key, changed)
        with make_app().test_request_context():
            whole.fill(40, 7, lambda said: None)
            assert {"approval", "refused"} <= {case.state for case in cases_of(REFUND)}
