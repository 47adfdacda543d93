"""The second step: the right password alone lets nobody in who has a second factor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.services.accounts.factors.checking import FREE
from app.services.core.access import user_named
from tests.cast import PASSWORD, Cast
from tests.factors import STEP, comes_in, is_in, logged, mailed, password_given, phone_of, step, told

PASSWORD_AFTER = "kuda besi jembatan merah"


def test_a_code_comes_after_the_password(any_cast: Cast, time: time_machine.Coordinates) -> None:
    phone = phone_of(any_cast, "cs")
    browser = password_given(any_cast, "cs", next="/somasi/new")
    assert not is_in(browser)
    assert browser.get("/api/v1/worklist").status_code == 401
    page = browser.get(STEP)
    assert 'autocomplete="one-time-code"' in page.text
    assert "no-store" in page.headers["Cache-Control"]
    answer = step(browser, phone.code())
    assert (answer.status_code, answer.headers["Location"]) == (302, "/somasi/new")
    assert is_in(browser)
    assert browser.get(STEP).headers["Location"] == "/", "who goes back is in all the same"
    assert [(what, detail) for what, _account, detail in logged(any_cast.app, "sign_in")] == [
        ("sign_in.password", {"way": "form"}), ("sign_in.done", {"way": "form", "second": "totp"})
    ]  # fmt: skip


def test_who_has_none_signs_in_as_before(cast: Cast) -> None:
    assert is_in(cast.login("cs"))


@pytest.mark.parametrize("later", [-1, 0, 1])
def test_clocks_may_differ_by_half_a_minute(cast: Cast, time: time_machine.Coordinates, later: int) -> None:
    phone = phone_of(cast, "cs")
    time.shift(90)  # so that none of them was used
    assert comes_in(password_given(cast, "cs"), phone.code(later))


@pytest.mark.parametrize("later", [-2, 2])
def test_but_by_no_more(cast: Cast, time: time_machine.Coordinates, later: int) -> None:
    phone = phone_of(cast, "cs")
    time.shift(90)
    browser = password_given(cast, "cs")
    assert step(browser, phone.code(later)).headers["Location"] == STEP
    assert "Kode ini salah" in browser.get(STEP).text
    assert "Kode ini salah" not in browser.get(STEP).text
    assert not is_in(browser)


def test_a_code_counts_once(any_cast: Cast, time: time_machine.Coordinates) -> None:
    phone = phone_of(any_cast, "cs")
    code, before = phone.code(), phone.code(-1)
    assert comes_in(password_given(any_cast, "cs"), code)
    thief = password_given(any_cast, "cs")
    for seen in (code, before):
        assert not comes_in(thief, seen)
        assert not is_in(thief)
    assert comes_in(thief, phone.code(1))


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "٠١٢٣٤٥", "\x00", "abcdef", "x" * 10_000, "-12345"])
def test_what_is_no_code_is_wrong(cast: Cast, code: str) -> None:
    phone_of(cast, "cs")
    browser = password_given(cast, "cs")
    assert not comes_in(browser, code)
    assert not is_in(browser)


def test_wrong_codes_have_to_wait_longer_and_longer(any_cast: Cast, time: time_machine.Coordinates) -> None:
    app = any_cast.app
    phone = phone_of(any_cast, "cs")
    for _number in range(FREE):
        assert not comes_in(password_given(any_cast, "cs"), phone.wrong())
    browser = password_given(any_cast, "cs")
    blocked = step(browser, phone.code())
    assert (blocked.status_code, blocked.headers["Retry-After"]) == (429, "60")
    assert "Terlalu banyak kode yang salah" in blocked.text
    assert not is_in(browser)
    program = {"username": "cs", "password": PASSWORD, "otp": phone.code()}
    by_api = app.test_client().post("/api/v1/security/login", json=program)
    assert (by_api.status_code, by_api.headers["Retry-After"]) == (429, "60"), "nobody guesses on by the API"
    assert told(app, "cs")[-1] == "code_blocked@cs"
    assert "ganti kata sandi" in mailed(app, "cs")[-1]
    time.shift(61)
    assert not comes_in(browser, phone.wrong())
    assert step(browser, phone.code()).headers["Retry-After"] == "120"
    time.shift(121)
    assert comes_in(browser, phone.code())
    assert not comes_in(password_given(any_cast, "cs"), phone.wrong()), "with it all is forgotten"
    refused = [detail for action, _account, detail in logged(app, "sign_in") if action == "sign_in.refused"]
    assert [detail["failures"] for detail in refused if detail["why"] == "second_factor"] == [1, 2, 3, 4, 5, 6, 1]
    assert phone.wrong() not in str(refused)


def test_a_recovery_code_counts_once(any_cast: Cast) -> None:
    app = any_cast.app
    phone = phone_of(any_cast, "cs")
    assert len(set(phone.sheet)) == 10
    browser = password_given(any_cast, "cs")
    answer = step(browser, f" {phone.sheet[3].upper().replace('-', ' ')} ")
    assert answer.status_code == 302
    assert "Sisa kode: 9" in browser.get("/").text
    again = password_given(any_cast, "cs")
    assert not comes_in(again, phone.sheet[3])
    assert not is_in(again)
    assert comes_in(again, phone.sheet[4])
    assert told(app, "cs")[-2:] == ["recovery_used@cs"] * 2
    assert logged(app, "recovery_code")[-1] == ("recovery_code.used", "cs", {"left": 8})


def test_the_password_counts_five_minutes(cast: Cast, time: time_machine.Coordinates) -> None:
    phone = phone_of(cast, "cs")
    browser = password_given(cast, "cs", next="/somasi/new")
    time.shift(timedelta(minutes=5, seconds=1))
    answer = step(browser, phone.code())
    assert answer.headers["Location"] == "/login/?next=/somasi/new"
    assert not is_in(browser)
    assert "dalam lima menit" in browser.get(answer.headers["Location"]).text


def test_without_a_password_there_is_no_second_step(cast: Cast) -> None:
    phone = phone_of(cast, "cs")
    browser = cast.app.test_client()
    assert browser.get(STEP).headers["Location"] == "/login/?next=/"
    assert step(browser, phone.code()).headers["Location"] == "/login/?next=/"
    assert not is_in(browser)


@pytest.mark.parametrize("change", ["password", "active"])
def test_what_ends_the_account_ends_the_second_step(cast: Cast, change: str) -> None:
    phone = phone_of(cast, "cs")
    browser = password_given(cast, "cs")
    with cast.app.app_context():
        user = user_named("cs")
        if change == "password":
            cast.app.appbuilder.sm.reset_password(user.id, PASSWORD_AFTER)
        else:
            user.active = False
            cast.app.appbuilder.sm.update_user(user)
    assert "/login/?next" in step(browser, phone.code()).headers["Location"]
    assert not is_in(browser)


def test_one_users_second_step_is_not_anothers(cast: Cast) -> None:
    phone_of(cast, "cs")
    other = phone_of(cast, "legal")
    browser = password_given(cast, "cs")
    assert not comes_in(browser, other.code())
    assert not comes_in(browser, other.sheet[0])
    assert not is_in(browser)


def test_a_stranger_is_led_nowhere_else(cast: Cast) -> None:
    phone = phone_of(cast, "cs")
    browser = password_given(cast, "cs", next="https://evil.example/x")
    assert step(browser, phone.code()).headers["Location"] == "/"


def test_under_another_key_a_secret_is_worth_nothing(make_app: Callable[..., Flask]) -> None:
    """A recovery code still is."""
    cast = Cast(make_app())
    phone = phone_of(cast, "cs")
    cast.app.config["SECRET_KEY"] = "another secret of the tests, long enough as well"
    browser = password_given(cast, "cs")
    assert not comes_in(browser, phone.code())
    assert comes_in(browser, phone.sheet[0])
