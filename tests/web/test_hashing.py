"""A password or key is hashed, which takes long on purpose, while nobody is kept from writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import werkzeug.security
from flask import Flask

from app.services.accounts import sessions
from config import from_environment
from tests.cast import PASSWORD, Cast
from tests.databases import sqlite_alone

NEW = "kereta-malam-berangkat-9"
LOGIN = {"username": "cs", "password": PASSWORD}
pytestmark = sqlite_alone


@contextmanager
def watched(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Whether somebody else could write, at each time that something is hashed."""
    file = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    hashing: Any = werkzeug.security._hash_internal
    free: list[bool] = []

    def probing(*arguments: Any) -> Any:
        free.append(can_write(file))
        return hashing(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(werkzeug.security, "_hash_internal", probing)
        yield free


def can_write(file: str) -> bool:
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        other.execute("ROLLBACK")
        return True


def by_form(cast: Cast) -> int:
    return cast.app.test_client().post("/login/", data=LOGIN).status_code


def by_form_wrongly(cast: Cast) -> int:
    return cast.app.test_client().post("/login/", data=LOGIN | {"password": "salah"}).status_code


def by_nobody(cast: Cast) -> int:
    return cast.app.test_client().post("/login/", data=LOGIN | {"username": "nobody"}).status_code


def by_api(cast: Cast) -> int:
    return cast.app.test_client().post("/api/v1/security/login", json=LOGIN).status_code


@pytest.mark.parametrize(("way", "status"), [(by_form, 302), (by_form_wrongly, 302), (by_nobody, 302), (by_api, 200)])
def test_at_a_sign_in(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, way: Callable[[Cast], int], status: int
) -> None:
    cast.user("cs")
    with watched(app, monkeypatch) as free:
        assert way(cast) == status
    assert free
    assert all(free)


@pytest.mark.parametrize("method", ["get", "post"])
def test_with_a_key(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    key = cast.api("cs").post("/security/api_keys/", {"name": "arsip"}).json["result"]["key"]
    with watched(app, monkeypatch) as free:
        send: Any = getattr(app.test_client(), method)
        more = {"json": {}} if method == "post" else {}
        answer = send("/api/v1/somasi/", headers={"Authorization": f"Bearer {key}"}, **more)
        assert answer.status_code in (200, 403, 422)
    assert free == [True]


def test_when_a_key_is_made(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, program = cast.login("cs"), cast.api("cs")
    with watched(app, monkeypatch) as free:
        assert program.post("/security/api_keys/", {"name": "arsip"}).status_code == 201
        form = {"name": "arsip", "access": "read", "sops": "*", "days": "30"}
        assert browser.post("/keys/", data=form).status_code == 200
    assert free == [True, True]


def test_when_the_own_password_is_changed(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = cast.login("cs")
    form = {"current_password": PASSWORD, "password": NEW, "conf_password": NEW}
    with watched(app, monkeypatch) as free:
        assert browser.post("/resetmypassword/form", data=form).status_code == 302
    assert len(free) == 2
    assert all(free)


def test_a_sign_in_waits_for_nobody_else_in_between(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else writes while the password is compared: what is noted afterwards is no stale write."""
    cast.user("cs")
    check: Any = werkzeug.security._hash_internal
    pk = cast.actor("cs").id

    def meanwhile(*arguments: Any) -> Any:
        file = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, timeout=0)) as other:
            other.execute("UPDATE ab_user SET fail_login_count = 7 WHERE id = ?", (pk,))
            other.commit()
        return check(*arguments)

    monkeypatch.setattr(werkzeug.security, "_hash_internal", meanwhile)
    assert by_form(cast) == 302
    monkeypatch.undo()
    with app.app_context():
        assert len(sessions.open_sessions(pk or 0)) == 1


def test_what_it_costs_is_what_is_asked_for(tmp_path: Path) -> None:
    """64 MiB a try; the tests' own settings make it cost nothing, so it is asked of the product's."""
    method = from_environment({"INSTANCE_PATH": str(tmp_path)})["FAB_PASSWORD_HASH_METHOD"]
    hashed = werkzeug.security.generate_password_hash(NEW, method)
    assert hashed.startswith("scrypt:65536:8:1$")
    assert werkzeug.security.check_password_hash(hashed, NEW)
    old = werkzeug.security.generate_password_hash(NEW, "scrypt")
    assert werkzeug.security.check_password_hash(old, NEW), "of before"
