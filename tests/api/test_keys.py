"""How long an API key lives: no longer than its owner's sign-in, and not past its own end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.extensions import db
from app.models import User
from app.services.core.access import user_named
from app.services.core.errors import Refused
from tests.cast import PASSWORD, Cast

NEW = {"password": "sandi-yang-baru", "conf_password": "sandi-yang-baru"}
KEYS = "/security/api_keys/"


def log_out(cast: Cast) -> None:
    cast.login("legal").post("/logout/", data={"scope": "all"})


def change_password(cast: Cast) -> None:
    browser = cast.login("legal")
    answer = browser.post("/resetmypassword/form", data=NEW | {"current_password": PASSWORD})
    assert answer.status_code == 302


def reset(cast: Cast) -> None:
    answer = cast.login("admin").post(f"/resetpassword/form?pk={number(cast)}", data=NEW)
    assert answer.status_code == 200


def deactivate(cast: Cast) -> None:
    role = cast.app.appbuilder.sm.find_role
    with cast.app.app_context():
        form = {
            "first_name": "Legal", "last_name": "Uji", "username": "legal", "email": "legal@example.test",
            "unit": "__None", "roles": [str(role("Legal").id)],
        }  # fmt: skip
    admin = cast.login("admin")
    for more in ({}, {"active": "y"}):
        assert admin.post(f"/users/edit/{number(cast)}", data=form | more).status_code == 302


def number(cast: Cast) -> int:
    with cast.app.app_context():
        return int(user_named("legal").id)


def with_key(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def make_key(cast: Cast, name: str, **more: Any) -> str:
    made = cast.api(name).post(KEYS, {"name": "arsip"} | more)
    assert made.status_code == 201, made.text
    return str(made.json["result"]["key"])


@pytest.mark.parametrize("ended", [log_out, change_password, reset, deactivate])
def test_a_key_ends_with_its_owners_sign_in(cast: Cast, client: FlaskClient, ended: Callable[[Cast], None]) -> None:
    key, another = make_key(cast, "legal"), make_key(cast, "cs")
    program = cast.api("legal")
    assert client.get("/api/v1/somasi/", headers=with_key(key)).status_code == 200
    ended(cast)
    answer = client.get("/api/v1/somasi/", headers=with_key(key))
    assert (answer.status_code, set(answer.json)) == (401, {"message"})
    assert program.get("/somasi/").status_code == 401
    assert client.get("/api/v1/somasi/", headers=with_key(another)).status_code == 200, "another user's stays"


def test_an_ended_key_is_listed_as_revoked_and_a_new_one_works(cast: Cast, client: FlaskClient) -> None:
    make_key(cast, "legal")
    log_out(cast)
    assert [bool(one["revoked_on"]) for one in cast.api("legal").get(KEYS).json["result"]] == [True]
    key = make_key(cast, "legal")
    assert client.get("/api/v1/somasi/", headers=with_key(key)).status_code == 200


def test_an_old_cookie_ends_nobodys_keys(app: Flask, cast: Cast, client: FlaskClient) -> None:
    old = cast.login("legal")
    log_out(cast)
    key = make_key(cast, "legal")
    old.post("/logout/", data={"scope": "all"})
    assert client.get("/api/v1/somasi/", headers=with_key(key)).status_code == 200


def test_no_key_for_a_sign_in_that_ended_meanwhile(any_app: Flask) -> None:
    """The request was let in, then the user signed out elsewhere, then it goes on."""
    Cast(any_app).user("legal")
    with any_app.app_context():
        user = user_named("legal")
        assert user.session_epoch == 0
        with db.engine.begin() as elsewhere:
            elsewhere.execute(update(User.__table__).values(session_epoch=1))
        with pytest.raises(Refused):
            any_app.appbuilder.sm.create_api_key(user, "arsip")


@pytest.mark.parametrize("written", ["2026-11-23T15:00:00+07:00", "2026-11-23T15:00:00", "2026-11-23T08:00:00Z"])
def test_a_key_ends_when_it_was_to_end(cast: Cast, client: FlaskClient, clock: Any, written: str) -> None:
    """It is two in the afternoon in Jakarta; a moment without a zone is read in the deployment's."""
    key = make_key(cast, "legal", expires_on=written)
    assert client.get("/api/v1/somasi/", headers=with_key(key)).status_code == 200
    clock.shift(timedelta(minutes=61))
    assert client.get("/api/v1/somasi/", headers=with_key(key)).status_code == 401
