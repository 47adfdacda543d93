"""The page "Account security": setting factors up, naming and removing them, recovery codes, an admin's reset."""

from __future__ import annotations

import re
from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import RecoveryCode, SecondFactor
from app.services.core.access import user_named
from app.web.recent import RECENT
from tests.cast import PASSWORD, Cast
from tests.factors import CODE, Phone, comes_in, is_in, logged, mailed, password_given, phone_of, step, told

PAGE = "/account-security/"
SECRET = re.compile(r'<code class="secret-text" translate="no">([A-Z2-7 ]+)</code>')


def scanned(browser: FlaskClient) -> Phone:
    """What the page shows is in the phone."""
    answer = browser.get(f"{PAGE}totp")
    assert (answer.status_code, answer.cache_control.no_store) == (200, True)
    assert "<svg" in answer.text
    assert "style=" not in answer.text
    found = SECRET.search(answer.text)
    assert found
    return Phone(found[1].replace(" ", ""))


def pk_of(app: Flask, name: str) -> int:
    with app.app_context():
        return int(user_named(name).id)


def factors(app: Flask, name: str) -> list[SecondFactor]:
    with app.app_context():
        mine = select(SecondFactor).where(SecondFactor.user_id == user_named(name).id)
        return list(db.session.scalars(mine.order_by(SecondFactor.id)))


def test_an_app_is_set_up_by_a_code_of_it(any_cast: Cast, time: time_machine.Coordinates) -> None:
    app = any_cast.app
    browser, elsewhere, program = any_cast.login("cs"), any_cast.login("cs"), any_cast.api("cs")
    phone = scanned(browser)
    assert scanned(browser).secret == phone.secret, "coming back it is the same, since the phone has it by now"
    wrong = browser.post(f"{PAGE}totp", data={"code": phone.wrong(), "name": "HP saya"})
    assert "Kode ini salah" in wrong.text
    assert 'value="HP saya"' in wrong.text
    assert factors(app, "cs") == []
    done = browser.post(f"{PAGE}totp", data={"code": phone.code(), "name": "HP saya"})
    assert done.cache_control.no_store
    assert len(CODE.findall(done.text)) == 10
    [factor] = factors(app, "cs")
    assert factor.name == "HP saya"
    assert phone.secret not in (factor.sealed_secret or "")
    assert is_in(browser)
    assert not is_in(elsewhere), "who had the password before is out"
    assert program.get("/worklist").status_code == 401
    thief = password_given(any_cast, "cs")
    assert not comes_in(thief, phone.code()), "the code that set it up is spent"
    time.shift(30)
    assert comes_in(thief, phone.code())
    assert told(app, "cs") == ["factor_added@cs", "recovery_made@cs"]
    assert len(mailed(app, "cs")) == 2
    assert [entry[0] for entry in logged(app, "second_factor", "recovery_codes")][:2] == [
        "second_factor.added", "recovery_codes.made"
    ]  # fmt: skip
    assert phone.secret not in str(logged(app, "second_factor"))


def test_a_secret_belongs_to_whom_it_was_shown(cast: Cast, time: time_machine.Coordinates) -> None:
    """Nor does signing in as somebody else carry it over."""
    browser = cast.login("cs")
    phone = scanned(browser)
    browser.post("/logout/")
    cast.user("legal")
    browser.post("/login/", data={"username": "legal", "password": PASSWORD})
    browser.post(f"{PAGE}totp", data={"code": phone.code()})
    assert factors(cast.app, "legal") == []


def test_it_asks_for_the_password_again(cast: Cast, time: time_machine.Coordinates) -> None:
    phone_of(cast, "cs")
    browser, other = cast.login("legal"), factors(cast.app, "cs")[0].id
    time.shift(RECENT + timedelta(seconds=1))
    for path in ("totp", "passkey"):
        answer = browser.get(PAGE + path)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/confirm/"), path
    for path in ("totp", "passkey", "passkey/options", f"{other}/remove", "recovery-codes"):
        assert browser.post(PAGE + path).status_code == 401, path
    assert browser.get(PAGE).status_code == 200


