"""Signing in by way of a provider of OpenID Connect, and what a provider or somebody between may try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey

from app.panel.account.oidc import register
from app.services.core.access import user_named
from directory_settings import oidc
from tests import provider as providers
from tests.cast import PASSWORD, Cast
from tests.provider import Provider
from tests.services.accounts.directories.test_ldap import entries, roles

HERE = "http://localhost"
BEGIN, BACK = "/login/oidc/", "/login/oidc/callback"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providers.running() as one:
        one.knows("dewi", "/pelayanan", "/kantin")
        one.knows("agus", "/admin", "hukum")
        one.knows("tamu", "/kantin")
        yield one


@pytest.fixture
def app(app: Flask, provider: Provider) -> Flask:
    app.config.update(OIDC=oidc(provider.settings(HERE)), PUBLIC_URL=HERE)
    register(app)
    return app


def led_back(browser: FlaskClient, provider: Provider, name: str, begin: str = BEGIN) -> str:
    """The path to which the provider leads somebody who pressed the button."""
    left = browser.get(begin)
    assert left.status_code == 302, left.text
    parts = urlsplit(left.location)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{provider.url}/authorize"
    question = {key: value for key, [value] in parse_qs(parts.query).items()}
    back = urlsplit(provider.allowed(question, name))
    assert f"{back.scheme}://{back.netloc}" == HERE
    return f"{back.path}?{back.query}"


def signed_in(app: Flask, provider: Provider, name: str) -> FlaskClient:
    browser = app.test_client()
    browser.get(led_back(browser, provider, name))
    return browser


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/users/userinfo/").status_code == 200


def said(browser: FlaskClient) -> str:
    return browser.get("/login/").text.partition("<main")[2]


def test_the_first_sign_in_makes_the_account_and_leads_on(app: Flask, provider: Provider) -> None:
    browser = app.test_client()
    assert "Akun Terang" in said(browser)
    back = led_back(browser, provider, "dewi", f"{BEGIN}?next=/users/userinfo/")
    assert browser.get(back).location == "/users/userinfo/"
    assert is_in(browser)
    with app.app_context():
        user = user_named("dewi")
        assert (user.first_name, user.last_name, user.email) == ("Dewi", "Luar", "dewi@luar.example")
        assert (user.origin, user.origin_key) == ("oidc", "id-dewi")
    assert roles(app, "dewi") == {"CS"}
    made = [entry.detail["changes"] for entry in entries(app, "user.created") if entry.subject_name[:4] == "Dewi"]
    assert [one["origin"] for one in made] == [[None, "oidc"]]


def test_roles_follow_the_claim(app: Flask, provider: Provider) -> None:
    assert is_in(signed_in(app, provider, "agus"))
    assert roles(app, "agus") == {"Admin", "Legal Litigasi 1"}
    provider.knows("agus", "hukum", "/pelayanan")
    assert is_in(signed_in(app, provider, "agus"))
    assert roles(app, "agus") == {"CS", "Legal Litigasi 1"}
    provider.knows("agus", "/kantin")
    browser = signed_in(app, provider, "agus")
    assert not is_in(browser)
    assert "belum ada yang memberi peran di sini" in said(browser)
    assert roles(app, "agus") == set()


@pytest.mark.parametrize("groups", [None, "", [], {}, 5, [["/admin"]], "/Admin", ["admin", "/pelayanan/x"]])
def test_a_claim_that_names_no_known_group_gives_nothing(app: Flask, provider: Provider, groups: Any) -> None:
    provider.people["dewi"]["groups"] = groups
    assert not is_in(signed_in(app, provider, "dewi"))
    with app.app_context():
        assert user_named("dewi") is None


LIES: dict[str, dict[str, Any]] = {
    "for somebody else": {"aud": "another client"},
    "for somebody else, asked by us": {"aud": "another client", "azp": "tuntas"},
    "for nobody": {"aud": None},
    "for several, of whom another one asked": {"aud": ["tuntas", "other"], "azp": "other"},
    "by somebody else": {"iss": "https://other.example"},
    "by nobody": {"iss": None},
    "out of date": {"exp": 1_000_000_000},
    "for ever": {"exp": None},
    "of another attempt": {"nonce": "another"},
    "of no attempt": {"nonce": None},
    "of nobody": {"sub": None},
    "of an empty name": {"sub": ""},
    "of a name too long": {"sub": "x" * 256},
    "of a user name with blanks": {"preferred_username": "de wi"},
    "of a user name too long": {"preferred_username": "d" * 65},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_what_it_should_be_lets_nobody_in(app: Flask, provider: Provider, lie: str) -> None:
    provider.lie = LIES[lie]
    browser = signed_in(app, provider, "dewi")
    assert not is_in(browser)
    assert 'class="alert' in said(browser)
    provider.lie = {}
    assert is_in(signed_in(app, provider, "dewi"))


@pytest.mark.parametrize("forged", ["another key", "no signature", "the public key as a secret", "no token"])
def test_nor_does_one_that_somebody_else_signed(app: Flask, provider: Provider, forged: str) -> None:
    if forged == "another key":
        provider.key = RSAKey.generate_key(2048, {"kid": "satu"})
    elif forged == "no signature":
        provider.header, provider.algorithms = {"alg": "none"}, ["none", "RS256"]
    elif forged == "the public key as a secret":
        provider.header, provider.algorithms = {"alg": "HS256"}, ["HS256", "RS256"]
    else:
        provider.without_token = True
    assert not is_in(signed_in(app, provider, "dewi"))


def test_a_provider_under_another_name_is_not_believed(app: Flask, provider: Provider) -> None:
    provider.calls_itself = "https://other.example"
    browser = app.test_client()
    assert browser.get(BEGIN).location.startswith("/login/")
    assert "Akun Terang" in said(browser)


def test_only_the_browser_that_asked_is_signed_in(app: Flask, provider: Provider) -> None:
    """Nobody can be made to sign in as somebody else: the answer belongs to the question."""
    asked, other = app.test_client(), app.test_client()
    back = led_back(asked, provider, "agus")
    led_back(other, provider, "agus")
    other.get(back)
    assert not is_in(other)
    for made_up in ("", "?code=x", "?code=x&state=y", "?error=access_denied&error_description=%0Aa", "?state=%00"):
        assert other.get(BACK + made_up).status_code == 302
        assert not is_in(other)
    asked.get(back)
    assert is_in(asked)
    # And it counts once.
    asked.post("/logout/")
    asked.get("/logout/")
    again = app.test_client()
    again.get(back)
    assert not is_in(again)


def test_it_leads_nowhere_else(app: Flask, provider: Provider) -> None:
    browser = app.test_client()
    back = led_back(browser, provider, "dewi", f"{BEGIN}?next=https://other.example/")
    assert browser.get(back).location == "/"


def test_an_account_of_this_system_is_nobody_elses(app: Flask, provider: Provider) -> None:
    cast = Cast(app)
    cast.user("dewi", "CS")
    cast.user("lain", "CS")
    browser = signed_in(app, provider, "dewi")
    assert not is_in(browser)
    assert "admin" in said(browser)
    provider.knows("baru", "/admin", email="lain@example.test")
    assert not is_in(signed_in(app, provider, "baru"))
    with app.app_context():
        assert user_named("baru") is None
        assert user_named("dewi").origin == ""


def test_an_address_that_is_not_checked_is_not_taken(app: Flask, provider: Provider) -> None:
    provider.knows("baru", "/pelayanan", email="bos@luar.example", email_verified=False)
    assert is_in(signed_in(app, provider, "baru"))
    with app.app_context():
        assert user_named("baru").email == "baru@localhost"


def test_who_is_deactivated_here_stays_out(app: Flask, provider: Provider) -> None:
    signed_in(app, provider, "dewi")
    with app.app_context():
        user_named("dewi").active = False
        app.appbuilder.session.commit()
    assert not is_in(signed_in(app, provider, "dewi"))


def test_there_is_no_password_to_come_in_by(app: Flask, provider: Provider) -> None:
    signed_in(app, provider, "dewi")
    for password in ("", PASSWORD, "x"):
        browser = app.test_client()
        browser.post("/login/", data={"username": "dewi", "password": password})
        assert not is_in(browser)


def test_what_asks_again_asks_the_provider(app: Flask, provider: Provider) -> None:
    browser = signed_in(app, provider, "agus")
    assert "/login/oidc/again" in browser.get("/confirm/?next=/users/list/").text
    back = led_back(browser, provider, "agus", "/login/oidc/again?next=/users/list/")
    assert browser.get(back).location == "/users/list/"
    # Not by showing somebody else, nor with a sign-in of an hour ago.
    back = led_back(browser, provider, "dewi", "/login/oidc/again?next=/users/list/")
    assert browser.get(back).location == "/"
    provider.lie = {"auth_time": 1_000_000_000}
    back = led_back(browser, provider, "agus", "/login/oidc/again?next=/users/list/")
    assert browser.get(back).location == "/"


def test_where_the_provider_is_away_local_people_still_get_in(app: Flask, provider: Provider) -> None:
    provider.close()
    browser = app.test_client()
    assert browser.get(BEGIN).location.startswith("/login/")
    assert "Akun Terang" in said(browser)
    assert is_in(Cast(app).login("cs"))


def test_without_one_there_is_no_way(make_app: Callable[..., Flask]) -> None:
    browser = make_app().test_client()
    assert "/login/oidc" not in browser.get("/login/").text
    assert browser.get(BEGIN).status_code == 404
    assert browser.get(BACK).status_code == 404
