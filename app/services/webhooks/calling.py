"""One call to an endpoint: to an address that may be called, followed nowhere else, bounded in time and size."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util import connection, parse_url

from app.services.core.addresses import Unreachable, resolve

#: Seconds for a connection, for the pauses of an answer, and for all of it.
CONNECT, READ, WHOLE = 5.0, 10.0, 15.0
#: Bytes of an answer that are read and kept.
KEPT = 500


@dataclass(frozen=True)
class Answer:
    """``status`` is None and ``error`` says why where no answer came in time. ``text``: its first characters."""

    status: int | None
    ms: int
    text: str = ""
    error: str = ""

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class _Guarded:
    """Connects to an address that was judged itself, so that a name which leads elsewhere the second time is no way
    around."""

    host: str
    port: int
    timeout: Any
    socket_options: Any
    encrypted = False
    twin: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        failed: OSError | None = None
        for address in resolve(self.host, self.port, encrypted=self.encrypted):
            try:
                made = connection.create_connection(
                    (address, self.port), self.timeout, socket_options=self.socket_options
                )
            except OSError as error:
                failed = error
            else:
                self.twin = made.dup()
                return made
        raise NewConnectionError(self, str(failed))  # type: ignore[arg-type]

    def hang_up(self) -> None:
        """Ends the call from another thread, whatever it waits for."""
        if self.twin is not None:
            try:
                self.twin.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended by itself


class _Plain(_Guarded, HTTPConnection):
    pass


class _Encrypted(_Guarded, HTTPSConnection):
    encrypted = True


class _Call:
    """``late``: it took longer than it may and was ended."""

    def __init__(self, url: str) -> None:
        parts = parse_url(url)
        encrypted = parts.scheme == "https"
        pool = HTTPSConnectionPool if encrypted else HTTPConnectionPool
        self.pool: Any = pool(parts.host or "", parts.port, timeout=Timeout(connect=CONNECT, read=READ))
        self.pool.ConnectionCls = self._made(_Encrypted if encrypted else _Plain)
        self.path, self.late, self.connections = parts.request_uri, False, list[_Guarded]()

    def _made(self, kind: Any) -> Any:
        def make(*args: Any, **settings: Any) -> Any:
            self.connections.append(kind(*args, **settings))
            return self.connections[-1]

        return make

    def send(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        timer = threading.Timer(WHOLE, self._end)
        timer.daemon = True
        timer.start()
        try:
            with self.pool.urlopen(
                "POST", self.path, body=body, headers=headers, redirect=False, retries=False, preload_content=False
            ) as response:
                return response.status, response.read(KEPT, decode_content=False)
        finally:
            timer.cancel()
            self.pool.close()
            for one in self.connections:
                if one.twin is not None:
                    one.twin.close()

    def _end(self) -> None:
        self.late = True
        for one in self.connections:
            one.hang_up()


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Redirects are answers like others, and no proxy of the environment takes part."""
    begun = time.monotonic()
    call = _Call(url)
    status, text, error = None, b"", ""
    try:
        status, text = call.send(body, headers)
    except Unreachable as refusal:
        error = refusal.message
    except (HTTPError, OSError) as failure:
        error = f"{type(failure).__name__}: {failure}"
    if call.late:  # what was cut off may look like an answer without a body
        status, text, error = None, b"", "Timeout"
    return Answer(status, round((time.monotonic() - begun) * 1000), _readable(text), error)


def _readable(text: bytes) -> str:
    return text.decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
