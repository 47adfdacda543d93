"""The tests' clock itself: where it begins, that it runs, and who follows it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from flask import Flask
from playwright.sync_api import Browser

from app.models.types import utcnow
from app.services.core import clock
from tests import moment, other_days

SOON = timedelta(minutes=5)


def is_now(said: datetime) -> bool:
    return moment.beginning() <= said < moment.beginning() + SOON


def test_every_clock_of_the_product_begins_at_the_moment(app: Flask) -> None:
    with app.app_context():
        assert is_now(clock.now())
        assert clock.today() == moment.beginning().astimezone(clock.zone()).date()
    assert is_now(utcnow())
    assert is_now(datetime.fromtimestamp(time.time(), UTC))


def test_the_clock_runs() -> None:
    before = utcnow()
    time.sleep(0.01)
    assert utcnow() > before


def test_a_process_that_a_test_starts_follows() -> None:
    script = "from datetime import UTC, datetime; print(datetime.now(UTC).isoformat())"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert is_now(datetime.fromisoformat(said.strip()))


def test_a_page_in_a_browser_follows(chromium: Browser) -> None:
    context = moment.context_of(chromium)
    page = context.new_page()
    try:
        assert is_now(datetime.fromtimestamp(page.evaluate("Date.now()") / 1000, UTC))
        assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Jakarta"
        page.evaluate("new Promise(done => setTimeout(done, 10))")
    finally:
        context.close()


def test_the_environment_puts_it_elsewhere_in_jakarta_where_nothing_else_is_said(
    app: Flask, moment_clock: moment.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = (os.environ.get("TZ"), time.tzname)
    monkeypatch.setenv("TEST_TODAY", "2028-02-29T23:30")
    moment_clock.begin()
    with app.app_context():
        assert f"{clock.now():%Y-%m-%d %H:%M %z}" == "2028-02-29 23:30 +0700"
    assert (os.environ.get("TZ"), time.tzname) == zone, "the machine's zone is not the tests' affair"


def test_the_other_days_are_many_and_each_is_another() -> None:
    days = [datetime.fromisoformat(day.moment) for day in other_days.DAYS]
    assert len(set(days)) == len(days) >= 24
    assert all(day.tzinfo for day in days)
    assert all(day.zone in available_timezones() for day in other_days.DAYS)
