"""An archive: a tar with a description of the tables first, then rows and files, then lists and sums.

===========================  =========================================================================================
``about.json``               format, version, schema, when it was taken, of which kind of database, and its tables
``tables/NAME/N.ndjson.gz``  rows, each a list in the order of the table's columns
``files/KEY``                a file of the storage, as it is
``sop/N/PATH``               a document from the Nth folder of SOPs of the deployment's own
``secret_key``               only in an encrypted archive
``lists/files/N.ndjson.gz``  ``[key, bytes, SHA-256]`` of each file; of one that was not there ``[key, null, null]``
``lists/chains/N.ndjson.gz`` ``[case, events, hash of the newest]`` of each history
``manifest.json``            how much of everything there is, and the SHA-256 of every member but the files
``manifest.sha256``          that of the manifest; an archive that lacks it was cut off
===========================  =========================================================================================

Nothing is held that grows with the instance: rows are written by pieces, files by chunks.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.services.backup.trouble import Damaged

FORMAT = 1
ABOUT, MANIFEST, SUM, SECRET = "about.json", "manifest.json", "manifest.sha256", "secret_key"
TABLES, FILES, DOCUMENTS = "tables/", "files/", "sop/"
FILE_LIST, CHAINS = "lists/files/", "lists/chains/"
#: Bytes of rows in a piece, before it is compressed, and what is read and written at once.
PIECE, CHUNK = 4 << 20, 1 << 20
#: zlib's levels above it take twice the time for a twentieth of the room.
LEVEL = 4
JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Writer:
    """Writes an archive, as a context. ``sums``: the SHA-256 of every member that is no file, by name."""

    def __init__(self, out: Any) -> None:
        self._tar: Any = tarfile.open(fileobj=out, mode="w|", bufsize=CHUNK, format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._tar.copybufsize = CHUNK  # type: ignore[attr-defined]
        self.sums: dict[str, str] = {}

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is not None:
            self._tar.fileobj.closed = True  # nothing is written behind what failed

    def member(self, name: str, content: bytes) -> None:
        self._add(name, len(content), io.BytesIO(content))
        self.sums[name] = hashlib.sha256(content).hexdigest()

    def file(self, name: str, size: int, content: Iterator[bytes]) -> str | None:
        """Adds a file of ``size`` bytes and gives back its SHA-256; None when it ended before, or could not be read on:
        zeros stand for the rest then."""
        reading = _Exact(content, size)
        self._add(name, size, reading)
        return reading.hash.hexdigest() if reading.whole else None

    def _add(self, name: str, size: int, content: Any) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self._tar.addfile(info, content)
        self._tar.members.clear()  # it would keep one for each file

    def end(self, manifest: dict[str, Any]) -> None:
        content = json.dumps(manifest | {"members": self.sums}, ensure_ascii=False, indent=1).encode()
        self.member(MANIFEST, content)
        self.member(SUM, hashlib.sha256(content).hexdigest().encode())
        self._tar.close()


class _Exact:
    """A stream of exactly ``size`` bytes."""

    def __init__(self, content: Iterator[bytes], size: int) -> None:
        self._content, self._left, self._rest = content, size, b""
        self.hash, self.whole = hashlib.sha256(), True

    def read(self, size: int) -> bytes:
        size = min(size, self._left)
        parts = [self._rest]
        while self.whole and sum(map(len, parts)) < size:
            try:
                parts.append(bytes(next(self._content)))
            except (StopIteration, OSError):
                self.whole = False
        read = b"".join(parts)
        given, self._rest = read[:size], read[size:]
        self.hash.update(given)
        self._left -= size
        return given.ljust(size, b"\0")


class Lines:
    """Rows on their way into pieces: ``PREFIX/000001.ndjson.gz``, …"""

    def __init__(self, writer: Writer, prefix: str) -> None:
        self._writer, self._prefix = writer, prefix
        self._lines: list[bytes] = []
        self._size = self._pieces = self.count = 0

    def add(self, row: Any) -> None:
        line = JSON.encode(row).encode() + b"\n"
        self._lines.append(line)
        self._size += len(line)
        self.count += 1
        if self._size >= PIECE:
            self.end()

    def end(self) -> None:
        """Writes what is left."""
        if self._lines:
            self._pieces += 1
            name = f"{self._prefix}{self._pieces:06}.ndjson.gz"
            self._writer.member(name, gzip.compress(b"".join(self._lines), LEVEL, mtime=0))
            self._lines, self._size = [], 0


@dataclass
class Member:
    """A part of an archive as it is read; ``sum`` counts once its content was read to the end."""

    name: str
    size: int
    _stream: Any
    _hash: Any = field(default_factory=hashlib.sha256)

    def chunks(self) -> Iterator[bytes]:
        """Raises ``Damaged``."""
        try:
            while chunk := self._stream.read(CHUNK):
                self._hash.update(chunk)
                yield chunk
        except tarfile.TarError as error:
            raise cut_off(self.name) from error

    def content(self) -> bytes:
        return b"".join(self.chunks())

    def rows(self) -> Iterator[Any]:
        """Raises ``Damaged``."""
        try:
            for line in gzip.decompress(self.content()).split(b"\n")[:-1]:
                yield json.loads(line)
        except (OSError, EOFError, zlib.error, ValueError) as error:
            raise Damaged(_("%(member)s is damaged.", member=self.name)) from error

    def json(self) -> Any:
        try:
            return json.loads(self.content())
        except ValueError as error:
            raise Damaged(_("%(member)s is damaged.", member=self.name)) from error

    @property
    def sum(self) -> str:
        for _chunk in self.chunks():
            """What nobody wanted counts as well."""
        return str(self._hash.hexdigest())


def members(source: Any) -> Iterator[Member]:
    """The parts of an archive in their order, each to be read before the next one. Raises ``Damaged``."""
    name = ABOUT
    try:
        with tarfile.open(fileobj=source, mode="r|", bufsize=CHUNK) as tar:
            while (info := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined]
                name = info.name
                if not info.isreg():
                    raise Damaged(_("%(member)s is nothing that an archive holds.", member=name))
                yield Member(name, info.size, tar.extractfile(info))
    except (tarfile.TarError, EOFError) as error:
        raise cut_off(name) from error
    if name != SUM:
        raise Damaged(_("The archive was cut off after %(member)s.", member=name))


def cut_off(name: str) -> Damaged:
    return Damaged(_("The archive was cut off or altered at %(member)s.", member=name))


def piece_of(name: str) -> tuple[str, str]:
    """``tables/cases/000001.ndjson.gz`` -> ``("tables/", "cases")``; other names as they are, with nothing behind."""
    for prefix in (TABLES, FILES, DOCUMENTS, FILE_LIST, CHAINS):
        if name.startswith(prefix):
            rest = name.removeprefix(prefix)
            return prefix, rest.rpartition("/")[0] if prefix == TABLES else rest
    return name, ""
