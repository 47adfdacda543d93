"""Signing out: it works in this browser whatever the database does, and says so where it could not elsewhere."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from huey import Huey
from werkzeug.test import TestResponse

from tests.cast import PASSWORD, Cast
from tests.databases import sqlite_alone

BUSY_MS = 100


@pytest.fixture
def busy_app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(DATABASE_BUSY_MS=BUSY_MS)


@contextmanager
def locked(app: Flask) -> Iterator[None]:
    """Somebody else is writing into the database all the while."""
    file = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def everywhere(browser: FlaskClient) -> TestResponse:
    return browser.post("/logout/", data={"scope": "all"})


def is_in(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def test_signing_out_ends_every_session(cast: Cast) -> None:
    browser, elsewhere = cast.login("cs"), cast.login("cs")
    answer = everywhere(browser)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert browser.get_cookie("tuntas") is None
    assert not is_in(browser)
    assert not is_in(elsewhere)


@sqlite_alone
@pytest.mark.parametrize(
    ("language", "sentence"), [("id", "Anda sudah keluar di peramban ini."), ("en", "You are signed out in this")]
)
def test_a_busy_database_keeps_nobody_signed_in(busy_app: Flask, language: str, sentence: str) -> None:
    cast = Cast(busy_app)
    browser, elsewhere, program = cast.login("cs"), cast.login("cs"), cast.api("cs")
    browser.get(f"/lang/{language}")
    with locked(busy_app):
        answer = everywhere(browser)
        assert answer.status_code == 503
        assert sentence in answer.text
        assert browser.get_cookie("tuntas") is None
        assert not is_in(browser)
        assert browser.get("/login/").status_code == 200
    assert is_in(elsewhere)
    work(busy_app)
    assert not is_in(elsewhere), "what could not be ended at once is ended later"
    assert program.get("/worklist").status_code == 401
    assert is_in(cast.login("cs"))


@sqlite_alone
def test_what_is_ended_later_is_tried_until_it_works(busy_app: Flask) -> None:
    cast = Cast(busy_app)
    browser, elsewhere = cast.login("cs"), cast.login("cs")
    with locked(busy_app):
        everywhere(browser)
        work(busy_app)
    queue: Huey = busy_app.extensions["tuntas_queue"]
    assert is_in(elsewhere)
    (again,) = queue.scheduled()
    queue.execute(again, again.eta + timedelta(seconds=1))
    assert not is_in(elsewhere)


@sqlite_alone
def test_without_a_queue_it_says_what_is_left_to_do(busy_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = Cast(busy_app)
    browser = cast.login("cs")
    browser.get("/lang/en")

    def broken(*arguments: object) -> None:
        raise OSError("no queue")

    monkeypatch.setitem(busy_app.extensions, "tuntas_end_sessions", broken)
    with locked(busy_app):
        answer = everywhere(browser)
    assert answer.status_code == 503
    assert "Sign in and out once more" in answer.text
    assert browser.get_cookie("tuntas") is None
    assert not is_in(browser)


def work(app: Flask) -> None:
    """Does what waits in the queue, as the worker does."""
    queue: Huey = app.extensions["tuntas_queue"]
    while (task := queue.dequeue()) is not None:
        queue.execute(task)


def only_here(browser: FlaskClient) -> TestResponse:
    return browser.post("/logout/", data={"scope": "this"})


def test_signing_out_of_one_session_leaves_the_others_tokens_and_keys(cast: Cast) -> None:
    browser, elsewhere, program = cast.login("cs"), cast.login("cs"), cast.api("cs")
    key = program.post("/security/api_keys/", {"name": "arsip"}).json["result"]["key"]
    kept = browser.get_cookie("tuntas")
    assert only_here(browser).status_code == 302
    assert browser.get_cookie("tuntas") is None
    assert kept is not None
    browser.set_cookie("tuntas", kept.value)
    assert not is_in(browser), "a copy of the cookie is worth nothing"
    assert is_in(elsewhere)
    assert program.get("/worklist").status_code == 200
    assert program.client.get("/api/v1/worklist", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_a_link_signs_nobody_out(cast: Cast) -> None:
    browser = cast.login("cs")
    page = browser.get("/logout/")
    assert page.status_code == 200
    assert re.findall(r'name="scope" value="(\w+)"', page.text.partition("<main")[2]) == ["this", "all"]
    assert is_in(browser)
    assert cast.app.test_client().get("/logout/").status_code == 302
    assert cast.app.test_client().post("/logout/").status_code == 302


@pytest.mark.parametrize("sent", [{}, {"csrf_token": ""}, {"csrf_token": "old"}])
def test_a_form_that_is_old_or_not_ours_ends_no_more_than_what_is_here(
    make_app: Callable[..., Flask], sent: dict[str, str]
) -> None:
    """It never leaves anybody in who believes that they are out."""
    app = make_app(WTF_CSRF_ENABLED=True)
    cast = Cast(app)
    cast.user("cs")

    def signed_in() -> FlaskClient:
        browser = app.test_client()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/login/").text)
        assert token is not None
        data = {"username": "cs", "password": PASSWORD, "csrf_token": token[1]}
        assert browser.post("/login/", data=data).status_code == 302
        return browser

    browser, elsewhere, program = signed_in(), signed_in(), cast.api("cs")
    answer = browser.post("/logout/", data={"scope": "all"} | sent)
    assert answer.status_code == 400
    assert browser.get_cookie("tuntas") is None
    assert not is_in(browser)
    assert is_in(elsewhere)
    assert program.get("/worklist").status_code == 200


@sqlite_alone
def test_a_busy_database_ends_the_one_session_later(busy_app: Flask) -> None:
    cast = Cast(busy_app)
    browser, elsewhere = cast.login("cs"), cast.login("cs")
    kept = browser.get_cookie("tuntas")
    assert kept is not None
    with locked(busy_app):
        assert only_here(browser).status_code == 503
        assert browser.get_cookie("tuntas") is None
    work(busy_app)
    browser.set_cookie("tuntas", kept.value)
    assert not is_in(browser)
    assert is_in(elsewhere)
