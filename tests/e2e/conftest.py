"""A running server and real browsers in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from waitress.server import create_server

from tests.cast import PASSWORD, Cast
from tests.moment import context_of

#: Tells of whatever a page wanted to load, to run or to look like against its policy.
VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => toldOfViolation(
  [location.pathname, event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber].join(" ")
));
"""


@dataclass
class Live:
    """A server in a thread of this process: its address, its app, its people."""

    url: str
    app: Flask
    cast: Cast


@pytest.fixture
def live(make_app: Callable[..., Flask]) -> Iterator[Live]:
    app = make_app(WTF_CSRF_ENABLED=True)
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Live(f"http://127.0.0.1:{server.effective_port}", app, Cast(app))
    server.close()
    thread.join(5)


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
        page.goto(f"{live.url}/login/")
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", PASSWORD)
        page.click("form [type=submit]")
        page.wait_for_url(lambda url: "/login/" not in url)  # an auditor begins elsewhere
        return page

    yield open_for
    for context in opened:
        context.close()
    assert errors == []
