"""The brake on guessing: by form and API alike, kept over a restart, no weapon against an account's owner."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import AuditEntry, SignInBrake
from app.services.accounts import brake, entrance
from app.services.core.access import user_named
from app.services.core.errors import TooMany
from tests.cast import PASSWORD, Cast

OFFICE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
UNLIMITED = "100000 per minute"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def guarded(any_app: Flask) -> Flask:
    any_app.config.update(RATELIMIT_ENABLED=True, AUTH_RATE_LIMIT=UNLIMITED)
    return any_app


def by_form(client: FlaskClient, name: str, password: str, address: str = OFFICE) -> TestResponse:
    body = {"username": name, "password": password}
    return client.post("/login/", data=body, environ_base={"REMOTE_ADDR": address})


def by_api(client: FlaskClient, name: str, password: str, address: str = OFFICE) -> TestResponse:
    body = {"username": name, "password": password}
    return client.post("/api/v1/security/login", json=body, environ_base={"REMOTE_ADDR": address})


def signed_in(app: Flask, name: str, address: str) -> bool:
    client = app.test_client()
    by_form(client, name, PASSWORD, address)
    return client.get("/", environ_base={"REMOTE_ADDR": address}).status_code == 200


def test_form_and_api_count_together(guarded: Flask, time: time_machine.Coordinates) -> None:
    Cast(guarded).user("cs")
    client = guarded.test_client()
    client.get("/lang/en")
    answers = [by_form(client, "cs", "salah").status_code for _n in range(3)]
    answers += [by_api(client, "CS", "salah").status_code for _n in range(2)]
    assert answers == [302, 302, 302, 401, 401]
    page, answer = by_form(client, "cs", PASSWORD), by_api(client, "cs", PASSWORD)
    assert (page.status_code, page.headers["Retry-After"]) == (429, "2")
    assert "Please try again in 2 seconds." in page.text
    assert (answer.status_code, answer.headers["Retry-After"], set(answer.json)) == (429, "2", {"message"})
    time.shift(timedelta(seconds=2))
    assert by_api(client, "cs", PASSWORD).status_code == 200
    assert by_form(client, "cs", "salah").status_code == 302, "after a sign-in it counts from the beginning"


def test_each_failure_closes_for_longer(guarded: Flask, time: time_machine.Coordinates) -> None:
    Cast(guarded).user("cs")
    client, waits = guarded.test_client(), []
    while len(waits) < 10:
        answer = by_api(client, "cs", "salah")
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            time.shift(timedelta(seconds=waits[-1]))
    assert waits[:6] == [2, 4, 8, 16, 32, 64]
    assert waits == sorted(waits)
    assert max(waits) <= brake.LONGEST.total_seconds()


def test_it_outlives_a_restart_and_holds_in_every_process(
    guarded: Flask, make_app: Callable[..., Flask], time: time_machine.Coordinates
) -> None:
    Cast(guarded).user("cs")
    client = guarded.test_client()
    for _n in range(5):
        by_api(client, "cs", "salah")
    other = make_app(
        RATELIMIT_ENABLED=True, AUTH_RATE_LIMIT=UNLIMITED,
        SQLALCHEMY_DATABASE_URI=guarded.config["SQLALCHEMY_DATABASE_URI"],
    )  # fmt: skip
    assert by_api(other.test_client(), "cs", PASSWORD).status_code == 429


def test_an_attack_from_many_addresses_does_not_lock_the_owner_out(
    guarded: Flask, time: time_machine.Coordinates
) -> None:
    Cast(guarded).user("cs")
    assert signed_in(guarded, "cs", OFFICE)
    client = guarded.test_client()
    codes = {by_api(client, "cs", f"salah{n}", f"198.51.100.{n}").status_code for n in range(30)}
    assert codes == {401, 429}, "the account as a whole is slowed down"
    assert by_api(client, "cs", PASSWORD, "192.0.2.77").status_code == 429, "also where it is the owner's password"
    assert signed_in(guarded, "cs", OFFICE)


def test_many_accounts_from_one_address(guarded: Flask, time: time_machine.Coordinates) -> None:
    client = guarded.test_client()
    codes = [by_api(client, f"orang{n}", "Indonesia123", ELSEWHERE).status_code for n in range(30)]
    assert codes.count(401) == 21
    assert codes[-1] == 429
    Cast(guarded).user("cs")
    assert signed_in(guarded, "cs", OFFICE)


def test_nobodys_name_answers_as_somebodys(guarded: Flask, time: time_machine.Coordinates) -> None:
    Cast(guarded).user("cs")
    client, told = guarded.test_client(), {}
    for name, address in (("cs", OFFICE), ("tidak-ada", ELSEWHERE)):
        told[name] = [(a.status_code, a.json) for a in (by_api(client, name, "salah", address) for _n in range(7))]
    assert told["cs"] == told["tidak-ada"]


def test_attempts_at_the_same_moment_do_not_all_pass(guarded: Flask, time: time_machine.Coordinates) -> None:
    """Each counts before its password is looked at."""
    together = Barrier(12)

    def attempt(_n: int) -> bool:
        with guarded.app_context():
            together.wait()
            try:
                brake.begin("cs", OFFICE, False)
            except TooMany:
                return False
            return True

    with ThreadPoolExecutor(12) as threads:
        let_in = list(threads.map(attempt, range(12)))
    assert sum(let_in) == brake.PAIR.free + 1


def test_with_time_failures_are_forgotten(guarded: Flask, time: time_machine.Coordinates) -> None:
    Cast(guarded).user("cs")
    client = guarded.test_client()
    for _n in range(5):
        by_api(client, "cs", "salah")
    time.shift(30 * MINUTE)
    assert [by_api(client, "cs", "salah").status_code for _n in range(4)] == [401] * 4
    time.shift(brake.KEPT + MINUTE)
    with guarded.app_context():
        assert brake.sweep() == 3
        assert db.session.scalar(select(func.count()).select_from(SignInBrake)) == 0


@pytest.mark.parametrize(
    ("address", "place"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
     ("::ffff:203.0.113.7", "203.0.113.7"), ("unix", "unix"), (None, "")],
)  # fmt: skip
def test_what_counts_as_one_address(address: str | None, place: str) -> None:
    assert brake.place(address) == place


def test_what_the_audit_log_keeps(guarded: Flask) -> None:
    """Of a name that is nobody's, no letter: it may be a password in the wrong box."""
    Cast(guarded).user("cs")
    client = guarded.test_client()
    by_form(client, "RahasiaSaya#77", "cs")
    by_api(client, "cs", "salah")
    by_form(client, "cs", PASSWORD)
    with guarded.app_context():
        told = select(AuditEntry).where(AuditEntry.action.startswith("sign_in.")).order_by(AuditEntry.seq)
        entries = list(db.session.scalars(told))
        pk = str(user_named("cs").id)
    assert [(e.action, e.account, e.subject, e.detail) for e in entries] == [
        ("sign_in.refused", "", "", {"way": "form", "why": "unknown", "length": 14}),
        ("sign_in.refused", "", pk, {"way": "api", "why": "password"}),
        ("sign_in.done", "cs", pk, {"way": "form"}),
    ]
    assert {e.address for e in entries} == {OFFICE}
    assert not any("Rahasia" in str(vars(e)) for e in entries)


@pytest.mark.parametrize("password", ["", "\x00", "\ud800", "salah\x00", "x" * 5000])
@pytest.mark.parametrize("name", ["cs", "\x00", "\ud800", "x" * 5000])
def test_what_no_password_can_be(guarded: Flask, name: str, password: str) -> None:
    Cast(guarded).user("cs")
    with guarded.test_request_context(environ_base={"REMOTE_ADDR": OFFICE}):
        assert entrance.admit(name, password) is None
