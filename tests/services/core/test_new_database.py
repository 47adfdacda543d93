"""Processes that open a new SQLite database at the same moment, one of which holds it while another sets it up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from app.services.core import database


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new.sqlite3"


@pytest.fixture
def other(new: Path) -> Iterator[sqlite3.Connection]:
    """Another process, which is just writing the first page."""
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def test_who_comes_while_another_writes_waits_for_that_one(new: Path, other: sqlite3.Connection) -> None:
    refused: list[str] = []

    class Meeting(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            try:
                return super().execute(sql, *values)
            except sqlite3.OperationalError:
                refused.append(sql)
                other.execute("COMMIT")  # only now, so that the two have met
                raise

    engine = create_engine(f"sqlite:///{new}", connect_args={"factory": Meeting})
    database.prepare(engine, 60_000)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 60_000
    engine.dispose()
    assert refused == ["PRAGMA journal_mode=WAL"], "the two have met"


@pytest.mark.usefixtures("other")
def test_the_patience_ends(new: Path) -> None:
    engine = create_engine(f"sqlite:///{new}")
    database.prepare(engine, 50)
    with pytest.raises(OperationalError, match="database is locked"):
        engine.connect()
    engine.dispose()
