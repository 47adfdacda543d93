"""Write transactions, which take the database's write lock with their first statement.

SQLite's write transactions begin IMMEDIATE (a read that turns into a write fails at once when somebody else wrote in
between); PostgreSQL locks the case's row (see ``locking``).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from flask_babel import gettext as _
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.extensions import db
from app.services.core.errors import Malformed, Unavailable

#: The map serves searches over a large index from the system's page cache.
PRAGMAS = ("synchronous=NORMAL", "foreign_keys=ON", "mmap_size=268435456")
#: Seconds between two tries to switch a new database to WAL.
PAUSE = 0.02
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_inside: ContextVar[bool] = ContextVar("inside", default=False)


def prepare(engine: Engine, busy_ms: int) -> None:
    """What it can't hold is refused. SQLite: WAL, foreign keys, ``busy_ms`` of patience, explicit BEGIN."""
    refuse_unfit(engine)
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={busy_ms}")
        _keep_a_wal(connection, busy_ms)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def began(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def refuse_unfit(engine: Engine) -> None:
    """A number that no column holds, NUL, half a character: whoever sent it is told so, whichever statement it had come
    to. Raises ``Malformed`` instead of what the driver says."""

    @event.listens_for(engine, "handle_error")
    def failed(context: Any) -> None:
        error = context.original_exception
        if isinstance(error, OverflowError | UnicodeEncodeError | psycopg.DataError) and context.statement:
            raise Malformed(_("Something that was sent is longer or larger than can be, or can't be read.")) from None


def _keep_a_wal(connection: Any, busy_ms: int) -> None:
    """Switches a new database to WAL, with the patience that SQLite has for everything else: the switch turns a read
    lock into the exclusive one, and for that SQLite never waits (two that did would wait for each other)."""
    end = time.monotonic() + busy_ms / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                raise
            time.sleep(PAUSE)
        else:
            return


def expect_writes(expected: bool) -> None:
    """Sets whether transactions of this request will write, so that FAB's own forms take the lock at once too."""
    _writing.set(expected)


def in_write_transaction() -> bool:
    return _inside.get()


def writes_expected() -> bool:
    """Whether the request's own session takes the lock with whatever it reads, so that no other may ask for it."""
    return _writing.get()


@contextmanager
def write_transaction() -> Iterator[Session]:
    """Commits at the end, rolls back on any error. Inside another one it is part of that one.

    What was read before is discarded, so objects loaded earlier are stale: pass ids in. Raises ``Unavailable`` when the
    database stays locked or has no room.
    """
    if _inside.get():
        yield db.session
        return
    db.session.rollback()
    writing, inside = _writing.set(True), _inside.set(True)
    try:
        yield db.session
        db.session.commit()
    except OperationalError as error:
        db.session.rollback()
        raise unavailable(error) from error
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writing.reset(writing)
        _inside.reset(inside)


@contextmanager
def reading() -> Iterator[None]:
    """Reads inside take no write lock, even where a write was expected."""
    writing = _writing.set(False)
    try:
        yield
    finally:
        _writing.reset(writing)


@contextmanager
def aside_transaction() -> Iterator[Session]:
    """A short write on a connection of its own, while ``db.session`` goes on reading."""
    writing = _writing.set(True)
    try:
        with Session(db.engine) as session, session.begin():
            yield session
    except OperationalError as error:
        raise unavailable(error) from error
    finally:
        _writing.reset(writing)


def note(statement: Any) -> bool:
    """A small write on a connection of its own, for which nobody waits: left out (False) while somebody else writes."""
    writing = _writing.set(True)
    try:
        with db.engine.connect() as connection, _impatient(connection):
            connection.execute(statement)
            connection.commit()
    except OperationalError as error:
        if not isinstance(unavailable(error), Unavailable):
            raise
        return False
    finally:
        _writing.reset(writing)
    return True


@contextmanager
def _impatient(connection: Connection) -> Iterator[None]:
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        yield
        return
    # Of the driver's own, since SQLAlchemy would begin, and wait, before it told it so.
    driver: Any = connection.connection.driver_connection
    (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute("PRAGMA busy_timeout=0")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience}")


def count_anew() -> None:
    """Refreshes the statistics from which the database chooses its indexes. SQLite never does so by itself. Writers
    wait meanwhile: under a second for a million rows of history."""
    with aside_transaction() as session:
        session.connection().exec_driver_sql("ANALYZE")


def unavailable(error: OperationalError) -> Exception:
    """The refusal for an error of the database that will pass; any other error as it is."""
    message = str(error.orig).lower()
    if "full" in message or "no space" in message:
        return Unavailable(_("The disk is full, so nothing was saved. Please tell your administrator."))
    if isinstance(error.orig, sqlite3.OperationalError) and ("i/o error" in message or "unable to open" in message):
        return Unavailable(_("The database can't be written, so nothing was saved. Please tell your administrator."))
    if isinstance(error.orig, sqlite3.OperationalError) and ("locked" in message or "busy" in message):
        return Unavailable(_("The database is busy, so nothing was saved. Please try again in a moment."))
    if getattr(error.orig, "sqlstate", "") in ("40001", "40P01", "55P03"):
        return Unavailable(_("The database is busy, so nothing was saved. Please try again in a moment."))
    return error
