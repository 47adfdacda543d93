"""One line for each request, with the id that a user reads on an error page, and without what nobody should read."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, url_for

import logs
from app.web import assets
from tests.cast import Cast

SECRET = "rahasia-sekali"


class Lines:
    """What the process has said in JSON."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def last(self, **what: Any) -> dict[str, Any]:
        return [line for line in self.read() if what.items() <= line.items()][-1]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    lines, root = Lines(), logging.getLogger()
    kept = root.level, list(root.handlers), {name: logging.getLogger(name).level for name in logs.QUIET}
    monkeypatch.setattr("sys.stderr", lines.stream)
    logs.configure("json", "info")
    yield lines
    root.setLevel(kept[0])
    root.handlers[:] = kept[1]
    for name, level in kept[2].items():
        logging.getLogger(name).setLevel(level)


def test_a_request_of_a_user(cast: Cast, lines: Lines) -> None:
    legal = cast.login("legal")
    answer = legal.get(f"/somasi/?q={SECRET}", headers={"X-Request-ID": "from-the-proxy.1"}, buffered=True)
    assert answer.headers["X-Request-ID"] == "from-the-proxy.1"
    line = lines.last(event="request", path="/somasi/")
    assert line.items() >= {
        "method": "GET", "status": 200, "user": "legal", "address": "127.0.0.1", "request_id": "from-the-proxy.1",
        "level": "info",
    }.items()  # fmt: skip
    assert line["ms"] >= 0
    api = cast.api("cs")
    api.get("/worklist/", buffered=True)
    assert lines.last(path="/api/v1/worklist/")["user"] == "cs"
    assert SECRET not in lines.stream.getvalue()


@pytest.mark.parametrize("forged", ["short", "x" * 65, "two words here", "line\\nbreak-in-it", "ümlaut-in-here"])
def test_an_id_that_is_none_is_replaced(cast: Cast, forged: str) -> None:
    answer = cast.app.test_client().get("/login/", headers={"X-Request-ID": forged})
    assert answer.headers["X-Request-ID"] not in ("", forged)
    assert len(answer.headers["X-Request-ID"]) == 16


def test_the_line_names_numbers_and_no_words(cast: Cast, lines: Lines) -> None:
    legal = cast.login("legal")
    for path, told in {
        "/somasi/12": "/somasi/12",
        f"/calendar/{SECRET}.ics": "/calendar/<secret>.ics",
        f"/nowhere/{SECRET}": "(no route)",
    }.items():
        legal.get(path, buffered=True)
        assert lines.read()[-1]["path"] == told
    assert SECRET not in lines.stream.getvalue()


def test_what_goes_wrong_is_one_line_whose_id_the_user_reads(
    make_app: Callable[..., Flask], lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    # A page that breaks; nothing of ours does.
    app.view_functions["PublicView.page"] = lambda **_args: 1 / 0
    with app.test_request_context():
        path = url_for("PublicView.page", key="pengaduan")
    answer = app.test_client().get(path, buffered=True)
    assert answer.status_code == 500
    line = lines.last(event="exception")
    assert "ZeroDivisionError" in line["exception"]
    assert "\n" in line["exception"], "all of it in one line of the log"
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["request_id"] in answer.text
    assert lines.last(event="request")["status"] == 500


def test_what_asks_every_second_is_told_of_when_it_fails(cast: Cast, lines: Lines) -> None:
    client = cast.app.test_client()
    for path in ("/health", "/ready", assets.asset("tuntas.css")):
        assert client.get(path, buffered=True).status_code == 200
    assert [line for line in lines.read() if line["event"] == "request"] == []
    client.get("/assets/nothing.css", buffered=True)
    assert lines.last(event="request")["status"] == 404


def test_a_line_for_a_terminal(cast: Cast, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", lines.stream)
    logs.configure("text", "info")
    cast.app.test_client().get("/login/", buffered=True)
    [line] = [line for line in lines.stream.getvalue().splitlines() if "request" in line]
    assert "[INFO] request method=GET path=/login/" in line
