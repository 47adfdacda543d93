"""What a stranger sends is cut off before it is read; who is signed in may send what the settings allow."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.web.hardening.bodies import STRANGERS
from tests.cast import PASSWORD, Api, Cast

LARGE = 3 << 20
PLACES = ("/login/", "/api/v1/security/login", "/api/v1/keluhan/", "/keluhan/new", "/public/pengaduan", "/nothing")
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b")


class Endless(io.RawIOBase):
    """A body as it comes over a line, and how much of it was taken."""

    def __init__(self, size: int) -> None:
        self.left, self.taken = size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        given = min(len(into), self.left)
        into[:given] = b"a" * given
        self.left -= given
        self.taken += given
        return given


def sent(client: FlaskClient, path: str, body: Endless, **more: Any) -> TestResponse:
    return client.post(path, environ_overrides=_as_input(body) | {"CONTENT_LENGTH": str(body.left)}, **more)


def streamed(client: FlaskClient, path: str, body: Endless, kind: str) -> TestResponse:
    """In chunks, as gunicorn hands them on: how long it will be is not said."""
    chunked = _as_input(body) | {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    return client.post(path, content_type=kind, environ_overrides=chunked)


def _as_input(body: Endless) -> dict[str, Any]:
    return {"wsgi.input": io.BufferedReader(body, 1024)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("cookie", [None, "tuntas=eyJhIjoxfQ.forged.forged"], ids=["no cookie", "a forged cookie"])
def test_a_stranger_is_refused_by_the_head_alone(app: Flask, path: str, kind: str, cookie: str | None) -> None:
    body, client = Endless(LARGE), app.test_client(use_cookies=False)
    answer = sent(client, path, body, content_type=kind, headers={"Cookie": cookie} if cookie else {})
    assert answer.status_code == 413
    assert "terlalu besar" in answer.text
    assert body.taken == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["/login/", "/api/v1/security/login", "/api/v1/keluhan/", "/public/pengaduan"])
def test_a_strangers_stream_ends_where_the_limit_is(app: Flask, path: str, kind: str) -> None:
    body = Endless(LARGE)
    assert streamed(app.test_client(), path, body, kind).status_code < 500
    assert body.taken <= STRANGERS + (64 << 10)


@pytest.mark.parametrize(
    "said", ["Bearer forged", "Bearer sst_forged", "Basic YTpi", "Bearer a.b.c", "Bearer \xff", "Bearer", ""]
)
def test_a_forged_token_makes_nobody_of_a_stranger(app: Flask, said: str) -> None:
    body = Endless(LARGE)
    answer = sent(app.test_client(), "/api/v1/keluhan/", body, headers={"Authorization": said}, content_type=KINDS[0])
    assert answer.status_code == 413
    assert (answer.json or {}).get("message")
    assert body.taken == 0


def test_what_fits_a_name_and_a_password_still_does(cast: Cast) -> None:
    client = cast.app.test_client()
    answer = client.post(
        "/login/", data={"username": cast.user("cs"), "password": PASSWORD, "next": "/" + "a" * 60_000}
    )
    assert answer.status_code == 302


@pytest.fixture(params=["session", "token", "key"])
def signed_in(request: pytest.FixtureRequest, cast: Cast) -> Iterator[tuple[FlaskClient, dict[str, str], str]]:
    if request.param == "session":
        yield cast.login("cs"), {}, "/pengaduan/new"
        return
    api = Api(cast.app.test_client(), cast.user("cs"))
    headers = api.headers
    if request.param == "key":
        made = api.client.post("/api/v1/security/api_keys/", json={"name": "program"}, headers=api.headers)
        assert made.status_code == 201, made.text
        headers = {"Authorization": f"Bearer {made.json['result']['key']}"}
    yield cast.app.test_client(), headers, "/api/v1/pengaduan/"


def test_who_is_signed_in_sends_files(signed_in: tuple[FlaskClient, dict[str, str], str]) -> None:
    """The form is read, and refused for what it lacks rather than for its size."""
    client, headers, path = signed_in
    answer = client.post(path, data={"attachment": (io.BytesIO(b"a" * LARGE), "a.pdf")}, headers=headers)
    assert answer.status_code in (400, 422)
    assert "terlalu besar" not in answer.text
