"""What a database holds, read alike from every engine: rows of plain values, and sums by which two tables are
compared.

The tables are those that the database has, not those that the code knows: whatever comes later is covered, and so is
what an SOP left behind that is not declared any more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, Connection, MetaData, Table, Text, cast, inspect, select

#: Rows that are read or written at once.
BATCH = 5_000
#: Where a database stands says its own migrations.
VERSION = "alembic_version"
#: The full-text index: another table on every engine, so it has a way of its own (``move._texts``).
INDEX = ("search_text", "search_gram")
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Sum:
    """How many rows, and the sum of their hashes: the order in which they come plays no part."""

    rows: int
    total: int


class Adding:
    """Sums rows as they pass."""

    def __init__(self, advance: Callable[[int], object]) -> None:
        self.rows, self.total, self.advance = 0, 0, advance

    def through(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            written = json.dumps(list(row), ensure_ascii=False, default=str)
            self.total += int.from_bytes(hashlib.sha256(written.encode("utf-8", "surrogatepass")).digest()[:16], "big")
            self.rows += 1
            yield row
            if not self.rows % BATCH:
                self.advance(BATCH)
        self.advance(self.rows % BATCH)

    @property
    def sum(self) -> Sum:
        return Sum(self.rows, self.total % (1 << 128))


def names(connection: Connection) -> list[str]:
    """Every table that is moved row by row, each after those to which it refers."""
    found = [name for name, _keys in inspect(connection).get_sorted_table_and_fkc_names() if name]
    return [name for name in found if name != VERSION and not name.startswith(INDEX)]


def plain(connection: Connection, name: str) -> Table:
    """The table with its columns as they are in the database; JSON is the text that stands there."""
    return Table(name, MetaData(), *map(_plain, inspect(connection).get_columns(name)))


def _plain(column: Any) -> Column[Any]:
    kind = column["type"].as_generic()
    is_json = isinstance(kind, JSON)
    return Column(column["name"], Text() if is_json else kind, info={"json": is_json})


def rows(connection: Connection, table: Table, columns: Iterable[str]) -> Iterator[Row]:
    """A batch at a time, so that no table lies in memory."""
    wanted = [table.c[name] for name in columns]
    statement = select(*(cast(c, Text).label(c.name) if c.info["json"] else c for c in wanted))
    for row in connection.execute(statement, execution_options={"yield_per": BATCH}):
        yield tuple(row)


def summed(found: Iterable[Row], advance: Callable[[int], object]) -> Sum:
    adding = Adding(advance)
    for _row in adding.through(found):
        pass
    return adding.sum