def test_factors_are_named_and_removed(any_cast: Cast, time: time_machine.Coordinates) -> None:
    app = any_cast.app
    phone = phone_of(any_cast, "cs")
    browser = password_given(any_cast, "cs")
    step(browser, phone.code())
    time.shift(30)
    second = scanned(browser)
    assert browser.post(f"{PAGE}totp", data={"code": second.code(), "name": "Ponsel"}).status_code == 302
    first, other = factors(app, "cs")
    assert (first.name, other.name) == ("Ponsel", "Ponsel 2")
    assert browser.post(f"{PAGE}{other.id}/name", data={"name": " Tablet\n rumah "}).status_code == 302
    assert factors(app, "cs")[1].name == "Tablet rumah"
    for name in ("", " ", "x" * 81):
        assert browser.post(f"{PAGE}{other.id}/name", data={"name": name}).status_code == 422
    for pk in (first.id, other.id):
        assert browser.post(f"{PAGE}{pk}/remove").status_code == 302
    assert factors(app, "cs") == []
    with app.app_context():
        assert db.session.scalars(select(RecoveryCode)).all() == [], "codes are worth nothing without a factor"
    assert is_in(any_cast.login("cs")), "the password is enough again"
    assert told(app, "cs").count("factor_removed@cs") == 2


def test_nobody_touches_anothers(cast: Cast) -> None:
    phone_of(cast, "cs")
    theirs = factors(cast.app, "cs")[0]
    browser = cast.login("admin")
    for pk in (theirs.id, 0, 10**20):
        assert browser.post(f"{PAGE}{pk}/remove").status_code == 404
        assert browser.post(f"{PAGE}{pk}/name", data={"name": "x"}).status_code == 404
    assert [one.name for one in factors(cast.app, "cs")] == ["Ponsel"]


def test_new_codes_take_the_place_of_the_old(any_cast: Cast, time: time_machine.Coordinates) -> None:
    phone = phone_of(any_cast, "cs")
    browser = password_given(any_cast, "cs")
    step(browser, phone.code())
    page = browser.post(f"{PAGE}recovery-codes")
    codes = CODE.findall(page.text)
    assert len(set(codes)) == 10
    assert not set(codes) & set(phone.sheet)
    other = password_given(any_cast, "cs")
    assert not comes_in(other, phone.sheet[0])
    assert comes_in(other, codes[0])
    with any_cast.app.app_context():
        kept = " ".join(db.session.scalars(select(RecoveryCode.hash)))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    assert any_cast.login("legal").post(f"{PAGE}recovery-codes").status_code == 409, "there are none without a factor"


def test_an_admin_resets_them(any_cast: Cast, time: time_machine.Coordinates) -> None:
    app = any_cast.app
    phone = phone_of(any_cast, "cs")
    browser = password_given(any_cast, "cs")
    step(browser, phone.code())
    any_cast.user("other_admin", "Admin")
    admin, pk = any_cast.login("admin"), pk_of(app, "cs")
    assert f"/second-factors/{pk}" in admin.get(f"/users/show/{pk}").text
    assert "Ponsel" in admin.get(f"/second-factors/{pk}").text
    answer = admin.post(f"/second-factors/{pk}/reset")
    assert answer.headers["Location"] == f"/users/show/{pk}"
    assert not is_in(browser), "whoever is in with them is out"
    assert is_in(any_cast.login("cs"))
    assert told(app, "cs")[-1] == "factors_reset@cs"
    for name in ("admin", "other_admin"):
        assert told(app, name) == ["factors_reset_of@cs"]
        assert "“cs”" in mailed(app, name)[-1]
    assert logged(app, "second_factor")[-1] == ("second_factor.reset", "admin", {"kinds": ["totp"]})


def test_nobody_else_does(cast: Cast) -> None:
    phone_of(cast, "cs")
    pk, own = pk_of(cast.app, "cs"), pk_of(cast.app, cast.user("admin"))
    for name in ("supervisor", "legal", "cs_lain"):
        browser = cast.login(name, *(() if name != "cs_lain" else ("CS",)))
        assert browser.get(f"/second-factors/{pk}").status_code == 403
        assert browser.post(f"/second-factors/{pk}/reset").status_code == 403
    admin = cast.login("admin")
    assert admin.post(f"/second-factors/{own}/reset").status_code == 403, "their own they keep as everybody does"
    assert admin.post("/second-factors/2147483648/reset").status_code == 404
    assert len(factors(cast.app, "cs")) == 1


def test_notices_lead_to_the_page(cast: Cast, time: time_machine.Coordinates) -> None:
    phone = phone_of(cast, "cs")
    browser = password_given(cast, "cs")
    step(browser, phone.code())
    page = browser.get("/notices/").text
    assert "Faktor kedua ditambahkan" in page
    pk = re.search(r"/notices/(\d+)/open", page)
    assert pk
    assert browser.post(f"/notices/{pk[1]}/open").headers["Location"] == PAGE
    assert "account" not in re.findall(r'name="way-(\w+)"', browser.get("/notices/choices").text)
