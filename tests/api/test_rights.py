"""Rights, from the declarations: every role on every SOP may do exactly what is declared, and sees what it may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models import Document
from app.services.core.access import ADMIN, Actor, reads
from app.sop import ROLES, SOPS
from app.sop.common import SUPERVISOR
from app.workflow.declaration import Sop
from tests.api.conftest import START
from tests.api.stage import fill_master_data, users_of, walker
from tests.cast import Api, Cast
from tests.conftest import settings_for

pytestmark = pytest.mark.slow
EVERY_ROLE = [*ROLES, ADMIN]
PAIRS = [(key, role) for key in SOPS for role in EVERY_ROLE]
#: A version that no case has: whoever may do the step learns that they are late, and nothing is changed.
STALE = {"version": 0}


class Stage:
    """One application with a case in each of its SOPs' states, made when first needed."""

    def __init__(self, app: Flask, clock: Any) -> None:
        fill_master_data(app)
        self.app, self.clock, self.cast = app, clock, Cast(app)
        self.users: dict[str, Api] = {}
        self.browsers: dict[str, FlaskClient] = {}
        self.made: dict[str, dict[str, int]] = {}

    def cases(self, key: str) -> dict[str, int]:
        """The id of a case of the SOP by state."""
        if key not in self.made:
            program = walker(self.cast, key, self.let_time_pass)
            self.made[key] = {s.key: program.case_in([s.key])["id"] for s in SOPS[key].states}
        return self.made[key]

    def let_time_pass(self) -> None:
        self.clock.shift(timedelta(days=100))
        self.users.clear()  # their tokens have expired
        self.browsers.clear()

    def user(self, role: str) -> Api:
        if role not in self.users:
            self.users[role] = users_of(self.cast)(role, 0)
        return self.users[role]

    def browser(self, role: str) -> FlaskClient:
        if role not in self.browsers:
            self.browsers[role] = self.cast.login(self.user(role).name)
        return self.browsers[role]


