"""SECOND_FACTOR_ROLES: who belongs to one of them reaches nothing before they have a second factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app import create_app
from config import WrongSetting
from tests.cast import PASSWORD, Cast
from tests.conftest import settings_for
from tests.factors import STEP, is_in, password_given, phone_of, step
from tests.panel.account.test_factors import PAGE, factors, scanned

SENTENCE = "Peran Anda memerlukan faktor kedua"


@pytest.fixture
def strict(make_app: Callable[..., Flask]) -> Cast:
    return Cast(make_app(SECOND_FACTOR_ROLES=frozenset({"Admin", "CS"})))


def signed_in(cast: Cast, name: str, *roles: str) -> Any:
    """Let in, but no further."""
    cast.user(name, *roles)
    browser = cast.app.test_client()
    assert browser.post("/login/", data={"username": name, "password": PASSWORD}).headers["Location"] == "/"
    return browser


def test_they_are_led_there_and_nowhere_else(strict: Cast) -> None:
    browser = signed_in(strict, "cs")
    for rule in strict.app.url_map.iter_rules():
        view = rule.endpoint.partition(".")[0]
        if "GET" not in (rule.methods or ()) or rule.arguments or view in ALLOWED:
            continue
        answer = browser.get(str(rule))
        if str(rule).startswith("/api/"):
            assert answer.status_code == 403, rule
            assert SENTENCE in answer.json["message"]
        else:
            assert (answer.status_code, answer.headers.get("Location")) == (302, PAGE), rule
    assert browser.post("/somasi/new", data={}).headers["Location"] == PAGE
    assert browser.post("/api/v1/somasi/", json={}).status_code == 403
    page = browser.get(PAGE)
    assert SENTENCE in page.text
    assert "/logout/" in page.text
    assert "topbar-menu" not in page.text


#: What is open to them, or to everybody.
ALLOWED = {
    "SecondFactorView", "SecondStepView", "ConfirmView", "ResetMyPasswordView", "AuthDBView", "LocaleView", "ThemeView",
    "PublicView", "FeedView", "health", "metrics",
}  # fmt: skip


def test_with_one_they_go_on(strict: Cast) -> None:
    browser = signed_in(strict, "cs")
    phone = scanned(browser)
    assert browser.post(f"{PAGE}totp", data={"code": phone.code()}).status_code == 200
    assert is_in(browser)
    assert browser.get("/api/v1/worklist").status_code == 200
    [factor] = factors(strict.app, "cs")
    refused = browser.post(f"{PAGE}{factor.id}/remove")
    assert (refused.status_code, len(factors(strict.app, "cs"))) == (409, 1), "the last one stays"
    again = password_given(strict, "cs")
    step(again, phone.code(1))
    assert is_in(again)


def test_other_roles_are_left_alone(strict: Cast) -> None:
    assert is_in(strict.login("legal"))
    assert strict.api("legal").get("/worklist").status_code == 200


def test_a_second_role_is_enough(strict: Cast) -> None:
    assert signed_in(strict, "both", "Legal", "CS").get("/").headers["Location"] == PAGE


def test_no_token_before_that(strict: Cast) -> None:
    strict.user("cs")
    body = {"username": "cs", "password": PASSWORD}
    answer = strict.app.test_client().post("/api/v1/security/login", json=body)
    assert (answer.status_code, SENTENCE in answer.json["message"]) == (403, True)
    phone = phone_of(strict, "cs")
    answer = strict.app.test_client().post("/api/v1/security/login", json=body | {"otp": phone.code()})
    assert answer.status_code == 200


def test_tokens_and_keys_of_before_are_refused(make_app: Callable[..., Flask]) -> None:
    """The setting came after them."""
    cast = Cast(make_app())
    program, browser = cast.api("cs"), cast.login("cs")
    refresh = cast.app.test_client().post(
        "/api/v1/security/login", json={"username": "cs", "password": PASSWORD, "refresh": True}
    ).json["refresh_token"]  # fmt: skip
    key = browser.post("/api/v1/security/api_keys/", json={"name": "robot"}).json["result"]["key"]
    cast.app.config["SECOND_FACTOR_ROLES"] = frozenset({"CS"})
    client = cast.app.test_client()
    for answer in (
        program.get("/worklist"),
        client.get("/api/v1/worklist", headers={"Authorization": f"Bearer {key}"}),
        client.post("/api/v1/security/refresh", headers={"Authorization": f"Bearer {refresh}"}),
        browser.get("/api/v1/worklist"),
    ):
        assert (answer.status_code, SENTENCE in answer.json["message"]) == (403, True), answer.text
    assert browser.get("/").headers["Location"] == PAGE
    phone_of(cast, "cs")
    assert client.get("/api/v1/worklist", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_a_reset_leads_back_there(strict: Cast) -> None:
    phone = phone_of(strict, "cs")
    browser = password_given(strict, "cs")
    step(browser, phone.code())
    assert is_in(browser)
    with strict.app.app_context():
        done = strict.app.test_cli_runner().invoke(args=["reset-second-factor", "cs"])
    assert done.exit_code == 0, done.output
    assert signed_in(strict, "cs").get("/").headers["Location"] == PAGE


def test_a_role_that_is_not_there_stops_the_start(tmp_path: Any, template: Any) -> None:
    with pytest.raises(WrongSetting, match=r"SECOND_FACTOR_ROLES.*“Amdin”.*Admin"):
        create_app(settings_for(tmp_path, SECOND_FACTOR_ROLES=frozenset({"Amdin", "CS"})))


def test_the_second_step_comes_first(strict: Cast) -> None:
    phone_of(strict, "cs")
    browser = password_given(strict, "cs")
    assert browser.get(PAGE).headers["Location"].startswith("/login/")
    assert browser.get(STEP).status_code == 200
