"""The private address of one's calendar: shown once, read without a session, revoked."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from tests.cast import Cast
from tests.panel.calendar.test_calendar import _monday, call_back
from tests.panel.helpers import in_english

__all__ = ["_monday"]


def address_of(client: FlaskClient) -> str:
    made = client.post("/agenda/subscription")
    assert made.status_code == 200
    assert made.cache_control.no_store
    return re.search(r'value="http://[^/]+(/calendar/[^"]+)"', made.text)[1]


def test_an_address_is_shown_once_and_reads_without_a_session(app: Flask, cast: Cast) -> None:
    pk, number = call_back(cast, "2026-11-24T09:00")
    client, program = cast.login("cs"), app.test_client()
    address = address_of(client)
    assert address not in client.get("/agenda/subscription").text
    answer = program.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.cache_control.private
    assert "Set-Cookie" not in answer.headers
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert number in event["SUMMARY"]
    assert event["URL"].endswith(f"/pengaduan/{pk}")
    assert program.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert program.head(address).status_code == 200
    assert "belum" not in re.search(r"<dl.*?</dl>", client.get("/agenda/subscription").text, re.S)[0]


def test_a_calendar_speaks_the_language_in_which_it_was_ordered(app: Flask, cast: Cast) -> None:
    call_back(cast, "2026-11-24T09:00")
    client, program = cast.login("cs"), app.test_client()
    assert b"SUMMARY:Telepon balik" in program.get(address_of(client)).data
    in_english(client)
    address = address_of(client)
    assert b"SUMMARY:Call-backs" in program.get(address).data
    assert program.get(address.replace("lang=en", "lang=xx")).status_code == 200


def test_an_address_given_up_or_made_anew_is_gone(app: Flask, cast: Cast) -> None:
    client, program = cast.login("cs"), app.test_client()
    first = address_of(client)
    second = address_of(client)
    assert program.get(first).status_code == 404
    assert program.get(second).status_code == 200
    assert client.post("/agenda/subscription/revoke").status_code == 200
    assert program.get(second).status_code == 404
    for path in ("/calendar/x.ics", "/calendar/.ics", "/calendar/", f"/calendar/{'a' * 3000}.ics", "/calendar/%00.ics"):
        assert program.get(path).status_code == 404


def test_a_form_from_elsewhere_makes_no_address(make_app: Callable[..., Flask]) -> None:
    app = make_app(WTF_CSRF_ENABLED=True)
    cast = Cast(app)
    cast.user("cs")
    client = app.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login/").text)[1]
    client.post("/login/", data={"username": "cs", "password": "tuntas-demo", "csrf_token": token})
    for path in ("/agenda/subscription", "/agenda/subscription/revoke"):
        assert client.post(path).status_code == 400
        assert client.post(path, data={"csrf_token": token}).status_code == 200


def test_a_calendar_is_not_fetched_all_day_long(make_app: Callable[..., Flask]) -> None:
    app = make_app(RATELIMIT_ENABLED=True)
    address = address_of(Cast(app).login("cs"))
    program = app.test_client()
    answers = [program.get(address).status_code for _nth in range(31)]
    assert set(answers[:30]) == {200}
    assert answers[30] == 429
