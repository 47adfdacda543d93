"""Ways in: token, API key, the panel's cookie; and every way in which they are refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from tests.cast import PASSWORD, Cast

LOGIN = "/api/v1/security/login"


def signed_in(client: FlaskClient, **more: Any) -> Any:
    return client.post(LOGIN, json={"username": "legal", "password": PASSWORD} | more)


def with_token(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def legal(cast: Cast) -> str:
    return cast.user("legal")


def test_a_token_for_name_and_password(client: FlaskClient, legal: str) -> None:
    for more in ({}, {"provider": "db"}):
        token = signed_in(client, **more).json["access_token"]
        assert client.get("/api/v1/somasi/", headers=with_token(token)).status_code == 200
    both = signed_in(client, refresh=True).json
    renewed = client.post("/api/v1/security/refresh", headers=with_token(both["refresh_token"])).json
    assert client.get("/api/v1/somasi/", headers=with_token(renewed["access_token"])).status_code == 200
    assert client.get("/api/v1/somasi/", headers=with_token(both["refresh_token"])).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"username": "legal", "password": "salah"}, 401), ({"username": "nobody", "password": "x"}, 401),
        ({"username": "legal"}, 400), ({}, 400), ([], 400), ({"username": 1, "password": 2}, 400),
        ({"username": "legal", "password": PASSWORD, "provider": "ldap"}, 400),
        ({"username": "\x00", "password": "\x00"}, 401),
    ],
)  # fmt: skip
def test_a_sign_in_that_fails(client: FlaskClient, legal: str, body: Any, status: int) -> None:
    answer = client.post(LOGIN, json=body)
    assert (answer.status_code, set(answer.json)) == (status, {"message"})


HEADERS = ["Bearer x", "Bearer", "Bearer a.b.c", "Basic bGVnYWw6eA==", "x", "Bearer sst_salah", ""]


@pytest.mark.parametrize("header", HEADERS)
def test_a_token_that_is_none(client: FlaskClient, header: str) -> None:
    answer = client.get("/api/v1/somasi/", headers={"Authorization": header})
    assert (answer.status_code, set(answer.json)) == (401, {"message"})


def test_a_token_expires(client: FlaskClient, legal: str, clock: Any) -> None:
    headers = with_token(signed_in(client).json["access_token"])
    clock.shift(timedelta(hours=2))
    answer = client.get("/api/v1/somasi/", headers=headers)
    assert (answer.status_code, set(answer.json)) == (401, {"message"})


def test_a_token_ends_with_the_password(app: Flask, client: FlaskClient, legal: str) -> None:
    headers = with_token(signed_in(client).json["access_token"])
    with app.app_context():
        security = app.appbuilder.sm
        security.reset_password(security.find_user("legal").id, "kuda-nil-terbang-rendah")
    assert client.get("/api/v1/somasi/", headers=headers).status_code == 401


def test_a_key_of_ones_own(app: Flask, cast: Cast, client: FlaskClient) -> None:
    legal = cast.api("legal")
    made = legal.post("/security/api_keys/", {"name": "arsip"})
    assert made.status_code == 201, made.text
    headers = with_token(made.json["result"]["key"])
    result = client.get("/api/v1/somasi/", headers=headers)
    assert result.status_code == 200
    assert client.get("/api/v1/keluhan/", headers=headers).status_code == 403
    assert [key["name"] for key in legal.get("/security/api_keys/").json["result"]] == ["arsip"]
    uuid = made.json["result"]["uuid"]
    assert cast.api("cs").get(f"/security/api_keys/{uuid}").status_code == 404
    assert client.delete(f"/api/v1/security/api_keys/{uuid}", headers=legal.headers).status_code == 200
    assert client.get("/api/v1/somasi/", headers=headers).status_code == 401


def test_who_acts_with_a_key_is_its_owner(cast: Cast, client: FlaskClient) -> None:
    key = cast.api("cs").post("/security/api_keys/", {"name": "robot"}).json["result"]["key"]
    refused = client.post("/api/v1/somasi/", json={}, headers=with_token(key))
    assert refused.status_code == 403
    lacking = cast.api("legal").post("/somasi/", {})
    assert lacking.status_code == 422


def test_the_cookie_writes_only_with_a_csrf_token(make_app: Callable[..., Flask]) -> None:
    app = make_app(WTF_CSRF_ENABLED=True)
    cast = Cast(app)
    cast.user("legal")
    browser = app.test_client()
    form = browser.get("/login/").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert found is not None
    browser.post("/login/", data={"username": "legal", "password": PASSWORD, "csrf_token": found[1]})
    assert browser.get("/api/v1/somasi/").status_code == 200
    for path in ("somasi/", "security/api_keys/"):
        send = browser.post(f"/api/v1/{path}", json={"name": "x"})
        assert (send.status_code, set(send.json)) == (400, {"message"})
    assert browser.post("/api/v1/somasi/", json={}, headers={"X-CSRFToken": found[1]}).status_code == 422
    cso = cast.api("cso")
    as_cso = browser.get("/api/v1/somasi/", headers=cso.headers)
    assert as_cso.status_code == 403, "a token is judged by itself, not by the cookie beside it"
    assert browser.post("/api/v1/somasi/", json={}, headers={"Authorization": "Bearer x"}).status_code == 401


def test_sign_ins_are_limited(make_app: Callable[..., Flask]) -> None:
    app = make_app(RATELIMIT_ENABLED=True, AUTH_RATE_LIMIT="3 per minute")
    client = app.test_client()
    answers = [client.post(LOGIN, json={"username": "x", "password": "y"}) for _n in range(5)]
    assert [a.status_code for a in answers] == [401, 401, 401, 429, 429]
    assert set(answers[-1].json) == {"message"}
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 61


def test_refusals_speak_the_callers_language(client: FlaskClient, cast: Cast) -> None:
    cast.user("legal")
    indonesian = client.get("/api/v1/nothing").json["message"]
    english = "There is nothing here, or you may not see it."
    assert indonesian != english
    assert client.get("/api/v1/nothing", headers={"Accept-Language": "en"}).json["message"] == english
    assert client.get("/api/v1/nothing", headers={"Accept-Language": "en-GB,id;q=0.5"}).json["message"] == english
    assert client.get("/api/v1/nothing?_l_=en").json["message"] == english
    assert client.get("/api/v1/nothing", headers={"Accept-Language": "fr"}).json["message"] == indonesian
    assert "Set-Cookie" not in client.get("/api/v1/nothing").headers
    legal = cast.api("legal")
    assert legal.get("/sop/somasi").json["states"][0]["label"] == "Menunggu dokumen CS"
    assert legal.get("/sop/somasi?_l_=en").json["states"][0]["label"] == "Awaiting CS documents"


def test_addresses_and_methods_that_are_not_there(cast: Cast) -> None:
    legal = cast.api("legal")
    for path in ("/nothing", "/somasi/1/nothing", "/sop/nothing", "/reports/nothing", "/somasi/_info"):
        answer = legal.get(path)
        assert (answer.status_code, set(answer.json)) == (404, {"message"})
    for method in ("PUT", "DELETE", "PATCH"):
        answer = legal.client.open("/api/v1/somasi/1", method=method, headers=legal.headers, json={})
        assert (answer.status_code, set(answer.json)) == (405, {"message"})


def test_an_inactive_user_is_out(app: Flask, client: FlaskClient, legal: str) -> None:
    headers = with_token(signed_in(client).json["access_token"])
    with app.app_context():
        app.appbuilder.sm.find_user("legal").active = False
        db.session.commit()
    assert client.get("/api/v1/somasi/", headers=headers).status_code == 401
    assert signed_in(client).status_code == 401
