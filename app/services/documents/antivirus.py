"""Asking clamd whether a file is infected: its protocol INSTREAM, over a socket of this machine or of another one."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable

from app.services.core.errors import Refused

#: Seconds to reach it, and to wait for its word on one file.
REACH, PATIENCE = 5, 120
CHUNK = 1 << 16


class Away(Exception):
    """clamd can't be asked, or did not say what it found."""


class Infected(Refused):
    """A file in which clamd has found something; ``virus``: what it calls it."""

    status = 422

    def __init__(self, message: str, virus: str) -> None:
        super().__init__(message)
        self.virus = virus


def virus_in(where: str, chunks: Iterable[bytes]) -> str:
    """What clamd finds, as it calls it; empty: nothing. ``where``: ``/path`` of a socket or ``host:port``. Raises
    ``Away``."""
    try:
        with _connected(where) as clamd:
            clamd.sendall(b"zINSTREAM\0")
            for chunk in chunks:
                for begin in range(0, len(chunk), CHUNK):
                    piece = chunk[begin : begin + CHUNK]
                    clamd.sendall(struct.pack("!L", len(piece)) + piece)
            clamd.sendall(struct.pack("!L", 0))
            said = _answer(clamd)
    except OSError as error:
        raise Away(str(error)) from error
    if said.endswith("OK"):
        return ""
    if said.endswith("FOUND"):
        return said.removeprefix("stream:").removesuffix("FOUND").strip() or "?"
    raise Away(said or "clamd said nothing")


def _connected(where: str) -> socket.socket:
    if where.startswith("/"):
        clamd = socket.socket(socket.AF_UNIX)
        clamd.settimeout(REACH)
        clamd.connect(where)
    else:
        host, _colon, port = where.rpartition(":")
        clamd = socket.create_connection((host.strip("[]"), int(port)), REACH)
    clamd.settimeout(PATIENCE)
    return clamd


def _answer(clamd: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and (piece := clamd.recv(4096)):
        said += piece
    return said.rstrip(b"\0").decode("utf-8", "replace").strip()
