"""One's own password: who only finds a session open can neither change nor guess it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.services.core.access import user_named
from tests.cast import PASSWORD, Cast
from tests.panel.helpers import refused

FORM = "/resetmypassword/form"
NEW = {"password": "sandi-yang-baru", "conf_password": "sandi-yang-baru"}


@pytest.mark.parametrize("current", [None, "", "salah", PASSWORD.upper(), "\x00"])
def test_without_the_current_one_nothing_is_changed(cast: Cast, current: str | None) -> None:
    browser = cast.login("cs")
    refused(browser, FORM, NEW if current is None else NEW | {"current_password": current}, "current_password")
    assert cast.login("cs").get("/").status_code == 200


def test_an_admins_own_page_is_no_way_around(app: Flask, cast: Cast) -> None:
    admin, other = cast.login("admin"), cast.user("cs")
    with app.app_context():
        mine, theirs = (user_named(name).id for name in ("admin", other))
    assert admin.post(f"/resetpassword/form?pk={mine}", data=NEW).status_code == 403
    assert admin.get("/").status_code == 200
    assert cast.login("admin").get("/").status_code == 200
    assert "/resetmypassword/form" in admin.get(f"/users/show/{mine}").text.partition("<main")[2]
    assert f"/resetpassword/form?pk={theirs}" in admin.get(f"/users/show/{theirs}").text


def test_guesses_are_limited(make_app: Callable[..., Flask]) -> None:
    app = make_app(RATELIMIT_ENABLED=True, AUTH_RATE_LIMIT="3 per minute")
    cast = Cast(app)
    browser, other = cast.login("cs"), cast.login("legal")
    wrong = NEW | {"current_password": "salah"}
    assert [browser.post(FORM, data=wrong).status_code for _n in range(4)] == [200, 200, 200, 429]
    assert browser.get(FORM).status_code == 200
    assert other.post(FORM, data=NEW | {"current_password": PASSWORD}).status_code == 302
