"""A mail server in a process of its own, which accepts everything and keeps nothing."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Sink:
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        return "250 accepted"


@contextmanager
def office() -> Iterator[int]:
    """The port of the server. It is forked off before anything else runs, so that the process that forks others has no
    thread."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        _serve(writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        port = int(pipe.readline())
    try:
        yield port
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _serve(writing: int) -> None:
    from aiosmtpd.controller import Controller

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    Controller(Sink(), hostname="127.0.0.1", port=port).start()
    os.write(writing, f"{port}\n".encode())
    while True:
        signal.pause()
