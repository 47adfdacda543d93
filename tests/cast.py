"""The people of the tests: one user per role, signed in to the panel or to the API."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Unit
from app.services.core import database
from app.services.core.access import Actor, user_named

PASSWORD = "tuntas-demo"


class Cast:
    """``cs``, ``legal_litigasi_1``, …: a user's name is the role's in lower case with underscores."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.roles = {name.lower().replace(" ", "_"): name for name in app.config["FAB_ROLES"]}

    def user(self, name: str, *roles: str, unit: str | None = None) -> str:
        """Makes sure that ``name`` is there, with the role of that name or with ``roles``; answers the name."""
        with self.app.app_context():
            if user_named(name) is not None and unit is None:
                return name
        with self.app.app_context(), _writing():
            if user_named(name) is None:
                security = self.app.appbuilder.sm
                wanted = [security.find_role(self.roles.get(r, r)) for r in (roles or (name,))]
                assert all(wanted), f"unknown role among {roles or name}"
                security.add_user(name, name.title(), "Uji", f"{name}@example.test", wanted, PASSWORD)
            if unit is not None:
                user_named(name).unit = _unit(unit)
                db.session.commit()
        return name

    def actor(self, name: str, *roles: str, unit: str | None = None) -> Actor:
        self.user(name, *roles, unit=unit)
        with self.app.app_context():
            return Actor.of(user_named(name))

    def login(self, name: str, *roles: str, unit: str | None = None) -> FlaskClient:
        """A browser in which ``name`` has signed in through the form."""
        self.user(name, *roles, unit=unit)
        client = self.app.test_client()
        answer = client.post("/login/", data={"username": name, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return client

    def api(self, name: str, *roles: str, unit: str | None = None) -> Api:
        """A program that has fetched a token for ``name``."""
        self.user(name, *roles, unit=unit)
        return Api(self.app.test_client(), name)


@contextmanager
def _writing() -> Iterator[None]:
    """Takes the lock before it reads: pages that are open in a browser write meanwhile."""
    db.session.rollback()
    database.expect_writes(True)
    try:
        yield
    finally:
        database.expect_writes(False)


def _unit(code: str) -> Unit:
    unit = db.session.scalars(select(Unit).where(Unit.code == code)).one_or_none()
    if unit is None:
        unit = Unit(code=code, name=code, active=True)
        db.session.add(unit)
    return unit


class Api:
    """JSON in, JSON out, with a token; paths are below ``/api/v1``."""

    def __init__(self, client: FlaskClient, name: str) -> None:
        self.client, self.name = client, name
        body = {"username": name, "password": PASSWORD, "provider": "db"}
        answer = client.post("/api/v1/security/login", json=body)
        assert answer.status_code == 200, answer.text
        self.headers = {"Authorization": f"Bearer {answer.json['access_token']}"}

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self.headers | more.pop("headers", {}), **more)

    def post(
        self,
        path: str,
        json: Any = None,
        files: dict[str, tuple[str, bytes] | list[tuple[str, bytes]]] | None = None,
        **more: Any,
    ) -> TestResponse:
        """``files``: (name, bytes) by document key; then the answers travel as multipart."""
        headers = self.headers | more.pop("headers", {})
        if files is None:
            return self.client.post(f"/api/v1{path}", json=json or {}, headers=headers, **more)
        data: dict[str, Any] = {key: _as_form(value) for key, value in (json or {}).items() if value is not None}
        for key, sent in files.items():
            pairs = sent if isinstance(sent, list) else [sent]
            data[key] = [(io.BytesIO(content), filename) for filename, content in pairs]
        return self.client.post(
            f"/api/v1{path}", data=data, headers=headers, content_type="multipart/form-data", **more
        )


def _as_form(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value) if any(isinstance(item, dict) for item in value) else value
    return str(value)
