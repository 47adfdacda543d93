"""The gestures themselves, on a server that is slower than the one of the other tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.gestures import looked_through
from tests.moment import context_of
from tests.servers import serving

#: Seconds for which a page stays half there: longer than a click takes.
PAUSE = 1.0
HEAD = '<!doctype html><html lang="id"><head><title>{title}</title></head><body><main><h1>{title}</h1>'
FIRST = HEAD.format(title="Pertama") + '<a href="{next}">Lanjut</a></main></body></html>'
REST = "<p>Isi</p>{last}</main></body></html>"
FAULT = '<img src="data:,">'
#: What of the next page comes at once, and what after a pause.
HALVES = {"nothing": ("", HEAD.format(title="Kedua")), "heading": (HEAD.format(title="Kedua"), "")}


class Slow(BaseHTTPRequestHandler):
    """``/first/A/B`` leads to ``/next/A/B``: a page of which A comes at once, and which ends as B."""

    def do_GET(self) -> None:
        if self.path.count("/") != 3:  # the browser's own wish for an icon
            self.send_error(404)
            return
        _, place, half, end = self.path.split("/")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if place == "first":
            self.wfile.write(FIRST.format(next=f"/next/{half}/{end}").encode())
            return
        at_once, later = HALVES[half]
        self.wfile.write(at_once.encode())
        self.wfile.flush()
        threading.Event().wait(PAUSE)
        self.wfile.write((later + REST.format(last=FAULT if end == "fault" else "")).encode())

    def log_message(self, *_args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def slow() -> Iterator[str]:
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Slow)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = context_of(chromium)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("half", HALVES)
def test_a_page_is_looked_through_when_all_of_it_is_there(slow: str, page: Page, half: str) -> None:
    page.goto(f"{slow}/first/{half}/sound")
    page.get_by_role("link", name="Lanjut").click()
    looked_through(page)
    assert page.get_by_text("Isi").is_visible()


@pytest.mark.parametrize("half", HALVES)
def test_what_is_wrong_at_its_end_is_found(slow: str, page: Page, half: str) -> None:
    page.goto(f"{slow}/first/{half}/fault")
    page.get_by_role("link", name="Lanjut").click()
    with pytest.raises(AssertionError, match="image-alt"):
        looked_through(page)
