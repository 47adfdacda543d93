"""A one-time password: good for 72 hours and for choosing one's own, and nothing that an admin can use unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.cli import FlaskGroup
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Notice, OutgoingMail
from app.services.accounts import one_time, setup
from app.services.core.access import user_named
from tests.cast import PASSWORD, Cast
from tests.panel.helpers import one_time_password, refused

FORM = "/resetmypassword/form"
OWN = "kuda-nil-terbang-rendah"
MINUTE = timedelta(minutes=1)


def reset(cast: Cast, name: str) -> str:
    """The one-time password that an admin makes for somebody."""
    cast.user(name)
    with cast.app.app_context():
        pk = user_named(name).id
    return one_time_password(cast.login("admin").post(f"/resetpassword/form?pk={pk}"))


def signed_in(app: Flask, name: str, password: str) -> FlaskClient:
    client = app.test_client()
    client.get("/lang/en")
    client.post("/login/", data={"username": name, "password": password})
    return client


def chosen(client: FlaskClient, current: str, new: str) -> int:
    sent = {"current_password": current, "password": new, "conf_password": new}
    return client.post(FORM, data=sent).status_code


def test_nothing_else_before_it_is_changed(app: Flask, cast: Cast) -> None:
    made = reset(cast, "cs")
    browser = signed_in(app, "cs", made)
    for path in ("/", "/somasi/", "/users/userinfo/", "/search?q=a", "/notices/count", "/reports/"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, FORM), path
    assert browser.post("/notices/read").headers["Location"] == FORM
    refusal = browser.get("/api/v1/worklist")
    assert (refusal.status_code, set(refusal.json)) == (403, {"message"})
    assert "Choose one of your own before anything else." in browser.get(FORM).text

    token = {"username": "cs", "password": made}
    refusal = browser.post("/api/v1/security/login", json=token)
    assert (refusal.status_code, set(refusal.json)) == (403, {"message"})

    refused(browser, FORM, {"current_password": made, "password": made, "conf_password": made}, "password")
    assert chosen(browser, made, OWN) == 302
    assert browser.get("/").status_code == 200
    assert browser.post("/api/v1/security/login", json=token | {"password": OWN}).status_code == 200
    assert signed_in(app, "cs", made).get("/").status_code == 302


def test_it_expires(app: Flask, cast: Cast, time: time_machine.Coordinates) -> None:
    made = reset(cast, "cs")
    time.shift(one_time.GOOD_FOR - MINUTE)
    assert signed_in(app, "cs", made).get("/").headers["Location"] == FORM
    time.shift(2 * MINUTE)
    client = app.test_client()
    client.get("/lang/en")
    answer = client.post("/login/", data={"username": "cs", "password": made})
    assert answer.status_code == 403
    assert "This one-time password has expired." in answer.text
    assert client.get("/").headers["Location"].startswith("/login/")
    wrong = client.post("/login/", data={"username": "cs", "password": "salah"}, follow_redirects=True)
    assert "expired" not in wrong.text, "only who knows it learns that"


def test_the_owner_learns_who_reset_it(app: Flask, cast: Cast) -> None:
    made = reset(cast, "cs")
    with app.app_context():
        cs, admin = user_named("cs"), user_named("admin")
        notice = db.session.scalars(select(Notice).where(Notice.user_id == cs.id)).one()
        assert (notice.kind, notice.action, notice.by_name) == ("account", "reset@cs", "Admin Uji")
        mail = db.session.scalars(select(OutgoingMail)).one()
        assert (mail.recipient, mail.internal) == ("cs@example.test", True)
        assert "Admin Uji" in mail.subject
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "password.reset")).one()
        assert (entry.actor_id, entry.subject) == (admin.id, str(cs.id))
        assert not any(made in text for text in (mail.subject, mail.text, notice.action, str(entry.detail)))
    browser = signed_in(app, "cs", made)
    chosen(browser, made, OWN)
    assert "Admin Uji has replaced your password by a one-time password" in browser.get("/notices/").text
    with app.app_context():
        changed = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "password.changed")).one()
        assert (changed.account, changed.detail) == ("cs", {"first": True})


def test_an_admin_who_uses_it_locks_the_owner_out_and_is_found_out(app: Flask, cast: Cast) -> None:
    """What the owner sees: the one-time password is wrong, and the log says from where it was used."""
    made = reset(cast, "cs")
    assert chosen(signed_in(app, "cs", made), made, OWN) == 302
    assert signed_in(app, "cs", made).get("/").headers["Location"].startswith("/login/")
    with app.app_context():
        sent = db.session.scalars(select(OutgoingMail.subject).order_by(OutgoingMail.id)).all()
        assert len(sent) == 2, "the owner is told of the reset and of the change"


@pytest.mark.parametrize("new", ["rahasia123", "pendek", "Cs Uji 2026", "x" * 201])
def test_ones_own_password_is_a_good_one(app: Flask, cast: Cast, new: str) -> None:
    sent = {"current_password": PASSWORD, "password": new, "conf_password": new}
    refused(cast.login("cs"), FORM, sent, "password")
    assert signed_in(app, "cs", PASSWORD).get("/").status_code == 200


def test_the_first_admin_chooses_their_own(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    with app.app_context():
        password = setup.first_admin()
        assert setup.first_admin() is None
    assert password is not None
    browser = signed_in(app, "admin", password)
    assert browser.get("/").headers["Location"] == FORM
    assert chosen(browser, password, OWN) == 302
    assert browser.get("/").status_code == 200


def test_the_console_is_held_to_the_same(app: Flask, cast: Cast) -> None:
    cast.user("cs")
    flask = FlaskGroup(create_app=lambda: app)

    def run(*arguments: str) -> int:
        return int(app.test_cli_runner().invoke(flask, ["fab", *arguments]).exit_code)

    new = ["--username", "rina", "--firstname", "Rina", "--lastname", "Wati", "--email", "rina@example.test"]
    assert run("create-admin", *new, "--password", "rahasia123") == 1
    assert run("create-admin", *new, "--password", OWN) == 0
    assert signed_in(app, "rina", OWN).get("/").status_code == 200
    with app.app_context():
        made = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "role.granted")).one()
        assert (made.account, made.detail["after"]) == ("", ["Admin"])
        assert "roles@rina" in db.session.scalars(select(Notice.action)).all()

    assert run("reset-password", "--username", "cs", "--password", "rahasia123") != 0
    assert signed_in(app, "cs", PASSWORD).get("/").status_code == 200
    assert run("reset-password", "--username", "cs", "--password", OWN) == 0
    assert signed_in(app, "cs", OWN).get("/").headers["Location"] == FORM
