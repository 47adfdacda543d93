"""Which answers carry the session: none that may arrive after the one with which it changed."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.cast import Cast


def cookies(browser: FlaskClient, path: str) -> list[str]:
    answer = browser.get(path)
    assert answer.status_code == 200
    return [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("tuntas=")]


def test_a_file_of_the_design_brings_back_no_older_session(cast: Cast) -> None:
    cs = cast.login("cs")
    assert cookies(cs, "/"), "a page prolongs it"
    files = re.findall(r'(?:href|src)="(/assets/[^"]+)"', cs.get("/").text)
    assert any(one.startswith("/assets/tuntas.") for one in files)
    for one in files:
        assert cookies(cs, one) == [], one
