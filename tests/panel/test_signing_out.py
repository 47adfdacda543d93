"""Signing out: it works in this browser whatever the database does, and says so where it could not elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from huey import Huey

from tests.cast import Cast
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


def is_in(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def test_signing_out_ends_every_session(cast: Cast) -> None:
    browser, elsewhere = cast.login("cs"), cast.login("cs")
    answer = browser.get("/logout/")
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
        answer = browser.get("/logout/")
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
        browser.get("/logout/")
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
        answer = browser.get("/logout/")
    assert answer.status_code == 503
    assert "Sign in and out once more" in answer.text
    assert browser.get_cookie("tuntas") is None
    assert not is_in(browser)


def work(app: Flask) -> None:
    """Does what waits in the queue, as the worker does."""
    queue: Huey = app.extensions["tuntas_queue"]
    while (task := queue.dequeue()) is not None:
        queue.execute(task)
