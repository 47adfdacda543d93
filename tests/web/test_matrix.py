"""Routes × identities, from the URL map: whoever a route is not open to is refused, and learns nothing by it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from app import api, panel
from app.extensions import db
from app.models import Case
from app.services.core.access import ADMIN, Actor, reads
from app.sop import ROLES, SOPS
from app.sop.common import SUPERVISOR
from app.web.pages import Access
from tests import figures
from tests.api.stage import fill_master_data, walker
from tests.cast import Cast

pytestmark = pytest.mark.slow
#: What asks nobody who they are, each with why. Any other route is behind a right.
PUBLIC = {
    "appbuilder.static": "files of the design",
    "WorklistView.index": "asks by itself, since it is where everybody comes in",
    "WorklistView.tasks": "asks by itself",
    "UtilView.back": "leads back",
    "LocaleView.index": "the language of who is not signed in yet",
    "ThemeView.choose": "light or dark, kept in the browser",
    "TokenApi.login": "signs in",
    "TokenApi.refresh": "asks for its own token",
    "AuthDBView.login": "signs in",
    "AuthDBView.logout": "signs out",
    "AuthDBView.ask": "asks whether to sign out here or everywhere",
    "SecondStepView.step": "signs in: the step after the password",
    "SecondStepView.check": "signs in",
    "SecondStepView.passkey": "signs in",
    "SecondStepView.question": "signs in: what a passkey is to answer",
    "OidcView.begin": "signs in: leads to the provider",
    "OidcView.callback": "signs in: comes back from the provider",
    "FeedView.calendar": "the secret in its address is the right",
    "PublicView.ask": "whoever has a number and a phone",
    "PublicView.page": "whoever has a number and a phone",
    "health": "for who watches the machines",
    "ready": "for who watches the machines",
    "metrics": "asks for its own token or address",
}
ANONYMOUS = "anonymous"
#: One role for each SOP, and those that are not of one; all of them with ``EVERY_ROLE=1``.
SOME = sorted({sop.create.by[-1] for sop in SOPS.values()} | {SUPERVISOR, ADMIN})
IDENTITIES = [ANONYMOUS, *([*ROLES, ADMIN] if os.environ.get("EVERY_ROLE") else SOME)]
#: What stands in every case, and is nobody's business who does not read it.
SENTINEL = "Zulkarnain-Rahasia-4711"
SAFE = {"GET"}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
#: 415: what is no JSON is refused before anybody asks who sent it.
REFUSED = {302, 401, 403, 404, 405, 415}


class Stage:
    """A case in each SOP, and people of all identities."""

    def __init__(self, app: Flask) -> None:
        fill_master_data(app)
        self.app, self.cast = app, Cast(app)
        self.ids = {key: walker(self.cast, key, lambda: None).create()["id"] for key in SOPS}
        with app.app_context():
            for case in db.session.query(Case):
                case.title = case.reporter_name = SENTINEL
            db.session.commit()
            self.known = [*panel.pages(), *api.resources()]

    def client(self, identity: str) -> FlaskClient:
        return self.app.test_client() if identity == ANONYMOUS else self.cast.login(identity.lower().replace(" ", "_"))

    def rules(self) -> Iterator[tuple[Rule, Any]]:
        for rule in self.app.url_map.iter_rules():
            yield rule, self.app.view_functions[rule.endpoint]

    def address(self, rule: Rule) -> str:
        sop = str(rule).removeprefix("/api/v1").split("/")[1]
        filled = {name: self._argument(name, converter, sop) for name, converter in rule._converters.items()}
        _host, path = rule.build(filled) or ("", str(rule))
        return str(path)

    def _argument(self, name: str, converter: Any, sop: str) -> object:
        if isinstance(converter, AnyConverter):
            return next(iter(converter.items))
        number = self.ids.get(sop, 1) if name == "pk" else 1
        if isinstance(converter, IntegerConverter):
            return number
        return str(number) if name == "pk" else next(iter(SOPS)) if name in ("key", "sop", "sop_key") else "1"

    def is_open(self, identity: str, view: Any) -> bool:
        """As the registry of views says; an admin reaches all that there is."""
        if identity == ADMIN:
            return True
        roles = frozenset() if identity == ANONYMOUS else frozenset({identity})
        actor = Actor(None if identity == ANONYMOUS else 1, "", roles)
        wanted = f"can_{view._permission_name}"
        return any(
            access.open_to and access.open_to(actor) and re.fullmatch(access.permissions, wanted)
            for access in self.known
            if _is_of(access, view) and identity != ANONYMOUS
        )


def _is_of(access: Access, view: Any) -> bool:
    owner = getattr(view, "__self__", None)
    return type(owner) is access.view or type(owner).__name__ == getattr(access.view, "__name__", "")


@pytest.fixture(scope="module")
def stage(fresh: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    from app import create_app
    from tests.conftest import settings_for

    folder = tmp_path_factory.mktemp("matrix")
    app = create_app(settings_for(folder, SQLALCHEMY_DATABASE_URI=fresh.lay(folder)))
    yield Stage(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    fresh.drop(folder)


def test_every_route_has_a_policy(stage: Stage) -> None:
    for rule, view in stage.rules():
        figures.count("routes")
        if not hasattr(view, "_permission_name"):
            assert rule.endpoint in PUBLIC, f"{rule} ({rule.endpoint}) asks for no right, and nobody says why"
            continue
        assert any(_is_of(access, view) for access in stage.known), f"{rule} is of a view that no registry knows"


@pytest.mark.parametrize("identity", IDENTITIES)
def test_whoever_a_route_is_not_open_to_is_refused(stage: Stage, identity: str) -> None:
    client = stage.client(identity)
    figures.count("identities")
    strange = {key for key, sop in SOPS.items() if not reads(Actor(1, "", frozenset({identity})), sop)}
    for rule, view in stage.rules():
        if not hasattr(view, "_permission_name"):
            continue
        is_open = stage.is_open(identity, view)
        for method in sorted((rule.methods or set()) & METHODS):
            if is_open and method not in SAFE:
                continue  # what they may do, the stories tell
            answer = client.open(stage.address(rule), method=method)
            body = answer.get_data()  # to its end, as a browser does
            figures.count("matrix requests")
            told = f"{identity}: {method} {rule} → {answer.status_code}"
            assert answer.status_code < 500, told
            if not is_open:
                assert answer.status_code in REFUSED, told
                assert answer.status_code != 302 or "/login" in answer.location, told
            if strange == set(SOPS) or not is_open:
                figures.count("matrix leaks", SENTINEL.encode() in body)
                assert SENTINEL.encode() not in body, told
            assert not is_open or answer.status_code != 401, told


def test_the_sentinel_is_there_for_who_reads(stage: Stage) -> None:
    """Or else nothing could leak."""
    assert all(SENTINEL in stage.client(ADMIN).get(f"/{key}/{pk}").text for key, pk in stage.ids.items())
