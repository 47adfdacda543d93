"""Moves a SQLite instance with its files to PostgreSQL and another storage.

Nobody writes meanwhile: the source's write lock is held from the first look to the last. Files go first, and rows only
once all files are there; the rows come in one transaction, which is committed when counts, sums, hash chains and
sequences are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice

import psycopg
from flask import current_app
from obstore.exceptions import BaseError
from obstore.store import ObjectStore
from sqlalchemy import Connection, Engine, Integer, Text, column, create_engine, func, select, table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Document
from app.services.accounts import start
from app.services.audit import log
from app.services.core import database, exclusive, history
from app.services.core.errors import Unavailable
from app.services.documents import storage
from app.services.moving import files, tables, target
from app.services.moving.trouble import Trouble
from app.services.search import postgresql, sqlite

#: The full-text index, as rows of both engines.
TEXTS = {
    "sqlite": (sqlite.TEXT.c.rowid, sqlite.TEXT.c.words),
    "postgresql": (postgresql.TEXT.c.case_id, postgresql.TEXT.c.words),
}
ALONE = "The instance is being written to. Stop the server and the workers, then start once more."
#: Makes a progress bar: its label, and how much there is to do; within it, what takes how much was done.
Bar = Callable[[str, int], AbstractContextManager[Callable[[int], object]]]


@dataclass(frozen=True)
class Moved:
    """What is in the new place. ``again``: it was there already, and was only compared."""

    tables: int
    rows: int
    files: int
    size: int
    again: bool


def move(database_url: str, storage_url: str | None, bar: Bar) -> Moved:
    """To the PostgreSQL database at ``database_url``, the files to ``storage_url``, or left where they are. Raises
    ``Trouble``, and then nothing is in the database."""
    if db.engine.dialect.name != "sqlite" or not database_url.startswith("postgresql"):
        raise Trouble("An instance moves from SQLite to PostgreSQL.")
    engine = create_engine(database_url, hide_parameters=True)
    try:
        with exclusive.held_on(engine, "move", wait=False) as got:
            if not got:
                raise Trouble("Another process is moving an instance to this database. Please wait until it is done.")
            if target.is_new(engine):
                _tell_beforehand()
            with _source() as source:
                return _move(source, engine, storage_url, bar)
    except (SQLAlchemyError, psycopg.Error, BaseError) as error:
        raise Trouble(f"The move was aborted, nothing is in the database: {_reason(error)}") from error
    finally:
        engine.dispose()


def _tell_beforehand() -> None:
    """So that the new place has the entry too. An instance without an audit log is refused for that afterwards."""
    try:
        with suppress(SQLAlchemyError):
            log.record_now(log.present(), "command.done", ("command", "move-to", "move-to"), outcome="begun")
    except Unavailable as error:
        raise Trouble(ALONE) from error


@contextmanager
def _source() -> Iterator[Connection]:
    """The source, which nobody else writes to meanwhile."""
    db.session.remove()
    try:
        with database.aside_transaction() as session:
            connection = session.connection()  # takes the lock
            if problems := start.start_problems(session):
                raise Trouble("\n".join(problems))
            yield connection
    except Unavailable as error:
        raise Trouble(ALONE) from error


def _move(source: Connection, engine: Engine, storage_url: str | None, bar: Bar) -> Moved:
    fresh = target.is_new(engine)
    with engine.connect() as connection:
        if not fresh and not _equal(source, connection, bar):
            raise Trouble("The database holds something else. Give an empty one.")
    there = _move_files(source, storage_url, bar)
    if fresh:
        target.prepare(engine, source)
        with engine.begin() as connection:
            _copy(source, connection, bar)
            _check(connection, bar)
            target.finish(connection)
    else:
        with engine.connect() as connection:
            _check(connection, bar)
    counted = [_count(source, name) for name in tables.names(source)]
    return Moved(len(counted), sum(counted), len(there), sum(there.values()), again=not fresh)


def _equal(source: Connection, connection: Connection, bar: Bar) -> bool:
    """Whether both hold the same, as after a move."""
    if set(tables.names(source)) != set(tables.names(connection)):
        return False
    for name in tables.names(source):
        of_source, of_target = tables.plain(source, name), tables.plain(connection, name)
        columns = of_source.c.keys()
        if set(columns) != set(of_target.c.keys()) or _count(source, name) != _count(connection, name):
            return False
        with bar(f"Comparing {name}", 2 * _count(source, name)) as advance:
            sums = {
                tables.summed(tables.rows(held, rows, columns), advance)
                for held, rows in ((source, of_source), (connection, of_target))
            }
        if len(sums) > 1:
            return False
    return _texts_sum(source) == _texts_sum(connection)


def _move_files(source: Connection, storage_url: str | None, bar: Bar) -> dict[str, int]:
    """Copies the files, or checks them where they are; answers which there are, with sizes."""
    known = dict(
        source.execute(
            select(Document.storage_key, Document.sha256).where(Document.purged_at.is_(None))
        ).tuples().all()
    )  # fmt: skip
    own = storage.store()
    there = files.listed(own)
    files.check_complete(there, known)
    new: ObjectStore | None = None
    if storage_url:
        new = storage.opened(storage_url, current_app.config["STORAGE_OPTIONS"])
        files.check_alone(there, files.listed(new))
    with bar("Files", sum(there.values())) as advance:
        if new is None:
            files.verify(own, there, known, advance)
        else:
            files.copy(own, new, there, known, advance)
    return there


def _copy(source: Connection, connection: Connection, bar: Bar) -> None:
    target.empty(connection)
    for name in tables.names(connection):
        if name == target.MARK.name:
            continue
        of_source, columns = tables.plain(source, name), tables.plain(connection, name).c.keys()
        if lacking := set(columns) - set(of_source.c.keys()):
            raise Trouble(f"{name} lacks {', '.join(sorted(lacking))}: bring it up to date with “{start.SETUP}”.")
        with bar(name, 2 * _count(source, name)) as advance:
            sent = tables.Adding(advance)
            try:
                target.write(connection, name, columns, sent.through(tables.rows(source, of_source, columns)))
            except psycopg.Error as error:
                raise Trouble(f"PostgreSQL does not take a row of {name}: {_reason(error)}") from error
            arrived = tables.summed(tables.rows(connection, tables.plain(connection, name), columns), advance)
        if arrived != sent.sum:
            raise Trouble(f"{name} did not arrive as it was sent: {sent.sum.rows} rows left, {arrived.rows} arrived.")
    _copy_texts(source, connection)
    target.continue_sequences(connection)


def _copy_texts(source: Connection, connection: Connection) -> None:
    """The full-text index."""
    found = iter(source.execute(select(*TEXTS["sqlite"]), execution_options={"yield_per": tables.BATCH}))
    while batch := [(pk, words) for pk, words in islice(found, tables.BATCH)]:
        postgresql.write_new(Session(connection), batch)
    if _texts_sum(source) != _texts_sum(connection):
        raise Trouble("The search index did not arrive as it was sent.")


def _texts_sum(connection: Connection) -> tables.Sum:
    pk, words = TEXTS[connection.dialect.name]
    found = select(pk.cast(Integer), words.cast(Text))
    result = connection.execute(found, execution_options={"yield_per": tables.BATCH})
    return tables.summed((tuple(row) for row in result), lambda _rows: None)


def _check(connection: Connection, bar: Bar) -> None:
    """Every hash chain, in the new place."""
    with bar("Histories", 1) as advance:
        if wrong := list(history.verify(Session(connection))):
            lines = "\n".join(f"case {case_id}: {what}" for case_id, what in wrong)
            raise Trouble(f"{len(wrong)} histories were tampered with before they were moved:\n{lines}")
        advance(1)


def _count(connection: Connection, name: str) -> int:
    return int(connection.scalar(select(func.count()).select_from(table(name, column("id")))) or 0)


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
