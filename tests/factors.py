"""What people of the tests have besides their password: a phone with an authenticator app, a sheet of codes."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import AuditEntry, Notice, OutgoingMail, User
from app.services.accounts.factors import totp
from app.services.core.access import Actor, user_named
from tests.cast import PASSWORD, Cast

CODE = re.compile(r"<li><code>([a-z0-9-]{19})</code></li>")
STEP = "/login/second-step"


@dataclass
class Phone:
    """An authenticator app; ``sheet``: the recovery codes that came with it."""

    secret: str
    sheet: list[str] = field(default_factory=list)

    def code(self, later: int = 0) -> str:
        """What it shows now, or so many intervals of 30 seconds later."""
        return pyotp.TOTP(self.secret).at(int(time.time()) + 30 * later)

    def wrong(self) -> str:
        """A code that it does not show these minutes."""
        shown = {self.code(step) for step in range(-3, 4)}
        return next(code for code in map("{:06}".format, range(10)) if code not in shown)


def phone_of(cast: Cast, name: str, *roles: str) -> Phone:
    """``name`` has set up an app, half a minute ago and earlier: what it shows now was not used."""
    actor, secret = cast.actor(name, *roles), pyotp.random_base32()
    phone = Phone(secret)
    with cast.app.app_context():
        sheet = totp.confirm(actor, secret, phone.code(-1), "Ponsel")
    assert sheet is not None
    return Phone(secret, sheet)


def password_given(cast: Cast, name: str, **query: str) -> FlaskClient:
    """A browser in which ``name`` has typed the right password; the second step is still to come."""
    browser = cast.app.test_client()
    answer = browser.post("/login/", query_string=query, data={"username": name, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, STEP), answer.text
    return browser


def step(browser: FlaskClient, code: str) -> TestResponse:
    return browser.post(STEP, data={"code": code})


def comes_in(browser: FlaskClient, code: str) -> bool:
    """Whether this code is enough."""
    step(browser, code)
    return is_in(browser)


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/").status_code == 200


def told(app: Flask, name: str) -> list[str]:
    """What happened to accounts, as the notices that ``name`` has tell it, oldest first; without what they have of the
    password alone."""
    with app.app_context():
        mine = select(Notice.action).join(User, User.id == Notice.user_id).where(User.username == name)
        found = db.session.scalars(mine.where(Notice.case_id.is_(None)).order_by(Notice.id))
        return [what for what in found if what.startswith(("factor", "recovery", "code"))]


def mailed(app: Flask, name: str) -> list[str]:
    with app.app_context():
        mine = select(OutgoingMail.text).where(OutgoingMail.recipient == user_named(name).email)
        return list(db.session.scalars(mine.order_by(OutgoingMail.id)))


def logged(app: Flask, *areas: str) -> list[tuple[str, str, dict[str, object]]]:
    """Action, account and detail of the entries of these areas of the audit log, oldest first."""
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
        return [(e.action, e.account, e.detail) for e in entries if e.action.partition(".")[0] in areas]


def actor_named(name: str) -> Actor:
    return Actor.of(user_named(name))
