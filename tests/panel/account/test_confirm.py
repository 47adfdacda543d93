"""Sensitive acts ask for the password again once the last sign-in is ten minutes old."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.services.core.access import user_named
from app.web.recent import RECENT
from tests.cast import PASSWORD, Cast

MINUTE = timedelta(minutes=1)


def pk_of(app: Flask, name: str) -> int:
    with app.app_context():
        return int(user_named(name).id)


def form_of(admin: FlaskClient, app: Flask, **more: str) -> dict[str, str]:
    """The fields of the form of ``cs``, as the page has them."""
    with app.app_context():
        user = user_named("cs")
        return {"first_name": user.first_name, "last_name": user.last_name, "username": "cs", "email": user.email,
                "roles": str(user.roles[0].id), "active": "y"} | more  # fmt: skip


def hidden(page: str) -> dict[str, str]:
    """What a browser sends along without showing it."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.partition("<main")[2])
    return {name: unescape(value) for name, value in fields if name != "csrf_token"}


def test_a_page_asks_first_and_leads_back(app: Flask, cast: Cast, time: time_machine.Coordinates) -> None:
    cast.user("cs")
    admin, form = cast.login("admin"), f"/users/edit/{pk_of(app, 'cs')}?from=list"
    assert admin.get(form).status_code == 200, "who has just signed in is not asked"
    time.shift(RECENT + MINUTE)
    asked = admin.get(form)
    assert asked.status_code == 303
    address = urlsplit(asked.headers["Location"])
    assert (address.path, parse_qs(address.query)["next"]) == ("/confirm/", [form])
    assert 'name="confirm_password"' in admin.get(asked.headers["Location"]).text

    wrong = admin.post("/confirm/", data={"next": form, "confirm_password": "salah"})
    assert "confirm_password-error" in wrong.text
    assert admin.get(form).status_code == 303
    right = admin.post("/confirm/", data={"next": form, "confirm_password": PASSWORD})
    assert (right.status_code, right.headers["Location"]) == (303, form)
    assert admin.get(form).status_code == 200
    time.shift(RECENT - MINUTE)
    assert admin.get(form).status_code == 200
    time.shift(2 * MINUTE)
    assert admin.get(form).status_code == 303, "a page that is opened does not prolong it"


@pytest.mark.parametrize(
    "header", ["Digest a=b", "Bearer " + "a" * 6000, "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiI5In0."]
)
def test_a_page_knows_its_session_alone(app: Flask, cast: Cast, time: time_machine.Coordinates, header: str) -> None:
    """Whatever header of a program comes along."""
    cast.user("cs")
    admin, form = cast.login("admin"), f"/users/edit/{pk_of(app, 'cs')}?from=list"
    assert admin.get(form, headers={"Authorization": header}).status_code == 200
    time.shift(RECENT + MINUTE)
    assert admin.get(form, headers={"Authorization": header}).status_code == 303
    answer = admin.post("/api/v1/security/api_keys/", json={"name": "a"}, headers={"Authorization": header})
    assert answer.status_code == 401


def test_what_was_typed_is_kept(app: Flask, cast: Cast, time: time_machine.Coordinates) -> None:
    cast.user("cs")
    admin, form = cast.login("admin"), f"/users/edit/{pk_of(app, 'cs')}"
    sent = form_of(admin, app, email="ganti@example.test", first_name='Rina "Ayu"')
    time.shift(RECENT + MINUTE)
    asked = admin.post(form, data=sent)
    assert asked.status_code == 401
    again = hidden(asked.text)
    assert again == sent
    assert re.findall(r'<form method="post" action="([^"]+)"', asked.text.partition("<main")[2]) == [form]

    def stored() -> str:
        with app.app_context():
            return str(user_named("cs").email)

    assert admin.post(form, data=again | {"confirm_password": "salah"}).status_code == 401
    assert stored() == "cs@example.test"
    assert admin.post(form, data=again | {"confirm_password": PASSWORD}).status_code == 302
    assert stored() == "ganti@example.test"


def test_a_new_password_never_comes_back(app: Flask, cast: Cast, time: time_machine.Coordinates) -> None:
    cast.user("cs")
    admin = cast.login("admin")
    time.shift(RECENT + MINUTE)
    asked = admin.post(f"/resetpassword/form?pk={pk_of(app, 'cs')}", data={"password": "rahasia-besar-sekali"})
    assert asked.status_code == 401
    assert "rahasia-besar-sekali" not in asked.text
    assert cast.login("cs").get("/").status_code == 200, "nothing was changed"


def test_it_is_the_own_password_of_this_session(app: Flask, cast: Cast, time: time_machine.Coordinates) -> None:
    cast.user("cs")
    admin, form = cast.login("admin"), f"/users/edit/{pk_of(app, 'cs')}"
    time.shift(RECENT + MINUTE)
    with app.app_context():
        user_named("cs").password = app.appbuilder.sm.hashed("lain-dari-yang-lain")
        db.session.commit()
    sent = {"next": form, "confirm_password": "lain-dari-yang-lain"}
    assert "confirm_password-error" in admin.post("/confirm/", data=sent).text
    assert admin.get(form).status_code == 303


def test_nobody_is_led_elsewhere(cast: Cast) -> None:
    answer = cast.login("cs").post("/confirm/", data={"next": "https://evil.example/", "confirm_password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_guest_signs_in_first(client: FlaskClient) -> None:
    assert urlsplit(client.get("/confirm/?next=/users/add").headers["Location"]).path == "/login/"
    assert urlsplit(client.post("/confirm/", data={"confirm_password": PASSWORD}).headers["Location"]).path == "/login/"
