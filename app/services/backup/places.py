"""Where archives lie: a folder of this machine or of a bucket (``s3://bucket/folder/``)."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import obstore
import pyrage
from flask import current_app
from flask_babel import gettext as _
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from app.services.backup import pipes
from app.services.backup.archive import CHUNK
from app.services.backup.trouble import Trouble
from app.services.documents import storage
from config import storage_url


class Folder(Protocol):
    def names(self) -> list[str]:
        """Of the files in it, not of those in folders below."""

    def reading(self, name: str) -> AbstractContextManager[Any]:
        """The file, to be read from its beginning. Raises ``Trouble`` when there is none."""

    def writing(self, name: str, replace: bool = False) -> AbstractContextManager[Any]:
        """A file that is there once it is whole. Raises ``Trouble``: there is one already, no room, no access."""

    def remove(self, name: str) -> None: ...


@dataclass(frozen=True)
class Local:
    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def names(self) -> list[str]:
        return [one.name for one in self.path.iterdir() if one.is_file()] if self.path.is_dir() else []

    @contextmanager
    def reading(self, name: str) -> Iterator[Any]:
        with told(), (self.path / name).open("rb") as file:
            yield file

    @contextmanager
    def writing(self, name: str, replace: bool = False) -> Iterator[Any]:
        final, made = self.path / name, self.path / f".{name}.{os.getpid()}.part"
        with told():
            if final.exists() and not replace:
                raise exists(str(final))
            # Whoever may read it reads everything.
            descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb", buffering=CHUNK) as file:
                    yield file
                    file.flush()
                    os.fsync(descriptor)
                if final.exists() and not replace:
                    raise exists(str(final))
                made.replace(final)
            finally:
                made.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)


@dataclass(frozen=True)
class Bucket:
    """``store``: a bucket, from the folder on that is meant."""

    store: ObjectStore
    url: str

    def __str__(self) -> str:
        return self.url.partition("?")[0]

    def names(self) -> list[str]:
        with told():
            return [meta["path"] for meta in obstore.list_with_delimiter(self.store)["objects"]]

    @contextmanager
    def reading(self, name: str) -> Iterator[Any]:
        with told():
            content = obstore.get(self.store, name).stream(min_chunk_size=CHUNK)
            yield _Stream(iter(content))

    @contextmanager
    def writing(self, name: str, replace: bool = False) -> Iterator[Any]:
        with told():
            if not replace and self._has(name):
                raise exists(f"{self}/{name}")
            # What is aborted is never put together on the server.
            with pipes.into(lambda pipe: obstore.put(self.store, name, _chunks(pipe))) as pipe:
                yield pipe

    def _has(self, name: str) -> bool:
        try:
            obstore.head(self.store, name)
        except FileNotFoundError:
            return False
        return True

    def remove(self, name: str) -> None:
        obstore.delete(self.store, name)


def place(written: str) -> tuple[Folder, str]:
    """The folder that is meant, and the name of the file in it; no name when only a folder is. Raises ``Trouble``."""
    if "://" not in written:
        path = Path(written).resolve()
        if path.is_dir() or written.endswith(os.sep):
            return Local(_there(path)), ""
        return Local(_there(path.parent)), path.name
    base, mark, options = written.partition("?")
    scheme, _colon, rest = base.partition("://")
    folder, _slash, name = rest.rpartition("/")
    folder, name = (folder, name) if folder else (rest, "")
    return bucket(f"{scheme}://{folder}{mark}{options}"), name


def bucket(url: str) -> Bucket:
    """A bucket from a folder on, as ``STORAGE_URL`` names one. Raises ``Trouble``."""
    try:
        return Bucket(storage.opened(storage_url(url, "TARGET"), current_app.config["STORAGE_OPTIONS"]), url)
    except Exception as error:
        raise Trouble(_("“%(url)s” can't be used: %(why)s", url=url, why=_first_line(error))) from error


def _there(folder: Path) -> Path:
    """A folder that is not there may be a disk that is not mounted, so none is made."""
    if not folder.is_dir():
        raise Trouble(_("The folder %(folder)s is not there.", folder=folder))
    return folder


def exists(name: str) -> Trouble:
    return Trouble(_("%(file)s is there already; nothing was written (--replace writes it anew).", file=name))


@contextmanager
def told() -> Iterator[None]:
    """Says in words what a disk or a bucket refuses."""
    try:
        yield
    except (Trouble, pipes.Left):
        raise
    except FileNotFoundError as error:
        raise Trouble(_("There is no such file: %(why)s", why=_first_line(error))) from error
    except Exception as error:
        if getattr(error, "errno", None) == errno.ENOSPC or any(word in str(error) for word in storage.FULL):
            raise Trouble(_("The disk is full: nothing was written.")) from error
        if isinstance(error, OSError | BaseError | pyrage.EncryptError):
            raise Trouble(_("It can't be read or written: %(why)s", why=_first_line(error))) from error
        raise


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _chunks(pipe: pipes.Pipe) -> Iterator[bytes]:
    while chunk := pipe.read(CHUNK):
        yield chunk


class _Stream:
    """A file of chunks that come one after the other."""

    def __init__(self, chunks: Iterator[Any]) -> None:
        self._chunks, self._chunk, self._at = chunks, b"", 0

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        while self._at == len(self._chunk):
            following = next(self._chunks, None)
            if following is None:
                return b""
            self._chunk, self._at = bytes(following), 0
        given = self._chunk[self._at : self._at + size]
        self._at += len(given)
        return given
