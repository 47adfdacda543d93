"""Storage of files in a local folder or S3 (obstore)."""

from __future__ import annotations

import errno
import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlsplit

import obstore
from flask import current_app
from flask_babel import gettext as _
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store, from_url

from app.services.core.errors import Refused, TooLarge, Unavailable

CHUNK = 1 << 20
#: A person waits for a store that is away; a part of a large file may take its time.
RETRY: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
TIMEOUTS: Any = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=60)}
#: What sniffing needs to see of a file's beginning; the zip-based office formats need the most.
HEAD = 8192
#: What disks and buckets say when nothing more fits (507 and the codes of S3-compatible servers).
FULL = ("No space left", "507 Insufficient Storage", "XMinioStorageFull", "QuotaExceeded", "DiskFull")
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
    made = current_app.extensions.get("tuntas_store")
    if made is None:
        made = opened(current_app.config["STORAGE_URL"], current_app.config["STORAGE_OPTIONS"])
        current_app.extensions["tuntas_store"] = made
    return made


def opened(url: str, options: Mapping[str, str]) -> ObjectStore:
    """The store at ``url`` (``config.storage_url``); ``options``: keys and the like for a bucket."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStore(Path(url.removeprefix("file://")), mkdir=True)
    bucket = url.partition("?")[0]
    if parts.scheme != "s3":
        return from_url(bucket)
    config: Any = {"region": "us-east-1", **options, **dict(parse_qsl(parts.query))}
    plain = str(config.get("endpoint", "")).startswith("http://")
    client: Any = {"allow_http": plain, **TIMEOUTS}
    return S3Store.from_url(bucket, config=config, client_options=client, retry_config=RETRY)


def take_in(stream: BinaryIO, most: int) -> Taken:
    """Streams a file to a temporary key, counting and hashing as it goes.

    Raises ``TooLarge`` beyond ``most`` bytes, ``Unavailable`` when disk or bucket is full or away; nothing stays behind
    then.
    """
    key = INCOMING + uuid.uuid4().hex
    seen = _Seen(most)
    try:
        obstore.put(store(), key, seen.chunks(stream))
    except Exception as error:
        forget_if_there(key)
        raise _refusal(error, seen) from error
    return Taken(key, seen.size, seen.hash.hexdigest(), bytes(seen.head))


def keep(key: str, leave: bool = False) -> str:
    """Moves a file from its temporary key to its final one, which it gives back. ``leave``: it stays at the temporary
    one as well, and ``FileNotFoundError`` tells that it is not there any more. Raises ``Unavailable``."""
    if not key:
        raise FileNotFoundError(key)
    # A file that was left and is kept again must not touch what may have become a document.
    name = uuid.uuid4().hex if leave else key[len(INCOMING) :]
    final = f"{KEPT}{name[:2]}/{name}"
    try:
        (obstore.copy if leave else obstore.rename)(store(), key, final)
    except FileNotFoundError as error:
        if leave:
            raise
        raise _refusal(error, _Seen(0)) from error
    except Exception as error:
        raise _refusal(error, _Seen(0)) from error
    return final


def there(key: str) -> bool:
    """Whether a file is there. Raises ``Unavailable``."""
    try:
        obstore.head(store(), key)
    except FileNotFoundError:
        return False
    except Exception as error:
        raise _refusal(error, _Seen(0)) from error
    return True


def put(key: str, content: BinaryIO | bytes | Iterator[bytes]) -> None:
    """Writes a file of our own. Raises ``Unavailable`` as ``take_in`` does; nothing stays behind then."""
    try:
        obstore.put(store(), key, content)
    except Exception as error:
        forget_if_there(key)
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


def forget_if_there(key: str) -> None:
    """After everything else is decided: what can't be removed now, the sweep removes later."""
    try:
        forget(key)
    except (BaseError, OSError):
        current_app.logger.warning("%s stays in the storage until the next sweep", key)


def read(key: str, start: int, length: int) -> Iterator[bytes]:
    """``length`` bytes from ``start``, a chunk at a time, so that a long recording never lies in memory. The first
    is read at once: raises ``Unavailable`` while the store is away, ``FileNotFoundError`` for what is not there."""
    end = start + length
    if not length:
        return iter(())
    try:
        first = _part(key, start, end)
    except BaseError as error:
        raise _refusal(error, _Seen(0)) from error
    return chain([first], (_part(key, at, end) for at in range(start + CHUNK, end, CHUNK)))


def _part(key: str, at: int, end: int) -> bytes:
    return bytes(obstore.get_range(store(), key, start=at, end=min(at + CHUNK, end)))


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
        self.stopped: BaseException | None = None

    def chunks(self, stream: BinaryIO) -> Iterator[bytes]:
        """Somebody may press Ctrl-C while the store asks for more: it would make an error of its own of that."""
        try:
            yield from self._chunks(stream)
        except (KeyboardInterrupt, SystemExit) as stopped:
            self.stopped = stopped
            raise

    def _chunks(self, stream: BinaryIO) -> Iterator[bytes]:
        while chunk := stream.read(CHUNK):
            self.size += len(chunk)
            if self.size > self.most:
                self.too_large = True
                raise ValueError("too large")
            self.head += chunk[: max(0, HEAD - len(self.head))]
            self.hash.update(chunk)
            yield chunk


def _refusal(error: Exception, seen: _Seen) -> BaseException:
    if seen.stopped:
        return seen.stopped
    if seen.too_large:
        return too_large(seen.most)
    if getattr(error, "errno", None) == errno.ENOSPC or any(word in str(error) for word in FULL):
        return Unavailable(_("The disk is full, so nothing was saved. Please tell your administrator."))
    if isinstance(error, BaseError | OSError):  # a bucket that is gone is a file that is not found
        current_app.logger.error("The storage does not answer: %s", error)
        return Unavailable(
            _("The storage of files does not answer; nothing was changed. Please try again in a moment.")
        )
    return error


def too_large(most: int) -> Refused:
    return TooLarge(_("The file is larger than the %(most)s MB allowed.", most=most // (1 << 20)))
