"""Rows of every table in a form that any of our databases takes: tables, values, keys and sequences.

What a table is, the database itself tells, not the models: an SOP that is not declared any more, or a field that was
retired, has its rows there all the same. A column of a type that is not known here stops with ``Uncovered``.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    cast,
    column,
    func,
    insert,
    inspect,
    literal_column,
    select,
    table,
    text,
)  # fmt: skip
from sqlalchemy.orm import Session
from sqlalchemy.schema import sort_tables

from app.services.search import postgresql, sqlite

#: Alembic's own; its one row is told as the head of the schema.
SCHEMA = "alembic_version"
#: The words of each case in the search index, carried as ``(case_id, words)``: its table is each database's own kind.
WORDS = "search_text"
#: What the search index makes of them by itself.
MADE = ("search_text_", "search_gram")
#: The order in which rows are read where it is not that of the primary key: the chain of a case's history is checked
#: as it passes by.
ORDER = {"events": ("case_id", "seq")}
#: Rows that are read or written at once.
BATCH = 2_000

#: The types of columns, by their name in an archive; the first that fits.
KINDS: dict[str, type[Any]] = {
    "boolean": Boolean, "moment": DateTime, "date": Date, "time": Time, "json": JSON, "bytes": LargeBinary,
    "longtext": Text, "text": String, "long": BigInteger, "small": SmallInteger, "integer": Integer, "float": Float,
    "numeric": Numeric,
}  # fmt: skip
#: Python's value for what stands in an archive; other kinds stand there as they are. JSON is carried as its text.
DECODE: dict[str, Callable[[Any], Any]] = {
    "boolean": bool, "moment": datetime.fromisoformat, "date": date.fromisoformat, "time": time.fromisoformat,
    "bytes": base64.b64decode, "numeric": Decimal,
}  # fmt: skip


class Uncovered(Exception):
    """A column of a type that no archive knows; the message names it."""


class _JsonAsText(TypeDecorator[str]):
    """PostgreSQL's JSON, read and written as the text that it is."""

    impl = Text
    cache_ok = True

    def column_expression(self, column: Any) -> Any:
        return cast(column, Text)

    def bind_expression(self, bindvalue: Any) -> Any:
        return cast(bindvalue, JSON)


def head(connection: Connection) -> str:
    """The revision of the schema; empty for a database without one."""
    if not inspect(connection).has_table(SCHEMA):
        return ""
    return str(connection.scalar(select(column("version_num")).select_from(table(SCHEMA))) or "")


def names(connection: Connection) -> list[str]:
    """Every table that has rows of its own; a partition's rows are those of its table."""
    parts: set[str] = set()
    if connection.dialect.name == "postgresql":
        parts = set(connection.scalars(text("SELECT relname FROM pg_class WHERE relispartition")))
    there = inspect(connection).get_table_names()
    return [name for name in there if name != SCHEMA and name not in parts and not name.startswith(MADE)]


def tables(connection: Connection) -> list[Table]:
    """The tables of a database, each after those to which it refers where there is no circle. Raises ``Uncovered``."""
    found, portable = MetaData(), MetaData()
    ordinary = [name for name in names(connection) if name != WORDS]
    found.reflect(connection, only=ordinary, resolve_fks=False)
    postgres = connection.dialect.name == "postgresql"
    made = {name: _portable(found.tables[name], portable, postgres) for name in ordinary}
    if inspect(connection).has_table(WORDS):
        made[WORDS] = Table(WORDS, portable, Column("case_id", Integer, primary_key=True), Column("words", Text))
    return sort_tables(made.values(), skip_fn=lambda key: target_of(key) not in made)


def target_of(key: Any) -> str:
    """The table to which a foreign key leads."""
    first = key if isinstance(key, ForeignKey) else key.elements[0]
    return str(first.target_fullname).partition(".")[0]


def _portable(there: Table, metadata: MetaData, postgres: bool) -> Table:
    columns = []
    for one in there.columns:
        kind = kind_of(one)
        keys = [ForeignKey(key.target_fullname, ondelete=key.ondelete) for key in one.foreign_keys]
        made = _JsonAsText() if kind == "json" and postgres else type_of(kind, getattr(one.type, "length", None))
        columns.append(Column(one.name, made, *keys, primary_key=one.primary_key, nullable=one.nullable,
                              autoincrement=False, info={"kind": kind}))  # fmt: skip
    return Table(there.name, metadata, *columns)


