"""A running server and real browsers in it."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from zlib import crc32

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from waitress.server import create_server

from tests import databases
from tests.cast import PASSWORD, Cast
from tests.conftest import settings_for
from tests.moment import context_of
from tests.reuse import Reused
from tests.servers import wait_until

HERE = Path(__file__).parent
#: Of a desk and of a phone.
WIDTHS = (1280, 390)
#: Tells of whatever a page wanted to load, to run or to look like against its policy.
VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => toldOfViolation(
  [location.pathname, event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber].join(" ")
));
"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Half of the stories are told on a phone, half at a desk, always the same ones; ``EVERY_WIDTH=1``: on both."""
    if os.environ.get("EVERY_WIDTH") or any("[" in asked for asked in config.args):
        return
    left_out = [item for item in items if item.path.parent == HERE and _has_a_twin(item)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def _has_a_twin(item: pytest.Item) -> bool:
    width = item.callspec.params.get("width") if hasattr(item, "callspec") else None
    on_a_phone = crc32(getattr(item, "originalname", item.name).encode()) % 2
    return width in WIDTHS and width != WIDTHS[on_a_phone]


@dataclass
class Live:
    """A server in a thread of this process: its address, its app, its people."""

    url: str
    app: Flask
    cast: Cast


@pytest.fixture(scope="session")
def house(
    fresh: databases.Sqlite | databases.Postgresql, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Reused, Any]]:
    """One app and its server for all tests."""
    folder = tmp_path_factory.mktemp("live")
    settings = settings_for(folder, SQLALCHEMY_DATABASE_URI=fresh.lay(folder), WTF_CSRF_ENABLED=True)
    reused = Reused(settings, lambda: fresh.lay(folder))
    server: Any = create_server(reused.app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield reused, server
    server.task_dispatcher.shutdown()
    server.close()
    thread.join(5)
    fresh.drop(folder)


@pytest.fixture
def live(house: tuple[Reused, Any]) -> Iterator[Live]:
    reused, server = house
    at_work = server.task_dispatcher
    # Of the browsers before there may be requests on their way still.
    wait_until(lambda: not (at_work.queue or at_work.active_count), "the server is still busy")
    reused.renew()
    yield Live(f"http://127.0.0.1:{server.effective_port}", reused.app, Cast(reused.app))
    reused.rest()


def signed_in(context: BrowserContext, url: str, name: str) -> str:
    """Signs in without drawing the form, which other tests do; the address where ``name`` begins."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', context.request.get(f"{url}/login/").text())
    assert token
    form = {"username": name, "password": PASSWORD, "csrf_token": token[1]}
    answer = context.request.post(f"{url}/login/", form=form, max_redirects=0)
    assert answer.status == 302, answer.text()
    # By the machine's clock, which the driver goes by, it has ended.
    [(cookie, morsel)] = SimpleCookie(answer.headers["set-cookie"]).items()
    context.add_cookies([{"name": cookie, "value": morsel.value, "url": url, "httpOnly": True, "sameSite": "Lax"}])
    return urljoin(url, answer.headers["location"])


@pytest.fixture
def browser_page(live: Live, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a browser of their own for a user, signed in; every script error on a page fails the test, and whatever the
    page may not load, run or look like."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def open_for(name: str, *roles: str, unit: str | None = None, width: int = 1280, locale: str = "id-ID") -> Page:
        live.cast.user(name, *roles, unit=unit)
        context = context_of(chromium, viewport={"width": width, "height": 900}, locale=locale)
        opened.append(context)
        context.expose_function("toldOfViolation", lambda told: errors.append(told))
        context.add_init_script(VIOLATIONS)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(signed_in(context, live.url, name))
        return page

    yield open_for
    for context in opened:
        context.close()
    assert errors == []