@pytest.fixture(scope="module")
def stage(fresh: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("rights")
    app = create_app(settings_for(folder, SQLALCHEMY_DATABASE_URI=fresh.lay(folder)))
    with time_machine.travel(START, tick=True) as clock:
        yield Stage(app, clock)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    fresh.drop(folder)


def may_read(role: str, sop: Sop) -> bool:
    return reads(Actor(None, "", frozenset({role})), sop)


TAKING_PART = [(key, role) for key, role in PAIRS if may_read(role, SOPS[key])]
OUTSIDE = [pair for pair in PAIRS if pair not in TAKING_PART]


@pytest.mark.parametrize(("key", "role"), TAKING_PART)
def test_seeing(stage: Stage, key: str, role: str) -> None:
    """List, case, history and checklist are there for those who take part."""
    cases, api = stage.cases(key), stage.user(role)
    assert set(api.get(f"/{key}/?q=(page_size:100)").json["ids"]) >= set(cases.values())
    for pk in cases.values():
        for path in ("", "/history", "/documents"):
            assert api.get(f"/{key}/{pk}{path}").status_code == 200, path


@pytest.mark.parametrize(("key", "role"), TAKING_PART)
def test_doing(stage: Stage, key: str, role: str) -> None:
    """A step is offered, and can be done, exactly where it is declared for the role."""
    cases, api, sop = stage.cases(key), stage.user(role), SOPS[key]
    for state, pk in cases.items():
        declared = [t.key for t in sop.transitions if state in t.source and role in t.by]
        assert [action["key"] for action in api.get(f"/{key}/{pk}/actions").json] == declared, state
    for step in (t for t in sop.transitions if not t.creates):
        answer = api.post(f"/{key}/{cases[step.source[0]]}/actions/{step.key}", STALE)
        assert answer.status_code == (409 if role in step.by else 403), step.key
    assert api.post(f"/{key}/", {}).status_code == (422 if role in sop.create.by else 403)


@pytest.mark.parametrize(("key", "role"), TAKING_PART)
def test_opening_documents(stage: Stage, key: str, role: str) -> None:
    """A confidential document opens for those it is meant for, or once it was released; for whom personal data are
    masked none does that others have handed in."""
    cases, api, sop = stage.cases(key), stage.user(role), SOPS[key]
    with stage.app.app_context():
        found = list(db.session.scalars(select(Document).where(Document.case_id.in_(cases.values()))))
    for document in {(d.type, d.released): d for d in found}.values():
        meant_for = sop.document_by_key[document.type].confidential_to
        opens = not meant_for or document.released or role in (*meant_for, SUPERVISOR)
        opens &= role not in sop.masked_for or document.uploader_id == stage.cast.actor(api.name).id
        path = f"/{key}/{document.case_id}/documents/{document.id}/content"
        assert api.get(path).status_code == (200 if opens else 403), document.type


@pytest.mark.parametrize(("key", "role"), TAKING_PART)
def test_pages(stage: Stage, key: str, role: str) -> None:
    """The panel's pages and forms hold to the same declarations as the API."""
    cases, browser, sop = stage.cases(key), stage.browser(role), SOPS[key]
    for path in (f"/{key}/", f"/{key}/export.csv", *(f"/{key}/{pk}" for pk in cases.values())):
        assert browser.get(path).status_code == 200, path
    for step in (t for t in sop.transitions if not t.creates):
        path = f"/{key}/{cases[step.source[0]]}/do/{step.key}"
        assert browser.get(path).status_code == (200 if role in step.by else 403), step.key
        late = browser.post(path, data={"version": "0"})
        assert late.status_code == (409 if role in step.by else 403), step.key
    assert browser.get(f"/{key}/new").status_code == (200 if role in sop.create.by else 403)
    assert browser.post(f"/{key}/new", data={}).status_code == (422 if role in sop.create.by else 403)


@pytest.mark.parametrize(("key", "role"), OUTSIDE)
def test_pages_are_closed_to_who_takes_no_part(stage: Stage, key: str, role: str) -> None:
    cases, browser = stage.cases(key), stage.browser(role)
    pk = next(iter(cases.values()))
    for path in ("/", "/export.csv", "/new", f"/{pk}", f"/{pk}/documents/1"):
        assert browser.get(f"/{key}{path}").status_code == 403, path
    for step in (t for t in SOPS[key].transitions if not t.creates):
        assert browser.post(f"/{key}/{cases[step.source[0]]}/do/{step.key}").status_code == 403, step.key
    assert browser.post(f"/{key}/new").status_code == 403
    assert browser.post(f"/{key}/{pk}/documents").status_code == 403


@pytest.mark.parametrize(("key", "role"), OUTSIDE)
def test_who_takes_no_part_is_refused_everywhere(stage: Stage, key: str, role: str) -> None:
    cases, api = stage.cases(key), stage.user(role)
    pk = next(iter(cases.values()))
    for path in ("/", f"/{pk}", f"/{pk}/actions", f"/{pk}/history", f"/{pk}/documents", f"/{pk}/documents/1/content"):
        assert api.get(f"/{key}{path}").status_code == 403, path
    for step in (t for t in SOPS[key].transitions if not t.creates):
        assert api.post(f"/{key}/{cases[step.source[0]]}/actions/{step.key}", STALE).status_code == 403, step.key
    assert api.post(f"/{key}/", {}).status_code == 403


def test_nobody_sees_anything_without_signing_in(stage: Stage) -> None:
    client = stage.app.test_client()
    for key in SOPS:
        pk = next(iter(stage.cases(key).values()))
        paths = ["/", f"/{pk}", f"/{pk}/actions", f"/{pk}/documents", f"/{pk}/documents/1/content", f"/{pk}/history"]
        for path in paths:
            answer = client.get(f"/api/v1/{key}{path}")
            assert (answer.status_code, set(answer.json)) == (401, {"message"})
        for path in ("/", f"/{pk}/documents", f"/{pk}/actions/{SOPS[key].transitions[-1].key}"):
            assert client.post(f"/api/v1/{key}{path}", json={}).status_code == 401
    for path in ("/sop/", "/search", "/worklist", "/reports", "/_openapi"):
        assert client.get(f"/api/v1{path}").status_code == 401


def test_the_admin_reads_all_and_does_nothing(stage: Stage) -> None:
    for key in SOPS:
        cases = stage.cases(key).values()
        offered = [stage.user(ADMIN).get(f"/{key}/{pk}/actions").json for pk in cases]
        assert not any(offered), key