def kind_of(one: Column[Any]) -> str:
    """Raises ``Uncovered``."""
    if "kind" in one.info:
        return str(one.info["kind"])
    kind = next((name for name, known in KINDS.items() if isinstance(one.type, known)), None)
    if kind is None:
        raise Uncovered(f"{one.table.name}.{one.name}: no archive keeps a column of type {one.type!r}")
    return kind


def type_of(kind: str, length: int | None) -> Any:
    """The type of a column that only carries: JSON is text on its way."""
    if kind == "json":
        return Text()
    return String(length) if kind == "text" else KINDS[kind]()


def count(connection: Connection, one: Table) -> int:
    """How many rows a table has."""
    return connection.scalar(select(func.count()).select_from(one)) or 0


def read(connection: Connection, one: Table) -> Iterator[list[Any]]:
    """The rows of a table in a fixed order, each a list of what JSON can say in the order of its columns."""
    kinds = [kind_of(c) for c in one.columns]
    wanted = _selected(connection, one).execution_options(yield_per=BATCH)
    for row in connection.execute(wanted):
        yield [_encoded(value, kind) for value, kind in zip(row, kinds, strict=True)]


def _selected(connection: Connection, one: Table) -> Any:
    if one.name == WORDS and connection.dialect.name == "sqlite":
        return select(literal_column("rowid"), sqlite.TEXT.c.words).order_by(literal_column("rowid"))
    keys = ORDER.get(one.name) or [c.name for c in one.primary_key.columns] or one.columns.keys()
    return select(one).order_by(*(one.c[key] for key in keys))


def _encoded(value: Any, kind: str) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, date | time):
        return value.isoformat()
    return base64.b64encode(value).decode() if kind == "bytes" else str(value)


def decoded(row: Sequence[Any], kinds: Sequence[str]) -> list[Any]:
    """Python's values for those of an archive. ``ValueError`` for what is none."""
    return [
        DECODE[kind](value) if value is not None and kind in DECODE else value
        for value, kind in zip(row, kinds, strict=True)
    ]


def write(connection: Connection, one: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[int]:
    """Writes rows as ``read`` gives them, whose values are those of ``columns``; yields how many after each batch."""
    kinds = [kind_of(one.c[name]) for name in columns]
    rows = iter(rows)
    while batch := list(itertools.islice(rows, BATCH)):
        values = [decoded(row, kinds) for row in batch]
        if one.name == WORDS:
            engine = postgresql if connection.dialect.name == "postgresql" else sqlite
            with Session(connection, join_transaction_mode="rollback_only") as session:
                engine.write_new(session, [(pk, words) for pk, words in values])
        else:
            connection.execute(insert(one), [dict(zip(columns, value, strict=True)) for value in values])
        yield len(batch)


def set_sequences(connection: Connection) -> None:
    """PostgreSQL's sequences go on after the largest number that is there; SQLite counts by itself."""
    if connection.dialect.name != "postgresql":
        return
    there = set(inspect(connection).get_sequence_names())
    for one in tables(connection):
        for key in one.primary_key.columns:
            owned = connection.scalar(select(func.pg_get_serial_sequence(one.name, key.name)))
            loose = f"{one.name}_{key.name}_seq"
            if sequence := owned or (loose if loose in there else None):
                largest = select(func.coalesce(func.max(key), 0)).scalar_subquery()
                connection.execute(select(func.setval(sequence, func.greatest(largest, 1), largest > 0)))


def described(one: Table) -> dict[str, Any]:
    """A table in words that JSON can say."""
    return {"name": one.name, "columns": [
        {"name": c.name, "kind": kind_of(c), "length": getattr(c.type, "length", None), "key": c.primary_key,
         "nullable": bool(c.nullable), "refers": _referred(c)}
        for c in one.columns
    ]}  # fmt: skip


def _referred(one: Column[Any]) -> str | None:
    """``table.column``; what leads into another schema (``core/partitions.py``) is PostgreSQL's own affair."""
    targets = (key.target_fullname for key in one.foreign_keys)
    return next((target for target in targets if target.count(".") == 1), None)
