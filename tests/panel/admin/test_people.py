"""People: users, their units and roles, passwords, and how nobody locks everybody out."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from app.extensions import db
from app.models import Event, Unit
from app.services.cases import transitions
from app.services.core import clock
from app.services.core.access import Actor, user_named
from tests.cast import PASSWORD, Cast
from tests.panel.helpers import counted, in_english, one_time_password
from tests.services.running import HARD


def number(app: Flask, name: str) -> int:
    with app.app_context():
        return int(user_named(name).id)


def role(app: Flask, name: str) -> str:
    with app.app_context():
        return str(app.appbuilder.sm.find_role(name).id)


def entry(app: Flask, name: str, *roles: str, **more: Any) -> dict[str, Any]:
    """The form of a user as it is filled in."""
    return {
        "first_name": name.title(), "last_name": "Uji", "username": name, "email": f"{name}@example.test",
        "unit": "__None", "roles": [role(app, one) for one in roles], "active": "y",
    } | more  # fmt: skip


def sign_in(app: Flask, name: str, password: str) -> FlaskClient:
    client = app.test_client()
    client.post("/login/", data={"username": name, "password": password})
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def test_a_new_user_has_unit_and_roles_and_can_sign_in(app: Flask, admin: FlaskClient) -> None:
    with app.app_context():
        db.session.add(Unit(code="U1", name="ULP Satu", active=True))
        db.session.commit()
    answer = admin.post("/users/add", data=entry(app, "rina", "Unit", "CSO", unit="1"))
    assert (answer.status_code, answer.cache_control.no_store) == (200, True)
    password = one_time_password(answer)
    with app.app_context():
        rina = user_named("rina")
        assert rina.unit.code == "U1"
        assert {one.name for one in rina.roles} == {"Unit", "CSO"}
        assert password not in rina.password
    assert sign_in(app, "rina", password).get("/").headers["Location"] == "/resetmypassword/form"


@pytest.mark.parametrize("last", ["", "  ", None])
def test_a_last_name_is_not_obligatory(app: Flask, admin: FlaskClient, last: str | None) -> None:
    form = entry(app, "suharni", "CS", last_name=last)
    one_time_password(admin.post("/users/add", data={key: value for key, value in form.items() if value is not None}))
    with app.app_context():
        suharni = user_named("suharni")
        assert suharni.get_full_name() == str(suharni) == Actor.of(suharni).name == "Suharni"
    assert admin.post(f"/users/edit/{number(app, 'suharni')}", data=form | {"first_name": ""}).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"roles": []}, "roles"),
        ({"roles": ["99999"]}, "roles"),
        ({"username": "dua kata"}, "username"),
        ({"username": "ADMIN"}, "username"),
        ({"email": "bukan surel"}, "email"),
        ({"email": "rina@@contoh.id"}, "email"),
    ],
)
def test_a_wrong_answer_is_explained_beside_its_field(
    app: Flask, admin: FlaskClient, wrong: dict[str, Any], field: str
) -> None:
    form = entry(app, "rina", "CS")
    answer = admin.post("/users/add", data=form | wrong)
    assert answer.status_code == 200
    assert f'id="{field}-error"' in answer.text
    with app.app_context():
        assert user_named("rina") is None


def test_only_the_declared_roles_are_offered(app: Flask, admin: FlaskClient) -> None:
    text = admin.get("/users/add").text
    assert text.count('name="roles"') == len(app.config["FAB_ROLES"])
    assert "Public" not in text


def test_deactivating_ends_what_is_open(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    browser, program = cast.login("cs"), cast.api("cs")
    assert program.get("/worklist/").status_code in (200, 308)
    form = entry(app, "cs", "CS")
    del form["active"]
    assert admin.post(f"/users/edit/{number(app, 'cs')}", data=form).status_code == 302
    assert not is_in(browser)
    assert program.get("/worklist").status_code == 401
    assert not is_in(sign_in(app, "cs", PASSWORD))
    admin.post(f"/users/edit/{number(app, 'cs')}", data=form | {"active": "y"})
    assert not is_in(browser), "an old cookie stays worthless"
    assert is_in(sign_in(app, "cs", PASSWORD))


def test_nobody_deactivates_himself(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    cast.user("second", "admin")
    form = entry(app, "admin", "Admin")
    del form["active"]
    answer = admin.post(f"/users/edit/{number(app, 'admin')}", data=form)
    assert "You can&#39;t deactivate yourself." in answer.text
    assert is_in(admin)


def test_the_last_admin_keeps_the_role(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    path, form = f"/users/edit/{number(app, 'admin')}", entry(app, "admin", "CS")
    assert 'id="roles-error"' in admin.post(path, data=form).text
    cast.user("second", "admin")
    assert admin.post(path, data=form).status_code == 302
    assert admin.get("/users/list/").status_code == 403


def test_users_are_never_deleted(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    cast.user("cs")
    assert admin.post(f"/users/delete/{number(app, 'cs')}").status_code == 404
    assert "/users/delete/" not in admin.get("/users/list/").text


@pytest.mark.parametrize("path", ["/users/list/", "/users/add", "/users/show/1", "/users/edit/1", "/roles/list/",
                                  "/resetpassword/form?pk=1"])  # fmt: skip
def test_only_admins_see_the_pages_of_users(cast: Cast, path: str) -> None:
    assert cast.login("supervisor").get(path).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/roles/add", "/roles/edit/1", "/roles/show/1", "/roles/delete/1", "/groups/list/", "/groups/add",
     "/userstatschartview/chart/", "/users/action/resetpasswords/1", "/users/download/x"],
)  # fmt: skip
def test_what_nobody_needs_is_not_there(admin: FlaskClient, path: str) -> None:
    assert admin.get(path).status_code in (403, 404)


def test_roles_are_listed_with_their_users(cast: Cast, admin: FlaskClient) -> None:
    cast.user("legal_manager")
    text = admin.get("/roles/list/").text
    assert "Legal Manager" in text
    assert "Legal_Manager Uji" in text


@pytest.mark.parametrize("key", ["0", "999", "99999999999999999999", "abc", ""])
def test_users_that_are_not_there(admin: FlaskClient, key: str) -> None:
    assert admin.get(f"/users/show/{key}").status_code == 404
    assert admin.get(f"/resetpassword/form?pk={key}").status_code == 404
    assert admin.post(f"/resetpassword/form?pk={key}").status_code == 404
    assert admin.post(f"/users/unlock/{key}").status_code == 404


def test_an_admin_gives_a_new_password(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    browser = cast.login("cs")
    path = f"/resetpassword/form?pk={number(app, 'cs')}"
    assert "Cs Uji" in admin.get(path).text
    password = one_time_password(admin.post(path))
    assert not is_in(browser)
    assert not is_in(sign_in(app, "cs", PASSWORD))
    assert sign_in(app, "cs", password).get("/").headers["Location"] == "/resetmypassword/form"


def test_everybody_changes_his_own_password(app: Flask, cast: Cast) -> None:
    browser, elsewhere = cast.login("cs"), cast.login("cs")
    profile = browser.get("/users/userinfo/").text
    assert "cs@example.test" in profile
    new = {"current_password": PASSWORD, "password": "sandi-yang-baru", "conf_password": "sandi-yang-baru"}
    assert browser.post("/resetmypassword/form", data=new).status_code == 302
    assert is_in(browser)
    assert not is_in(elsewhere)


def test_a_user_name_that_old_events_have_stays(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    """They keep no account of their own, so they would tell of somebody else."""
    in_english(admin)
    pk = number(app, cast.user("cs"))
    spv = cast.actor("spv")
    with app.app_context():
        case = transitions.create(spv, "hard_complaint", HARD).id
        old = {"case_id": case, "seq": 2, "at": clock.now(), "actor_id": pk, "actor_name": "Cs Uji", "action": "upload",
               "to_state": "reported", "round": 1, "documents": [], "digest": "", "hash": ""}  # fmt: skip
        db.session.execute(insert(Event.__table__).values(old))
        db.session.commit()
    renamed = entry(app, "cs", "CS", username="citra")
    assert "an earlier version of Tuntas wrote" in admin.post(f"/users/edit/{pk}", data=renamed).text
    legal = number(app, cast.user("legal"))
    admin.post(f"/users/edit/{legal}", data=entry(app, "legal", "Legal", username="lia"))
    with app.app_context():
        assert user_named("cs") is not None
        assert user_named("lia") is not None


def test_the_list_asks_no_query_per_user(app: Flask, cast: Cast, admin: FlaskClient) -> None:
    counts = []
    for names in (("a1",), ("a2", "a3", "a4", "a5")):
        for name in names:
            cast.user(name, "cs")
        admin.get("/users/list/")
        with counted(app) as statements:
            assert names[0] in admin.get("/users/list/").text
        counts.append(len(statements))
    assert counts[0] == counts[1]
