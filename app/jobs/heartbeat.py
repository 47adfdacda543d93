"""A worker tells every while that it is alive, also while a long task keeps it."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from flask import Flask

from app.services.operation import workers

#: Of this process: a number of a process is given out again.
NAME = f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(3)}"
log = structlog.get_logger("tuntas.worker")


@contextmanager
def beating(app: Flask) -> Iterator[None]:
    """Tells of this process until the end of the block."""
    ended = threading.Event()
    teller = threading.Thread(target=_tell, args=(app, ended), name="heartbeat", daemon=True)
    _tell_once(app)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join(workers.EVERY)
        _leave(app)


def _tell(app: Flask, ended: threading.Event) -> None:
    while not ended.wait(workers.EVERY):
        _tell_once(app)


def _tell_once(app: Flask) -> None:
    try:
        with app.app_context():
            workers.tell(NAME)
    except Exception:
        log.warning("the worker could not tell that it is alive", exc_info=True)


def _leave(app: Flask) -> None:
    try:
        with app.app_context():
            workers.leave(NAME)
    except Exception:
        log.warning("the worker could not take its leave", exc_info=True)
