"""A program elsewhere: an HTTP server that keeps what it got, answers as it is told, and verifies signatures."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Got:
    """A call as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """Its content; raises when the signature is not by ``secret``."""
        found: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return found


class Receiver:
    """``pem``: certificate and key, for calls by https. ``answers``: the statuses of the next answers, 204 after them.
    ``slow``: seconds between the lines of an answer. ``meanwhile``: what happens while a call waits for its answer."""

    def __init__(self, pem: Path | None = None) -> None:
        self.got: list[Got] = []
        self.answers: list[int] = []
        self.slow = 0.0
        self.meanwhile: Callable[[], Any] = lambda: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.handle_error = lambda *call: None  # type: ignore[method-assign] # of a caller who does not trust us
        if pem is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append(Got(self.path, headers, body))
            status = receiver.answers.pop(0) if receiver.answers else 204
            receiver.meanwhile()
            if receiver.slow:
                self._trickle()
            else:
                with suppress(OSError):  # the caller was killed
                    self._answer(status)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            if status in (301, 302, 307, 308):
                self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
            said = b"" if status == 204 else b"answer of %d \x00" % status + b"x" * 5000
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def _trickle(self) -> None:
            """A header line at a time, without an end."""
            with suppress(OSError):  # the caller has had enough
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                for line in range(90):
                    time.sleep(receiver.slow)
                    self.wfile.write(b"X-%d: x\r\n" % line)
            self.close_connection = True

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def receiving(pem: Path | None = None) -> Iterator[Receiver]:
    receiver = Receiver(pem)
    try:
        yield receiver
    finally:
        receiver.close()
