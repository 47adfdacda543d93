"""Databases for the tests: a migrated and filled template, made once per process and engine, and copies of it.

``TEST_DATABASE=postgresql`` runs the whole suite on PostgreSQL. Without it tests run on SQLite, and those that ask for
both (``any_app``) on both.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from tests.rows import Rows

PG_SERVER = os.environ.get("TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
ENGINES = ("sqlite", "postgresql")
CHOSEN = os.environ.get("TEST_DATABASE") or "sqlite"
if CHOSEN not in ENGINES:
    raise pytest.UsageError(f"TEST_DATABASE must be one of {', '.join(ENGINES)}, not {CHOSEN!r}")
#: Those that a test on both databases runs on; where PostgreSQL is chosen, the other half has run elsewhere.
BOTH = ENGINES if CHOSEN == "sqlite" else ("postgresql",)
#: A test about SQLite itself (its one write lock, its files), or of what another test does on PostgreSQL.
sqlite_alone = pytest.mark.skipif(CHOSEN != "sqlite", reason="is about SQLite")


class Sqlite:
    """A file, copied into the instance folder of each app."""

    def __init__(self, template: Path) -> None:
        self.template = template

    def lay(self, folder: Path) -> str:
        """A fresh database for the instance in ``folder``, in place of the one before; answers its URL."""
        database = folder / self.template.name
        for left in folder.glob(f"{database.name}*"):
            left.unlink()
        shutil.copy(self.template, database)
        return f"sqlite:///{database}"

    def drop(self, folder: Path) -> None:
        """The folder goes with the test."""


class Postgresql:
    """A database on the server for each instance folder."""

    def __init__(self, server: Engine, template: str) -> None:
        self.server, self.template = server, template
        self.names, self.rows = dict[Path, str](), dict[Path, Rows]()

    def lay(self, folder: Path) -> str:
        """As for SQLite. Which is laid again and again is put back by its rows."""
        again, name = folder in self.names, self.names.setdefault(folder, new_name())
        if folder not in self.rows or not self.rows[folder].put_back():
            drop(self.server, name)
            create(self.server, name, self.template)
            if again:
                self.rows[folder] = Rows(url_of(name))
        return url_of(name)

    def drop(self, folder: Path) -> None:
        self.rows.pop(folder, None)
        if name := self.names.pop(folder, None):
            drop(self.server, name)


def server() -> Engine:
    return create_engine(_psycopg(PG_SERVER), isolation_level="AUTOCOMMIT")


@contextmanager
def own_database(at: Engine, template: str = "") -> Iterator[str]:
    """The name of a database, which goes at the end."""
    name = new_name()
    create(at, name, template)
    yield name
    drop(at, name)


def new_name() -> str:
    return f"tuntas_test_{uuid.uuid4().hex[:12]}"


def create(at: Engine, name: str, template: str = "") -> None:
    with at.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} {template and f'TEMPLATE {template}'}"))


def drop(at: Engine, name: str) -> None:
    with at.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


def url_of(name: str) -> str:
    """Commits do not wait for the disk: no test cuts the power."""
    return _psycopg(PG_SERVER).rsplit("/", 1)[0] + f"/{name}?options=-csynchronous_commit%3Doff"


def _psycopg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")
