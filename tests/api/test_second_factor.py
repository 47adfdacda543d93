"""A program that signs in with a password says a code as well, where the user has a second factor."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import PASSWORD, Cast
from tests.factors import logged, phone_of

LOGIN = "/api/v1/security/login"
BODY = {"username": "cs", "password": PASSWORD}


def post(cast: Cast, **more: Any) -> Any:
    return cast.app.test_client().post(LOGIN, json=BODY | more)


def test_the_password_alone_gets_no_token(any_cast: Cast) -> None:
    phone = phone_of(any_cast, "cs")
    for more in ({}, {"otp": ""}, {"otp": None}, {"otp": phone.wrong()}):
        answer = post(any_cast, **more)
        assert (answer.status_code, answer.json["second_factor"]) == (401, ["totp", "recovery_code"])
        assert "access_token" not in answer.json
        assert answer.json["message"]
    token = post(any_cast, otp=phone.code(), refresh=True).json
    client = any_cast.app.test_client()
    for name in ("access_token", "refresh_token"):
        assert token[name]
    renewed = client.post("/api/v1/security/refresh", headers={"Authorization": f"Bearer {token['refresh_token']}"})
    for got in (token, renewed.json):
        headers = {"Authorization": f"Bearer {got['access_token']}"}
        assert client.get("/api/v1/worklist", headers=headers).status_code == 200
    assert post(any_cast, otp=phone.code()).status_code == 401, "a code counts once, here too"
    assert post(any_cast, otp=phone.sheet[0]).status_code == 200
    done = [detail for action, _account, detail in logged(any_cast.app, "sign_in") if action == "sign_in.done"]
    assert done == [{"way": "api", "second": "totp"}, {"way": "api", "second": "recovery_code"}]


@pytest.mark.parametrize("otp", [123456, ["123456"], {"a": 1}, True])
def test_a_code_is_text(cast: Cast, otp: Any) -> None:
    phone_of(cast, "cs")
    assert post(cast, otp=otp).status_code == 400


def test_who_has_none_needs_none(cast: Cast) -> None:
    cast.user("cs")
    assert post(cast).status_code == 200
    assert post(cast, otp="123456").status_code == 200


def test_a_wrong_password_says_nothing_of_it(cast: Cast) -> None:
    phone = phone_of(cast, "cs")
    answer = post(cast, password="salah", otp=phone.code())
    assert (answer.status_code, "second_factor" in answer.json) == (401, False)
    assert post(cast, otp=phone.code()).status_code == 200, "the code was not spent"
