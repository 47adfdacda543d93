"""Each SOP as a machine that is played with over HTTP: steps in any order, by anybody, with right and with absurd
answers. Nothing breaks, a refusal changes nothing, and every history holds."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from werkzeug.test import TestResponse

from app.extensions import db
from app.services.core import history
from app.sop import SOPS
from tests import figures
from tests.api.stage import users_of, walker
from tests.cast import Api, Cast
from tests.client import Program
from tests.fuzz.conftest import tries

pytestmark = pytest.mark.slow
ABSURD = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**25), 10**25), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40), st.sampled_from(["\x00", "\ud800", "9" * 400, "2026-13-45", "=1+1", "../../x", "<script>"]),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)  # fmt: skip
BESIDE = ("comments", "corrections", "void", "holder", "documents", "actions/no")


class Play(RuleBasedStateMachine):
    """``app``, ``sop`` and ``program`` are set on a subclass, one for each SOP."""

    app: Flask
    sop: str
    program: Program
    people: list[Api]

    def __init__(self) -> None:
        super().__init__()
        self.case: dict[str, Any] = {}

    @initialize()
    def begin(self) -> None:
        self.case = self.program.create()

    @rule(data=st.data())
    def step(self, data: Any) -> None:
        """One of the steps, by somebody, answered as the declaration asks but for one answer."""
        key = data.draw(st.sampled_from(sorted(self.program.steps)))
        declared, who = self.program.steps[key], data.draw(st.sampled_from(self.people))
        body = self.program.filled(declared["fields"], declared)
        if body and data.draw(st.booleans()):
            body[data.draw(st.sampled_from(sorted(body)))] = data.draw(ABSURD)
        files = self.program.papers(declared["documents"]) if data.draw(st.booleans()) else None
        self.sends(who, f"actions/{key}", body, files)

    @rule(
        data=st.data(), path=st.sampled_from(["comments", "corrections", "void", "holder", "documents", "actions/no"])
    )
    def beside(self, data: Any, path: str) -> None:
        who = data.draw(st.sampled_from(self.people))
        keys = st.sampled_from(["text", "to", "reason", "username", "note", "type", "version", "title"])
        self.sends(who, path, data.draw(st.dictionaries(keys, ABSURD, max_size=3)))

    def sends(self, who: Api, path: str, body: dict[str, Any], files: Any = None) -> None:
        before = self.now()
        answer = who.post(f"/{self.sop}/{self.case['id']}/{path}", body, files=files)
        figures.count("fuzz requests")
        figures.count("fuzz 5xx", answer.status_code >= 500)
        assert answer.status_code < 500, f"{path} {body!r} → {answer.status_code} {answer.text[:300]}"
        after = self.now()
        if answer.status_code >= 400:
            assert answer.json["message"]
            assert after == before, f"{path} was refused and changed something"
        self.case = after

    def now(self) -> dict[str, Any]:
        answer: TestResponse = self.program.user("Admin").get(f"/{self.sop}/{self.case['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    @invariant()
    def state_is_declared(self) -> None:
        if self.case:
            assert self.case["state"] in SOPS[self.sop].state_by_key


@pytest.mark.parametrize("sop", SOPS)
def test_a_procedure_holds_whatever_is_sent(stage: Flask, sop: str) -> None:
    cast = Cast(stage)
    program = walker(cast, sop, lambda: None)
    roles = sorted({role for step in program.steps.values() for role in step["roles"]})
    people = [users_of(cast)(role, 0) for role in (*roles, "Admin")]
    play = type("PlayOf" + sop, (Play,), {"app": stage, "sop": sop, "program": program, "people": people})
    run_state_machine_as_test(play, settings=tries(4, stateful_step_count=12))
    with stage.app_context():
        assert list(history.verify(db.session())) == []
