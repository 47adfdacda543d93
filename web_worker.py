"""gunicorn's worker with threads, which no client keeps from others by being slow.

gunicorn gives each connection a thread as soon as it is there, so that eight clients who say nothing stop a server of
eight threads. Here a connection waits, without a thread, until the head of a request and a small body are there; a
large body, which a thread reads, and an answer have to move. Beside ``gunicorn.conf.py`` and without an import of the
application.
"""

from __future__ import annotations

import errno
import re
import socket
import time
from collections import deque
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

#: Seconds for the head of a request and a small body; between two parts of a large one; for a part of an answer.
HEAD, PAUSE, SEND = 20, 20, 60
#: Seconds for what is left of a body that was refused, in a thread and outside of it.
MOMENT, LINGER = 0.05, 2
#: Bytes a second of a large body, once the first seconds are over.
SLOWEST = 1024
#: Bytes that wait without a thread; more of a head is refused by the parser, more of a body is read by a thread.
KEPT = 64 << 10
#: Of all connections, so many are left for who comes next.
SPARE = 50
#: The system gives this process, or any, no more files.
FULL = frozenset({errno.EMFILE, errno.ENFILE})
END = b"\r\n\r\n"
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,19})[ \t]*\r\n", re.IGNORECASE)


class Line(socket.socket):
    """A connection that has to move while a thread is at it."""

    begun, taken = 0.0, 0

    def begin(self) -> None:
        self.begun, self.taken = time.monotonic(), 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        if time.monotonic() - self.begun > HEAD + self.taken / SLOWEST:
            raise ConnectionResetError(errno.ECONNRESET, "too slow")
        part = self._moving(PAUSE, super().recv, size, flags)
        self.taken += len(part)
        return part  # type: ignore[no-any-return]

    def sendall(self, data: Any, flags: int = 0) -> None:
        self._moving(SEND, super().sendall, data, flags)

    def _moving(self, seconds: int, do: Any, *arguments: Any) -> Any:
        patience = self.gettimeout()
        if patience is not None:
            return do(*arguments)
        self.settimeout(seconds)
        try:
            return do(*arguments)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "too slow") from None
        finally:
            self.settimeout(None)


class Connection(TConn):
    """``head``: what has come of the next request; ``large``: a thread began before all of it was there."""

    head, large = b"", False

    def is_whole(self) -> bool:
        """Whether a thread can begin with it."""
        end = self.head.find(END)
        if end < 0 or len(self.head) > end + KEPT:
            self.large = len(self.head) > KEPT
            return self.large
        body = self.head[end + len(END) :]
        said = LENGTH.search(self.head, 0, end + 2)
        length = int(said[1]) if said else 0
        self.large = length > KEPT
        if CHUNKED.search(self.head, 0, end + 2):
            return body.endswith(b"\r\n\r\n") and (body.startswith(b"0\r\n") or b"\r\n0\r\n" in body)
        return self.large or len(body) >= length


class PatientWorker(ThreadWorker):
    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        #: Answered before all was read: closed at once, the answer would get lost on its way.
        self.leaving: deque[Connection] = deque()

    def accept(self, listener: Any) -> None:
        if self.cfg.is_ssl:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in FULL and self.pending_conns:
                self._drop(self.pending_conns[0])
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        line = Line(fileno=client.detach())
        self._await(Connection(self.cfg, line, address, listener.getsockname()))
        if self.nr_conns > self.worker_connections - SPARE and len(self.pending_conns) > 1:
            self._drop(self.pending_conns[0])

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """The next request on a connection that was kept."""
        if not isinstance(conn, Connection):
            super().on_client_socket_readable(conn, client)
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await(conn)

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        if not isinstance(conn, Connection):
            super().on_pending_socket_readable(conn, client)
            return
        try:
            part = socket.socket.recv(conn.sock, KEPT)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self._drop(conn)
            return
        conn.head += part
        if conn.is_whole():
            self._forget(conn)
            self._begin(conn)

    def enqueue_req(self, conn: Any) -> None:
        if isinstance(conn, Connection):
            conn.sock.begin()
        super().enqueue_req(conn)

    def _await(self, conn: Connection) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + HEAD
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _begin(self, conn: Connection) -> None:
        """A thread takes what has come as if it had read it."""
        conn.init()
        conn.parser.unreader.unread(conn.head)
        conn.head, conn.data_ready = b"", True
        self.enqueue_req(conn)

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """What was refused by its head is not read to its end."""
        if not (isinstance(conn, Connection) and conn.large):
            return bool(super()._keepalive_after(conn, keepalive))
        conn.large = not conn.parser.finish_body(deadline=time.monotonic() + MOMENT)
        return keepalive and not conn.large

    def finish_request(self, conn: Any, fs: Any) -> None:
        if (
            isinstance(conn, Connection)
            and conn.large
            and not fs.cancelled()
            and not fs.exception()
            and not fs.result()
        ):
            self._let_go(conn)
        else:
            super().finish_request(conn, fs)

    def _let_go(self, conn: Connection) -> None:
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, partial(self._hear_out, conn))
        except (OSError, ValueError):
            self.nr_conns -= 1
            conn.close()
            return
        conn.timeout = time.monotonic() + LINGER
        self.leaving.append(conn)

    def _hear_out(self, conn: Connection, client: Any) -> None:
        try:
            if socket.socket.recv(conn.sock, KEPT):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        conn.timeout = 0.0

    def murder_pending(self) -> None:
        """Those that waited too long; when a worker ends, they are no longer in the order of their ends."""
        now = time.monotonic()
        for conn in [one for one in self.pending_conns if one.timeout <= now]:
            self._drop(conn)
        for conn in [one for one in self.leaving if one.timeout <= now]:
            self.poller.unregister(conn.sock)
            self.leaving.remove(conn)
            self.nr_conns -= 1
            conn.close()

    def _forget(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)

    def _drop(self, conn: Connection) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def _cap_keepalive(self, deadline: float) -> None:
        """A worker that ends waits no longer for who has said nothing yet; whose request is half here is served."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            if not getattr(conn, "head", b""):
                conn.timeout = min(conn.timeout, deadline)
