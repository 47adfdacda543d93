"""Locks between processes that prepare a database; each goes with its process, however that ends."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from flask import current_app
from sqlalchemy import Engine, text

from app.extensions import db

Name = Literal[
    "anchor_bucket", "anchor_file", "anchor_mail", "anchor_stamp", "demo", "move", "restore", "settings", "setup",
]  # fmt: skip
#: PostgreSQL's locks have numbers, which mean nothing.
NUMBERS: dict[Name, int] = {
    "demo": 7_468_617_374, "setup": 7_468_617_375, "restore": 7_468_617_376, "move": 7_468_617_377,
    "settings": 7_468_617_384, "anchor_file": 7_468_617_380, "anchor_mail": 7_468_617_381,
    "anchor_bucket": 7_468_617_382, "anchor_stamp": 7_468_617_383,
}  # fmt: skip
#: Seconds for which one process waits for another: longer than any migration takes.
PATIENCE = 3_600
#: Seconds between two looks at whether PostgreSQL's lock is free.
PAUSE = 0.1


@contextmanager
def held(name: Name, wait: bool = True) -> Iterator[bool]:
    """Holds the lock; answers False where another process has it and ``wait`` does not want to wait for that one."""
    with _file(name, wait) if db.engine.dialect.name == "sqlite" else held_on(db.engine, name, wait) as got:
        yield got


@contextmanager
def _file(name: Name, wait: bool) -> Iterator[bool]:
    """A database beside the database: its lock is the same on every system."""
    beside = Path(db.engine.url.database or current_app.config["INSTANCE_PATH"]).with_name(f"{name}.lock")
    with closing(sqlite3.connect(beside, timeout=PATIENCE if wait else 0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            yield False
        else:
            yield True


@contextmanager
def held_on(engine: Engine, name: Name, wait: bool = True) -> Iterator[bool]:
    """The same on the PostgreSQL server of ``engine``."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            tried = text("SELECT pg_try_advisory_lock(:number)")
            # A statement that waits is a snapshot that an index built CONCURRENTLY waits for: by who has the lock.
            while not (got := bool(connection.scalar(tried, {"number": NUMBERS[name]}))) and wait:
                time.sleep(PAUSE)
            yield got
        finally:
            connection.detach()  # the lock ends with the connection, which the pool would keep
