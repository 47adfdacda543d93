"""The server inside ``run.py``: waitress, which nobody stops by opening connections and saying little.

Waitress reads requests without a thread of its own for each, so whoever is slow keeps nobody else waiting, but for the
number of open connections. Those are closed that say nothing, or less than a phone in a tunnel would; when many are
open, the one that has been at its request for longest gives way to the next.
"""

from __future__ import annotations

import copy
import resource
import time
from pathlib import Path
from typing import Any

from flask import Flask
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import MultiSocketServer, TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import RequestEntityTooLarge

#: Requests worked on at once; SQLite has one writer anyway.
THREADS = 8
#: Connections at once, and how many of them are left for who comes next.
CONNECTIONS, SPARE = 1000, 50
#: Seconds for the head of a request, and between two of them; bytes a second of a body, after the first seconds.
HEAD, IDLE, SLOWEST = 20, 60, 1024
#: Bytes of a body under whose head stands nobody's session or token. The application refuses smaller ones, in words.
STRANGERS = 1 << 20
TOO_LARGE = Path(__file__).resolve().parents[2] / "deploy" / "pages" / "413.html"


class TooLarge(RequestEntityTooLarge):
    """As the proxy of a deployment says it."""

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        page = TOO_LARGE.read_bytes()
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), ("Connection", "close")]
        return "413 Content Too Large", [*headers, ("Content-Length", str(len(page)))], page


class Parser(HTTPRequestParser):
    """Lets a stranger send little. Whose cookie is forged, the application finds out before it reads the body."""

    adj: Any
    error: Any

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if not {"COOKIE", "AUTHORIZATION"} & self.headers.keys():
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = STRANGERS

    def received(self, data: bytes) -> int:
        taken: int = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge):
            self.error = TooLarge(self.error.body)
        return taken


class Channel(HTTPChannel):
    parser_class = Parser

    def __init__(self, *arguments: Any, **more: Any) -> None:
        #: When what it waits for began: the first byte of a request, or the end of the one before.
        self.since = time.time()
        super().__init__(*arguments, **more)

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.since = time.time()
        return bool(super().received(data))

    @property
    def waits(self) -> bool:
        """For its client, to send more."""
        return not self.requests and not self.total_outbufs_len

    def is_overdue(self, now: float) -> bool:
        if self.request is None:
            return bool(now - max(self.since, self.last_activity) > IDLE)
        taken = self.request.body_bytes_received if self.request.headers_finished else 0
        return bool(now - self.since > HEAD + taken / SLOWEST)


class Server(TcpWSGIServer):
    channel_class = Channel

    def maintenance(self, now: float) -> None:
        for channel in self.active_channels.values():
            if channel.waits and channel.is_overdue(now):
                channel.will_close = True

    def handle_accept(self) -> None:
        super().handle_accept()
        if len(self._map) > self.adj.connection_limit - SPARE:
            waiting = [one for one in self.active_channels.values() if one.waits and not one.will_close]
            if waiting:
                min(waiting, key=lambda one: one.since).handle_close()


def serve(app: Flask, host: str, port: int) -> None:
    """Until the process is told to end."""
    _allow_files(CONNECTIONS * 2)
    adjustments = Adjustments(
        host=host, port=port, threads=THREADS, ident="Tuntas", connection_limit=CONNECTIONS, cleanup_interval=5,
        # select() knows no more than 1,024 files.
        asyncore_use_poll=True,
        max_request_header_size=64 << 10,
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + (1 << 20),
        # Which proxies are believed, the application decides (TRUSTED_PROXIES).
        clear_untrusted_proxy_headers=False,
    )  # fmt: skip
    listening: dict[int, Any] = {}
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(adjustments.threads)
    servers = [
        Server(app, listening, dispatcher=dispatcher, adj=adjustments, sockinfo=one) for one in adjustments.listen
    ]
    places = [(one.effective_host, one.effective_port) for one in servers]
    MultiSocketServer(listening, adjustments, places, dispatcher, servers[-1].log_info).run()


def _allow_files(wanted: int) -> None:
    """A connection is a file to the system, which allows few of them at first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
