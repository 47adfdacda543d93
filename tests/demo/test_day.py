"""The demo's working day: every state of every SOP, one user per role, histories that verify."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app.demo import beginning, day
from app.extensions import db
from app.models import Case
from app.services.core import history
from app.services.core.access import user_named
from app.sop import SOPS
from tests.cast import Cast


def test_the_demo_shows_every_state_and_every_role(app: Flask) -> None:
    with app.test_request_context():
        assert day.fill()
        there = set(db.session.execute(select(Case.sop, Case.state)).tuples())
        assert there == {(sop.key, state.key) for sop in SOPS.values() for state in sop.states}
        assert list(history.verify(db.session())) == []
        for role in app.config["FAB_ROLES"]:
            assert user_named(beginning.username(role)) is not None
        assert not day.fill(), "a second time changes nothing"
    for name in ("cs", "unit", "supervisor"):
        assert Cast(app).login(name).get("/").status_code == 200
