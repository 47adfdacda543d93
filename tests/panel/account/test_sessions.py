"""Sessions: each is a row that ends, by itself or by its owner or an admin; the cookie only names it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Notice, OutgoingMail, UserSession
from app.services.core.access import user_named
from app.web.hardening import UNATTENDED
from tests.cast import PASSWORD, Cast
from tests.databases import sqlite_alone
from tests.panel.helpers import counted
from tests.panel.test_signing_out import locked

HOUR = timedelta(hours=1)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"


def is_in(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def sign_in(app: Flask, name: str = "cs", agent: str = FIREFOX, address: str = "10.0.0.5") -> FlaskClient:
    client = app.test_client()
    client.environ_base |= {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": address}
    answer = client.post("/login/", data={"username": name, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def rows(app: Flask) -> list[UserSession]:
    with app.app_context():
        return list(db.session.scalars(select(UserSession).order_by(UserSession.id)))


def actions(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))


def test_a_session_lives_no_longer_than_its_time_however_much_it_is_used(
    cast: Cast, time: time_machine.Coordinates
) -> None:
    browser = cast.login("cs")
    for _hour in range(11):
        time.shift(HOUR)
        assert is_in(browser), "who works is not thrown out"
    time.shift(HOUR + timedelta(minutes=1))
    assert not is_in(browser)
    assert browser.get("/api/v1/worklist").status_code == 401, "nor by the API"
    assert is_in(cast.login("cs"))


def test_a_cookie_kept_aside_dies_with_the_session_that_nobody_uses(cast: Cast, time: time_machine.Coordinates) -> None:
    """A page that asks for news by itself keeps no session alive, nor does its cookie."""
    browser = cast.login("cs")
    for _hour in range(11):
        time.shift(HOUR)
        browser.get("/notices/count", headers={UNATTENDED: "1"})
    assert not is_in(browser)


def test_a_cookie_that_names_no_session_signs_nobody_in(app: Flask, cast: Cast) -> None:
    for forged in ({}, {"sid": ""}, {"sid": "x"}, {"epoch": 0}):
        browser = cast.login("cs")
        with browser.session_transaction() as session:
            session.pop("sid")
            session.update(forged)
        assert not is_in(browser), forged
    other = cast.login("cso")
    browser = cast.login("cs")
    with other.session_transaction() as there, browser.session_transaction() as here:
        here["sid"] = there["sid"]
    assert not is_in(browser), "another user's session is not one's own"


def test_signing_in_begins_with_a_name_that_nobody_knew(app: Flask, cast: Cast) -> None:
    cast.user("cs")
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["sid"] = "planted"
        session["planted"] = "x"
    browser.post("/login/", data={"username": "cs", "password": PASSWORD})
    with browser.session_transaction() as session:
        assert session["sid"] != "planted"
        assert "planted" not in session
    assert "planted" not in {row.digest for row in rows(app)}


def test_showing_again_who_one_is_renews_the_name(app: Flask, cast: Cast) -> None:
    browser = cast.login("cs")
    old = browser.get_cookie("tuntas")
    assert old is not None
    browser.post("/confirm/", data={"next": "/", "confirm_password": PASSWORD})
    assert is_in(browser)
    thief = app.test_client()
    thief.set_cookie("tuntas", old.value)
    assert not is_in(thief)
    assert len(rows(app)) == 1, "it is the same session"


def test_its_use_is_noted_seldom_and_nobody_waits_for_that(
    app: Flask, cast: Cast, time: time_machine.Coordinates
) -> None:
    browser = cast.login("cs")
    browser.get("/")
    with counted(app) as statements:
        browser.get("/")
    assert not [one for one in statements if one.startswith(("UPDATE", "INSERT"))]
    assert len([one for one in statements if "user_sessions" in one]) == 1, "asked for along with the user"
    time.shift(timedelta(minutes=6))
    browser.get("/")
    assert rows(app)[0].seen_at - rows(app)[0].created_at == timedelta(minutes=6)


@sqlite_alone
def test_its_use_is_not_noted_while_others_write(
    make_app: Callable[..., Flask], time: time_machine.Coordinates
) -> None:
    app = make_app(DATABASE_BUSY_MS=60_000)
    browser = Cast(app).login("cs")
    time.shift(timedelta(minutes=6))
    with locked(app):
        assert is_in(browser)
    assert rows(app)[0].seen_at == rows(app)[0].created_at
    browser.get("/")
    assert rows(app)[0].seen_at > rows(app)[0].created_at


def test_ones_sessions_are_listed_and_another_is_ended(app: Flask, cast: Cast) -> None:
    cast.user("cs")
    here, there = sign_in(app), sign_in(app, agent=PHONE, address="10.0.0.6")
    page = here.get("/sessions/").text
    assert "Firefox · Windows" in page
    assert "Chrome · Android" in page
    assert "10.0.0.6" in page
    (address,) = re.findall(r'action="(/sessions/\d+/end)"', page)
    assert cast.login("cso").post(address).status_code == 404, "nobody else's"
    assert is_in(there)
    assert here.post(address).status_code == 303
    assert not is_in(there)
    assert is_in(here)
    assert here.post(address).status_code == 404, "it has ended already"
    assert actions(app).count("session.ended") == 1


def test_all_others_end_and_their_tokens_but_no_keys(app: Flask, cast: Cast) -> None:
    here, there, program = cast.login("cs"), cast.login("cs"), cast.api("cs")
    key = program.post("/security/api_keys/", {"name": "arsip"}).json["result"]["key"]
    assert here.post("/sessions/end").status_code == 303
    assert is_in(here)
    assert not is_in(there)
    assert program.get("/worklist").status_code == 401
    with_key = {"Authorization": f"Bearer {key}"}
    assert app.test_client().get("/api/v1/worklist", headers=with_key).status_code == 200


def test_the_present_one_ends_by_signing_out(app: Flask, cast: Cast) -> None:
    browser = cast.login("cs")
    own = rows(app)[0].id
    assert browser.post(f"/sessions/{own}/end").headers["Location"] == "/logout/"
    assert is_in(browser)


def test_an_admin_ends_those_of_a_user(app: Flask, cast: Cast) -> None:
    first, second, admin = cast.login("cs"), cast.login("cs"), cast.login("admin")
    with app.app_context():
        pk = user_named("cs").id
    page = admin.get(f"/users/show/{pk}").text
    one = re.findall(rf'action="(/users/sessions/{pk}/\d+/end)"', page)
    assert len(one) == 2
    for address in (*one, f"/users/sessions/{pk}/end"):
        assert cast.login("cso").post(address).status_code == 403
    assert admin.post(one[0]).status_code == 303
    assert [is_in(browser) for browser in (first, second)].count(True) == 1
    assert admin.post(f"/users/sessions/{pk}/end").status_code == 303
    assert not is_in(first)
    assert not is_in(second)
    assert is_in(admin)
    assert actions(app).count("session.ended") == 2
    assert admin.post("/users/sessions/99999/end").status_code == 404


@pytest.mark.parametrize(("agent", "address"), [(PHONE, "10.0.0.5"), (FIREFOX, "192.0.2.9")])
def test_a_new_device_or_address_is_told_to_the_owner(app: Flask, cast: Cast, agent: str, address: str) -> None:
    cast.user("cs")
    sign_in(app)
    sign_in(app)
    with app.app_context():
        assert db.session.scalars(select(Notice)).all() == [], "the first one, and one known since"
    sign_in(app, agent=agent, address=address)
    with app.app_context():
        (notice,) = db.session.scalars(select(Notice)).all()
        assert (notice.kind, notice.action.partition("@")[0]) == ("account", "new_place")
        (mail,) = db.session.scalars(select(OutgoingMail)).all()
        assert (mail.recipient, address in mail.text) == ("cs@example.test", True)
    browser = sign_in(app)
    assert address in browser.get("/notices/").text
    assert browser.post(f"/notices/{notice.id}/open").headers["Location"] == "/sessions/"
    with app.app_context():
        assert len(db.session.scalars(select(Notice)).all()) == 1, "each place is told once"


def test_a_password_or_an_end_of_the_account_from_anywhere_ends_everything(app: Flask, cast: Cast) -> None:
    """Not only by the forms: whatever changes the row."""
    for change in ({"password": "another"}, {"active": False}, {"session_epoch": 99}):
        browser, program = cast.login("cs"), cast.api("cs")
        key = program.post("/security/api_keys/", {"name": "arsip"}).json["result"]["key"]
        with app.app_context():
            user = user_named("cs")
            kept = user.password
            for name, value in change.items():
                setattr(user, name, value)
            db.session.commit()
            user.active, user.password = True, kept
            db.session.commit()
        assert not is_in(browser), change
        assert program.get("/worklist").status_code == 401
        answer = app.test_client().get("/api/v1/worklist", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 401, "an account that is active again has no old keys"


def test_one_who_changes_the_own_password_stays_in_by_a_new_session(app: Flask, cast: Cast) -> None:
    browser, elsewhere = cast.login("cs"), cast.login("cs")
    new = "kereta-malam-berangkat-9"
    form = {"current_password": PASSWORD, "password": new, "conf_password": new}
    assert browser.post("/resetmypassword/form", data=form).status_code == 302
    assert is_in(browser)
    assert not is_in(elsewhere)
    assert [row.ended_at is None for row in rows(app)] == [False, False, True]
