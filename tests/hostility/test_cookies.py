"""Cookies over TLS: of this very site alone, out of reach of scripts, and never sent in the clear."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from config import from_environment
from tests.cast import PASSWORD, Cast

TAKEN = ("HTTPS", "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_PATH")


def behind_tls(make_app: Callable[..., Flask], folder: Path) -> tuple[FlaskClient, dict[str, str]]:
    read = from_environment({"INSTANCE_PATH": str(folder), "HTTPS": "1"})
    app = make_app(**{name: read[name] for name in TAKEN})
    client = app.test_client()
    Cast(app).user("cs")
    return client, {"base_url": "https://localhost"}


def test_every_cookie_over_tls_is_bound_to_the_site(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    client, there = behind_tls(make_app, tmp_path / "settings")
    answers = [
        client.post("/login/", data={"username": "cs", "password": PASSWORD}, **there),
        client.get("/lang/en", **there),
        client.post("/theme/", data={"theme": "dark"}, **there),
        client.get("/", **there),
        client.get("/logout/", **there),
    ]
    written = [one for answer in answers for one in answer.headers.getlist("Set-Cookie")]
    assert {name for one in written for name in SimpleCookie(one)} == {"__Host-tuntas", "__Host-theme"}
    for one in written:
        [said] = SimpleCookie(one).values()
        assert (said["path"], said["domain"]) == ("/", ""), one
        assert said["secure"], one
        assert said["httponly"], one
        assert said["samesite"] == "Lax", one
    assert 'data-theme="dark"' in answers[3].text


def test_a_session_of_the_plain_name_is_none(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    """A neighbour's subdomain may set a cookie for the whole domain, but none by this name."""
    client, there = behind_tls(make_app, tmp_path / "settings")
    client.post("/login/", data={"username": "cs", "password": PASSWORD}, **there)
    session = client.get_cookie("__Host-tuntas")
    assert session is not None
    other = client.application.test_client()
    other.set_cookie("tuntas", session.value)
    assert other.get("/tasks/", **there).status_code == 302
    other.set_cookie("__Host-tuntas", session.value)
    assert other.get("/tasks/", **there).status_code == 200
