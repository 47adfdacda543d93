"""Storage of files in a local folder or S3 (obstore)."""

from __future__ import annotations

import errno
import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import obstore
from flask import current_app
from flask_babel import gettext as _
from obstore.store import LocalStore, ObjectStore, from_url

from app.services.core.errors import Refused, TooLarge, Unavailable

CHUNK = 1 << 20
#: What sniffing needs to see of a file's beginning; the zip-based office formats need the most.
HEAD = 8192
INCOMING = "incoming/"
KEPT = "documents/"
#: Reports that were made in the background; their own sweep removes them (``services/reports/jobs.py``).
EXPORTS = "exports/"


@dataclass(frozen=True)
class Taken:
    """A file that was taken in: its temporary ``key``, size in bytes, SHA-256 in hex, first bytes."""

    key: str
    size: int
    sha256: str
    head: bytes


def store() -> ObjectStore:
    url = current_app.config["STORAGE_URL"]
    made = current_app.extensions.get("tuntas_store")
    if made is None:
        local = url.removeprefix("file://")
        made = from_url(url) if local == url else LocalStore(Path(local), mkdir=True)
        current_app.extensions["tuntas_store"] = made
    return made


def take_in(stream: BinaryIO, most: int) -> Taken:
    """Streams a file to a temporary key, counting and hashing as it goes.

    Raises ``TooLarge`` beyond ``most`` bytes, ``Unavailable`` when the disk is full; nothing stays behind then.
    """
    key = INCOMING + uuid.uuid4().hex
    seen = _Seen(most)
    try:
        obstore.put(store(), key, seen.chunks(stream))
    except Exception as error:
        forget(key)
        raise _refusal(error, seen) from error
    return Taken(key, seen.size, seen.hash.hexdigest(), bytes(seen.head))


def keep(key: str) -> str:
    """Moves a file from its temporary key to its final one, which it gives back."""
    final = f"{KEPT}{key[len(INCOMING) :][:2]}/{key[len(INCOMING) :]}"
    obstore.rename(store(), key, final)
    return final


def put(key: str, content: BinaryIO | bytes | Iterator[bytes]) -> None:
    """Writes a file of our own. Raises ``Unavailable`` when the disk is full; nothing stays behind then."""
    try:
        obstore.put(store(), key, content)
    except Exception as error:
        forget(key)
        raise _refusal(error, _Seen(0)) from error


def size(key: str) -> int:
    """In bytes. ``FileNotFoundError`` for what is not there."""
    return int(obstore.head(store(), key)["size"])


def forget(key: str) -> None:
    """Removes a file; that it is not there is no error."""
    try:
        obstore.delete(store(), key)
    except FileNotFoundError:
        pass


def read(key: str, start: int, length: int) -> Iterator[bytes]:
    """``length`` bytes from ``start``, a chunk at a time, so that a long recording never lies in memory."""
    end = start + length
    for at in range(start, end, CHUNK):
        yield bytes(obstore.get_range(store(), key, start=at, end=min(at + CHUNK, end)))


def whole(key: str) -> tuple[int, Iterator[bytes]]:
    """Size in bytes and content of a file, by one request. ``FileNotFoundError`` for what is not there."""
    found = obstore.get(store(), key)
    return int(found.meta["size"]), (bytes(chunk) for chunk in found.stream(min_chunk_size=CHUNK))


def every_key() -> Iterator[str]:
    for page in obstore.list(store()):
        yield from (meta["path"] for meta in page)


def older_than(prefix: str, age: timedelta) -> Iterator[str]:
    """Keys under ``prefix`` last written more than ``age`` ago."""
    before = datetime.now(UTC) - age
    for page in obstore.list(store(), prefix=prefix):
        yield from (meta["path"] for meta in page if meta["last_modified"] < before)


def works() -> bool:
    """Whether a file can be written and read back."""
    key = f"{INCOMING}health-{uuid.uuid4().hex}"
    try:
        obstore.put(store(), key, b"ok")
        stored = bytes(obstore.get(store(), key).bytes())
        forget(key)
    except Exception:
        return False
    return stored == b"ok"


class _Seen:
    """Counts and hashes a stream on its way into the store."""

    def __init__(self, most: int) -> None:
        self.most, self.size, self.head, self.hash = most, 0, bytearray(), hashlib.sha256()
        self.too_large = False

    def chunks(self, stream: BinaryIO) -> Iterator[bytes]:
        while chunk := stream.read(CHUNK):
            self.size += len(chunk)
            if self.size > self.most:
                self.too_large = True
                raise ValueError("too large")
            self.head += chunk[: max(0, HEAD - len(self.head))]
            self.hash.update(chunk)
            yield chunk


def _refusal(error: Exception, seen: _Seen) -> Exception:
    if seen.too_large:
        return too_large(seen.most)
    if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error):
        return Unavailable(_("The disk is full, so nothing was saved. Please tell your administrator."))
    return error


def too_large(most: int) -> Refused:
    return TooLarge(_("The file is larger than the %(most)s MB allowed.", most=most // (1 << 20)))
