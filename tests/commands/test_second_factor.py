"""The last way in, where no other admin is left."""

from __future__ import annotations

from flask import Flask

from tests.cast import Cast
from tests.factors import is_in, logged, password_given, phone_of, step, told


def test_second_factors_are_reset_by_command(any_app: Flask) -> None:
    cast = Cast(any_app)
    phone = phone_of(cast, "admin")
    browser = password_given(cast, "admin")
    step(browser, phone.code())
    with any_app.app_context():
        done = any_app.test_cli_runner().invoke(args=["reset-second-factor", "admin"])
    assert (done.exit_code, done.output.split()[0]) == (0, "1"), done.output
    assert not is_in(browser)
    assert is_in(cast.login("admin"))
    assert told(any_app, "admin")[-1] == "factors_reset@admin"
    action, account, detail = logged(any_app, "second_factor")[-1]
    assert (action, account, detail["command"]) == ("second_factor.reset", "", "reset-second-factor")
    assert detail["system_user"]


def test_nobody_of_that_name(app: Flask) -> None:
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["reset-second-factor", "nobody"])
    assert done.exit_code == 1
    assert "nobody" in done.output
