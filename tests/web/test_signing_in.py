"""After signing in one comes to the page that one wanted, if it is ours."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.cast import PASSWORD, Cast


def asked(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 302
    parts = urlsplit(answer.headers["Location"])
    assert parts.path == "/login/"
    return parse_qs(parts.query)["next"][0]


def led_to(cast: Cast, wanted: str) -> str:
    cast.user("legal")
    body = {"username": "legal", "password": PASSWORD}
    answer = cast.app.test_client().post("/login/", query_string={"next": wanted}, data=body)
    assert answer.status_code == 302
    return answer.headers["Location"]


@pytest.mark.parametrize("path", ["/somasi/1", "/somasi/1/do/respond?a=1&b=2", "/search?q=a%26b", "/somasi/new"])
def test_a_page_is_remembered_with_its_query(cast: Cast, client: FlaskClient, path: str) -> None:
    assert led_to(cast, asked(client, path)) == path


@pytest.mark.parametrize(
    ("wanted", "page"),
    [("http://localhost/somasi/new?a=1", "/somasi/new?a=1"), ("/somasi/new?a=1", "/somasi/new?a=1"), ("", "/")],
)
def test_ours_is_absolute_or_relative(cast: Cast, caplog: pytest.LogCaptureFixture, wanted: str, page: str) -> None:
    assert led_to(cast, wanted) == page
    assert "Invalid redirect" not in caplog.text


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/x", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
     "/\t/evil.example", "http:evil.example", "http:///evil.example", "javascript:alert(1)", "evil.example",
     "http://localhost@evil.example/", "http://[", "http://localhost//evil.example"],
)  # fmt: skip
def test_anybody_elses_leads_to_the_first_page(cast: Cast, wanted: str) -> None:
    assert led_to(cast, wanted) == "/"


def test_a_wrong_password_forgets_nothing(cast: Cast) -> None:
    cast.user("legal")
    client = cast.app.test_client()
    body = {"username": "legal", "password": "salah"}
    answer = client.post("/login/", query_string={"next": "/somasi/new"}, data=body)
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"next": ["/somasi/new"]}


def test_what_was_sent_leads_back_to_its_page(make_app, cast: Cast) -> None:
    app = make_app(WTF_CSRF_ENABLED=True)
    for there, back in (("http://localhost/somasi/1", "/somasi/1"), ("http://evil.example/", "/"), (None, "/")):
        answer = app.test_client().post("/somasi/1/documents", headers={"Referer": there} if there else {})
        assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"next": [back]}


def test_a_program_gets_its_answer(client: FlaskClient) -> None:
    assert client.get("/api/v1/worklist").status_code == 401
