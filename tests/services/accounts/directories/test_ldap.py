"""Signing in with the password of a real LDAP server: by the form and by the API, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, User
from app.services.accounts.directories import ldap, looking_after
from app.services.core.access import user_named
from app.services.core.errors import Unavailable
from directory_settings import Ldap
from tests.cast import PASSWORD as LOCAL
from tests.cast import Cast
from tests.slapd import PASSWORD, PEOPLE, Slapd


def tries(app: Flask, name: str, password: str = PASSWORD) -> tuple[FlaskClient, Any]:
    """A browser in which somebody has tried to sign in, and the answer."""
    browser = app.test_client()
    return browser, browser.post("/login/", data={"username": name, "password": password})


def is_in(app: Flask, name: str, password: str = PASSWORD) -> bool:
    browser, answer = tries(app, name, password)
    assert answer.status_code in (200, 302, 403, 429, 503), answer.text
    return browser.get("/users/userinfo/").status_code == 200


def token(app: Flask, name: str, password: str = PASSWORD) -> Any:
    return app.test_client().post("/api/v1/security/login", json={"username": name, "password": password})


def roles(app: Flask, name: str) -> set[str]:
    with app.app_context():
        user = user_named(name)
        return {role.name for role in user.roles}


def entries(app: Flask, action: str) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)))


def test_the_first_sign_in_makes_the_account(asking: Flask) -> None:
    assert is_in(asking, "budi")
    with asking.app_context():
        user = user_named("budi")
        assert (user.first_name, user.last_name, user.email) == ("Budi", "Santoso", "budi@contoh.example")
        assert (user.origin, user.active, user.password) == ("ldap", True, "")
    assert roles(asking, "budi") == {"CS"}
    [made] = [entry.detail["changes"] for entry in entries(asking, "user.created") if entry.subject_name[:4] == "Budi"]
    assert (made["roles"], made["origin"]) == ([None, ["CS"]], [None, "ldap"])
    # The same account afterwards, however the name is written.
    assert is_in(asking, "BUDI")
    assert is_in(asking, "budi@contoh.example")
    with asking.app_context():
        assert len(list(db.session.scalars(select(User).where(User.origin == "ldap")).unique())) == 1


def test_a_program_gets_a_token_with_the_same_password(asking: Flask) -> None:
    answer = token(asking, "joko")
    assert answer.status_code == 200
    header = {"Authorization": f"Bearer {answer.json['access_token']}"}
    assert asking.test_client().get("/api/v1/worklist/", headers=header).status_code == 200
    assert roles(asking, "joko") == {"CS", "Legal Litigasi 1"}


@pytest.mark.parametrize("password", ["salah", PASSWORD.upper(), LOCAL, " ", "\x00", f"{PASSWORD}\x00"])
def test_a_wrong_password_is_refused(asking: Flask, password: str) -> None:
    assert not is_in(asking, "budi", password)
    assert token(asking, "budi", password).status_code == 401
    assert is_in(asking, "budi")
    assert not is_in(asking, "budi", password)


def test_no_password_is_no_password(settings: Ldap, app: Flask) -> None:
    """To LDAP a name without one is a sign-in that succeeds."""
    with app.test_request_context():
        assert ldap.person(settings, "budi", "") is None
        assert ldap.person(settings, "budi", PASSWORD) is not None


@pytest.mark.parametrize("name", ["*", "b*", "budi)(uid=*", "*)(|(uid=*", "budi\\2a", "(budi", "budi\x00", "nobody"])
def test_a_name_is_only_a_name(asking: Flask, name: str) -> None:
    assert not is_in(asking, name)
    assert token(asking, name).status_code == 401


def test_who_is_in_no_group_with_a_role_is_told_so(asking: Flask) -> None:
    _browser, answer = tries(asking, "rina")
    assert answer.status_code == 403
    assert "belum ada yang memberi peran di sini" in answer.text
    assert token(asking, "rina").status_code == 403
    with asking.app_context():
        assert user_named("rina") is None


def test_nobody_is_an_admin_unless_their_group_says_so(asking: Flask) -> None:
    assert is_in(asking, "siti")
    assert roles(asking, "siti") == {"Admin"}
    assert is_in(asking, "tono")
    assert roles(asking, "tono") == {"QC"}
    with asking.app_context():
        assert user_named("tono").email == "tono@localhost", "the directory knows no address"


def test_roles_follow_the_groups_at_each_sign_in(asking: Flask, directory: Slapd) -> None:
    assert is_in(asking, "joko")
    directory.put_into("cs", "budi", "cs")
    directory.put_into("admins", "joko", "siti")
    assert roles(asking, "joko") == {"CS", "Legal Litigasi 1"}
    assert is_in(asking, "joko")
    assert roles(asking, "joko") == {"Admin", "Legal Litigasi 1"}
    told = entries(asking, "user.roles_followed")[-1].detail
    assert told == {"before": ["CS", "Legal Litigasi 1"], "after": ["Admin", "Legal Litigasi 1"]}


def test_who_has_left_all_groups_is_out(asking: Flask, directory: Slapd) -> None:
    browser, _answer = tries(asking, "legal")
    assert browser.get("/users/userinfo/").status_code == 200
    directory.put_into("hukum", "joko")
    assert tries(asking, "legal")[1].status_code == 403
    assert roles(asking, "legal") == set()
    assert browser.get("/users/userinfo/").status_code == 302, "what was open has ended"
    directory.put_into("hukum", "joko", "legal")
    assert is_in(asking, "legal")


def test_an_account_of_this_system_is_nobody_elses(asking: Flask) -> None:
    """The directory knows somebody called ``cs`` as well."""
    cast = Cast(asking)
    cast.user("cs")
    assert is_in(asking, "cs", LOCAL)
    assert not is_in(asking, "cs", PASSWORD)
    assert not is_in(asking, "CS", PASSWORD)
    assert token(asking, "cs", PASSWORD).status_code == 401
    with asking.app_context():
        assert (user_named("cs").origin, user_named("cs").first_name) == ("", "Cs")


def test_nor_is_its_address(asking: Flask) -> None:
    cast = Cast(asking)
    cast.user("seseorang", "CS")
    with asking.app_context():
        user_named("seseorang").email = "BUDI@contoh.example"
        db.session.commit()
    _browser, answer = tries(asking, "budi")
    assert answer.status_code == 403
    assert "Minta admin" in answer.text or "admin" in answer.text
    with asking.app_context():
        assert user_named("budi") is None
    assert is_in(asking, "seseorang", LOCAL)


def test_a_name_that_is_given_to_somebody_else_does_not_open_the_old_account(asking: Flask, directory: Slapd) -> None:
    directory.add("pindah", mail="pindah@contoh.example")
    directory.put_into("cs", "budi", "pindah")
    assert is_in(asking, "pindah")
    directory.remove("pindah")
    assert not is_in(asking, "pindah")
    directory.add("pindah", mail="lain@contoh.example")
    try:
        assert tries(asking, "pindah")[1].status_code == 403
        with asking.app_context():
            assert user_named("pindah").email == "pindah@contoh.example"
    finally:
        directory.remove("pindah")


def test_who_is_deactivated_here_stays_out(asking: Flask, directory: Slapd) -> None:
    assert is_in(asking, "budi")
    with asking.app_context():
        user_named("budi").active = False
        db.session.commit()
    directory.put_into("admins", "budi", "siti")
    assert not is_in(asking, "budi")
    assert token(asking, "budi").status_code in (401, 403)
    assert roles(asking, "budi") == {"CS"}


def test_name_and_address_follow_the_directory(asking: Flask, directory: Slapd) -> None:
    assert is_in(asking, "joko")
    try:
        directory.change(f"uid=joko,{PEOPLE}", sn=["W\u202eodo"], mail=["joko.baru@contoh.example"])
        assert is_in(asking, "joko")
        with asking.app_context():
            user = user_named("joko")
            assert (user.last_name, user.email) == ("Wodo", "joko.baru@contoh.example")
        assert set(entries(asking, "user.changed")[-1].detail["changes"]) == {"last_name", "email"}
    finally:
        directory.change(f"uid=joko,{PEOPLE}", sn=["Widodo"], mail=["joko@contoh.example"])


def test_where_the_directory_is_away_local_people_still_get_in(asking: Flask) -> None:
    assert is_in(asking, "budi")
    asking.config["LDAP"] = replace(asking.config["LDAP"], port=1)
    Cast(asking).user("legal_litigasi_1")
    _browser, answer = tries(asking, "budi")
    assert answer.status_code == 503
    assert "direktori" in answer.text.lower()
    assert token(asking, "budi").status_code == 503
    assert is_in(asking, "legal_litigasi_1", LOCAL)
    # Nor where it is not named any more: what the account has is no password.
    asking.config["LDAP"] = None
    assert not is_in(asking, "budi")
    assert token(asking, "budi").status_code == 401


@pytest.mark.parametrize("tls", ["starttls", "always"])
def test_the_certificate_is_looked_at(settings: Ldap, directory: Slapd, app: Flask, tls: Any) -> None:
    port = directory.tls_port if tls == "always" else directory.port
    safe = replace(settings, tls=tls, port=port, ca=str(directory.ca))
    with app.test_request_context():
        assert ldap.person(safe, "budi", PASSWORD) is not None
        assert ldap.person(safe, "budi", "salah") is None
        for unsafe in (replace(safe, ca=""), replace(safe, host="localhost")):
            with pytest.raises(Unavailable):
                ldap.person(unsafe, "budi", PASSWORD)


def test_two_that_a_filter_finds_are_nobody(settings: Ldap, app: Flask) -> None:
    with app.test_request_context():
        assert ldap.person(replace(settings, filter="(|(uid={name})(uid=joko))"), "budi", PASSWORD) is None


def test_its_people_change_no_password_here(asking: Flask) -> None:
    browser, _answer = tries(asking, "budi")
    new = {"current_password": PASSWORD, "password": "sandi-yang-baru", "conf_password": "sandi-yang-baru"}
    assert browser.get("/resetmypassword/form").status_code == 403
    assert browser.post("/resetmypassword/form", data=new).status_code == 403
    profile = browser.get("/users/userinfo/").text
    assert "resetmypassword" not in profile.partition("<main")[2]
    assert "direktori" in profile
    with asking.app_context():
        pk = user_named("budi").id
    admin = Cast(asking).login("admin")
    assert admin.get(f"/resetpassword/form?pk={pk}").status_code == 403
    assert admin.post(f"/resetpassword/form?pk={pk}", data=new).status_code == 403
    assert "resetpassword" not in admin.get(f"/users/show/{pk}").text.partition("<main")[2]
    assert is_in(asking, "budi")


def test_confirming_asks_the_directory(asking: Flask) -> None:
    browser, _answer = tries(asking, "siti")
    assert browser.post("/confirm/", data={"confirm_password": "salah", "next": "/"}).status_code == 200
    assert browser.post("/confirm/", data={"confirm_password": PASSWORD, "next": "/"}).status_code == 303


class Form:
    """The form on which an admin keeps a user."""

    def __init__(self, app: Flask, name: str) -> None:
        self.app, self.name, self.admin = app, name, Cast(app).login("admin")

    def sends(self, **more: Any) -> Any:
        with self.app.app_context():
            user = user_named(self.name)
            pk, said = user.id, {
                "first_name": user.first_name, "last_name": user.last_name, "username": user.username,
                "email": user.email, "roles": [str(role.id) for role in user.roles], "active": "y",
                "origin": user.origin,
            }  # fmt: skip
        return self.admin.post(f"/users/edit/{pk}", data=said | more)


def test_an_admin_links_an_account(asking: Flask) -> None:
    Cast(asking).user("cs")
    form = Form(asking, "cs")
    assert form.sends(origin="ldap").status_code == 302
    assert entries(asking, "user.linked")[-1].detail == {"before": "", "after": "ldap"}
    assert not is_in(asking, "cs", LOCAL)
    assert is_in(asking, "cs")
    with asking.app_context():
        user = user_named("cs")
        assert (user.first_name, user.last_name, user.password) == ("Palsu", "Kembar", "")
    # And back again: then an admin gives a password.
    assert form.sends(origin="").status_code == 302
    assert not is_in(asking, "cs")
    with asking.app_context():
        assert user_named("cs").origin_key == ""


def test_roles_that_a_directory_gives_an_admin_does_not(asking: Flask) -> None:
    assert is_in(asking, "budi")
    form = Form(asking, "budi")
    with asking.app_context():
        admin = str(asking.appbuilder.sm.find_role("Admin").id)
    refused = form.sends(roles=[admin])
    assert refused.status_code == 200
    assert roles(asking, "budi") == {"CS"}
    assert form.sends(first_name="Budiman").status_code == 302


def test_without_a_directory_nobody_is_asked_where_passwords_are(app: Flask, cast: Cast) -> None:
    cast.user("cs")
    form = Form(app, "cs")
    with app.app_context():
        pk = user_named("cs").id
    assert 'name="origin"' not in form.admin.get(f"/users/edit/{pk}").text
    assert form.sends(origin="ldap").status_code == 302
    with app.app_context():
        assert user_named("cs").origin == ""


def test_a_role_that_is_not_there_stops_the_start(
    make_app: Callable[..., Flask], settings: Ldap, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        make_app(LDAP=replace(settings, groups=(("cn=x,dc=y", "Bos"),)))
    assert ended.value.code == 3
    assert capsys.readouterr().err.startswith("LDAP_GROUPS: there is no role Bos")


def test_the_worker_looks_after_those_who_came_in(asking: Flask, directory: Slapd) -> None:
    directory.add("keluar")
    directory.put_into("cs", "budi", "joko", "keluar")
    browsers = {name: tries(asking, name)[0] for name in ("budi", "keluar")}
    with asking.app_context():
        looking_after.look_after()
    assert (roles(asking, "budi"), roles(asking, "keluar")) == ({"CS"}, {"CS"})
    directory.remove("keluar")
    directory.put_into("hukum", "joko", "legal", "budi")
    there, asking.config["LDAP"] = asking.config["LDAP"], replace(asking.config["LDAP"], port=1)
    with asking.app_context():
        looking_after.look_after()
        assert roles(asking, "keluar") == {"CS"}, "while the directory is away, nobody loses anything"
        asking.config["LDAP"] = there
        looking_after.look_after()
    assert (roles(asking, "budi"), roles(asking, "keluar")) == ({"CS", "Legal Litigasi 1"}, set())
    assert [browser.get("/users/userinfo/").status_code for browser in browsers.values()] == [200, 302]
