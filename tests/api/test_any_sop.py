"""A client that knows only the contract walks every SOP, to every end and through every step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.services.core import history
from app.sop import SOPS
from tests.client import Program

Make = Callable[[str], Program]
ENDS = [(sop.key, state.key) for sop in SOPS.values() for state in sop.states if state.is_final]
STEPS = [(sop.key, t.key) for sop in SOPS.values() for t in sop.transitions if not t.creates and t.by]


@pytest.mark.parametrize(("sop", "end"), ENDS)
def test_every_end_is_reached(app: Flask, program: Make, sop: str, end: str) -> None:
    walker = program(sop)
    case = walker.case_in([end])
    assert case["kind"] == "final"
    assert case["closed_at"]
    assert case["due_at"] is None
    events = walker.user(walker.create_step["roles"][0]).get(f"/{sop}/{case['id']}/history").json
    assert_unbroken(walker, events, end)
    with app.app_context():
        assert list(history.verify(db.session())) == []


@pytest.mark.parametrize(("sop", "step"), STEPS)
def test_every_step_can_be_done(program: Make, sop: str, step: str) -> None:
    walker = program(sop)
    source = walker.steps[step]["from"]
    before = walker.case_in(source)
    after = walker.do(before, step)
    assert after["version"] > before["version"]
    assert after["state"] in walker.ends(walker.steps[step], before["state"])


def assert_unbroken(walker: Program, events: list[dict[str, Any]], end: str) -> None:
    """The history tells a way that the declaration allows, from nothing to ``end``."""
    assert events[0]["from"] is None
    state = None
    for event in events:
        assert event["from"] == state
        assert len(event["hash"]) == 64
        if event["action"] in walker.steps and state is not None:
            assert state in walker.steps[event["action"]]["from"]
        state = event["to"]
    assert state == end
    assert len({event["hash"] for event in events}) == len(events)
