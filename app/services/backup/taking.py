"""Takes an archive of an instance while it is served and written to.

Rows are read in one transaction that sees one moment (on SQLite a read transaction, on PostgreSQL a REPEATABLE READ
one); files follow, since a file is never changed, and removed only by a purge or long after its row has gone.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Connection, Select, Table, column, inspect, select, table

from app.extensions import db
from app.models import Case, Document, Event
from app.services.accounts import unfinished
from app.services.backup import archive, rows
from app.services.backup.archive import Lines, Writer
from app.services.backup.trouble import Trouble
from app.services.core import clock
from app.services.core.database import reading
from app.services.documents import storage
from config import sop_folders

#: A column of any table that names a file of the storage is called so. Beside it: what the file must be like (where
#: that is not told, as of an export, there may be none yet), and when it was removed for good.
KEY, PURGED = Document.storage_key.key, Document.purged_at.key
HASH, SIZE = Document.sha256.key, Document.size.key
#: Told what begins and how much of it there is, gives back what counts it.
Watch = Callable[[str, int], AbstractContextManager[Callable[[int], object]]]


def take(out: Any, watch: Watch, secret: bool) -> dict[str, Any]:
    """Writes an archive to ``out`` and gives back its manifest. ``secret``: with the key that signs sessions, which
    only an encrypted archive may hold. Raises ``Trouble``, ``rows.Uncovered``."""
    if half := unfinished.told():
        raise Trouble(half[0])
    with Writer(out) as writer, tempfile.TemporaryFile() as named:
        with snapshot() as connection:
            manifest = _rows(writer, connection, named, watch)
        manifest |= _files(writer, named, watch)
        manifest["sop"] = _sop_documents(writer)
        manifest["secret_key"] = secret and _secret_key(writer)
        writer.end(manifest)
    return manifest


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever is written meanwhile."""
    with reading(), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def _rows(writer: Writer, connection: Connection, named: IO[bytes], watch: Watch) -> dict[str, Any]:
    schema = rows.head(connection)
    if not schema:
        raise Trouble(_("The database is empty: there is nothing to take."))
    every = rows.tables(connection)
    taken = {"format": archive.FORMAT, "product": "tuntas", "version": version("tuntas"), "schema": schema,
             "taken_at": clock.now().astimezone(UTC).isoformat(), "engine": connection.dialect.name}  # fmt: skip
    about = taken | {"tables": [rows.described(one) for one in every]}
    writer.member(archive.ABOUT, json.dumps(about, ensure_ascii=False, indent=1).encode())
    counts, chains = dict[str, int](), _Chains(writer)
    with watch(_("Rows"), sum(rows.count(connection, one) for one in every)) as advance:
        for one in every:
            counts[one.name] = _table(writer, connection, one, named, chains, advance)
    return taken | {"tables": counts, "chains": chains.end(counts[Case.__tablename__])}


def _table(
    writer: Writer, connection: Connection, one: Table, named: IO[bytes], chains: _Chains,
    advance: Callable[[int], object],
) -> int:  # fmt: skip
    columns = one.columns.keys()
    lines = Lines(writer, f"{archive.TABLES}{one.name}/")
    for number, row in enumerate(rows.read(connection, one), 1):
        lines.add(row)
        if one.name == Event.__tablename__:
            chains.follow(dict(zip(columns, row, strict=True)))
        if KEY in columns:
            _name(named, one.name, dict(zip(columns, row, strict=True)))
        if number % rows.BATCH == 0:
            advance(rows.BATCH)
    advance(lines.count % rows.BATCH)
    lines.end()
    return lines.count


def _name(named: IO[bytes], name: str, row: dict[str, Any]) -> None:
    """Notes the file of a row, and whether it must be there."""
    if row[KEY] and not row.get(PURGED):
        named.write(json.dumps([name, row[KEY], bool(row.get(HASH) or row.get(SIZE))]).encode() + b"\n")


class _Chains:
    """The newest line of each history, as their lines pass by in the order of their cases."""

    def __init__(self, writer: Writer) -> None:
        self._lines, self._sum = Lines(writer, archive.CHAINS), hashlib.sha256()
        self._case, self._events, self._head, self._all = 0, 0, "", 0

    def follow(self, event: dict[str, Any]) -> None:
        if event["case_id"] != self._case:
            self._write()
            self._case, self._events = event["case_id"], 0
        self._events, self._head = self._events + 1, event["hash"]

    def _write(self) -> None:
        if self._events:
            self._lines.add([self._case, self._events, self._head])
            self._sum.update(f"{self._case} {self._events} {self._head}\n".encode())
            self._all += self._events

    def end(self, cases: int) -> dict[str, Any]:
        self._write()
        self._lines.end()
        return {"cases": cases, "events": self._all, "heads": self._sum.hexdigest()}


def _files(writer: Writer, named: IO[bytes], watch: Watch) -> dict[str, Any]:
    """The files that the rows name. Of those that are not there, the ones that were purged since, and the others."""
    listed, size, gone = Lines(writer, archive.FILE_LIST), 0, {"purged": 0, "missing": 0}
    named.seek(0)
    count = sum(1 for _line in named)
    named.seek(0)
    with watch(_("Files"), count) as advance:
        for line in named:
            name, key, promised = json.loads(line)
            bytes_, sha256 = _file(writer, key)
            if sha256 or promised:
                listed.add([key, bytes_, sha256])
            size += bytes_ or 0
            if promised and not sha256:
                gone["missing" if _is_named(name, key) else "purged"] += 1
            advance(1)
    listed.end()
    return {"files": listed.count - sum(gone.values()), "bytes": size, **gone}


def _is_named(name: str, key: str) -> bool:
    """Whether a row names the file still, as it did in the snapshot."""
    with db.engine.connect() as connection:
        columns = {one["name"] for one in inspect(connection).get_columns(name)}
        naming: Select[Any] = select(column(KEY)).select_from(table(name)).where(column(KEY) == key)
        if PURGED in columns:
            naming = naming.where(column(PURGED).is_(None))
        return connection.execute(naming).first() is not None


def _file(writer: Writer, key: str) -> tuple[int | None, str | None]:
    """Size and SHA-256 of a file as it was taken; nothing for one that is not there, or ended early."""
    try:
        size, content = storage.whole(key)
    except FileNotFoundError:
        return None, None
    sha256 = writer.file(archive.FILES + key, size, content)
    return (size, sha256) if sha256 else (None, None)


def _sop_documents(writer: Writer) -> int:
    """The deployment's own SOPs; hidden files are none of theirs."""
    count = 0
    for number, folder in enumerate(sop_folders(), 1):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            inside = path.relative_to(folder)
            if path.is_file() and not any(part.startswith(".") for part in inside.parts):
                writer.member(f"{archive.DOCUMENTS}{number}/{inside.as_posix()}", path.read_bytes())
                count += 1
    return count


def _secret_key(writer: Writer) -> bool:
    """The key that was made for the instance; one from the environment stays there."""
    path = Path(current_app.config["INSTANCE_PATH"]) / archive.SECRET
    if not path.is_file() or path.read_text() != current_app.config["SECRET_KEY"]:
        return False
    writer.member(archive.SECRET, path.read_bytes())
    return True
