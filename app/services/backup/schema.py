"""Brings the tables of an empty database to those of an archive, and holds foreign keys back while rows come.

Migrations make what all SOPs share. What they do not know, an SOP's own tables and columns of any day, is made from the
archive's description; setup adds indexes to them afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, MetaData, String, Table, inspect, text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.services.backup.rows import KINDS, WORDS


@contextmanager
def loading() -> Iterator[Connection]:
    """A connection in a transaction, into which rows come in any order (``keys_aside``)."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Said inside a transaction it would have no effect; no later user shall have this connection.
            connection.detach()
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            yield connection


def complete(connection: Connection, described: Sequence[Mapping[str, Any]]) -> None:
    """Adds tables and columns that are described and not there; the search index has its own."""
    there = {
        name: {c["name"] for c in columns} for (_s, name), columns in inspect(connection).get_multi_columns().items()
    }
    new = MetaData()
    made = {one["name"]: _table(one, new) for one in described}
    for name, table in made.items():
        if name == WORDS:
            continue
        if name not in there:
            table.create(connection)
        for column in table.columns if name in there else ():
            if column.name not in there[name]:
                _add(connection, table, column)


def _table(described: Mapping[str, Any], metadata: MetaData) -> Table:
    return Table(described["name"], metadata, *(_column(one) for one in described["columns"]))


def _column(described: Mapping[str, Any]) -> Column[Any]:
    kind = described["kind"]
    type_ = String(described["length"]) if kind == "text" else KINDS[kind]()
    keys = [ForeignKey(described["refers"])] if described["refers"] else []
    return Column(described["name"], type_, *keys, primary_key=described["key"], nullable=described["nullable"])


def _add(connection: Connection, table: Table, column: Column[Any]) -> None:
    """Without NOT NULL, as a declaration's new field is added to rows that are there."""
    quote = connection.dialect.identifier_preparer.quote
    refers = "".join(f" REFERENCES {quote(key.target_fullname.partition('.')[0])} (id)" for key in column.foreign_keys)
    kind = column.type.compile(connection.dialect)
    connection.exec_driver_sql(f"ALTER TABLE {quote(table.name)} ADD COLUMN {quote(column.name)} {kind}{refers}")


@contextmanager
def keys_aside(connection: Connection) -> Iterator[list[str]]:
    """Rows may come in any order inside, in one transaction that the caller commits; afterwards the list has a sentence
    for each foreign key that leads nowhere. On SQLite the connection must have been opened with ``foreign_keys=OFF``.
    """
    broken: list[str] = []
    if connection.dialect.name == "sqlite":
        yield broken
        found = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        broken += sorted({f"{name}: rows that refer to {target}, where nothing is" for name, _row, target, _n in found})
        return
    keys = connection.execute(text(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conparentid = 0 AND connamespace = current_schema()::regnamespace ORDER BY conname"
    )).all()  # fmt: skip
    for name, key, _definition in keys:
        connection.exec_driver_sql(f"ALTER TABLE {name} DROP CONSTRAINT {key}")
    yield broken
    for name, key, definition in keys:
        broken += _bound_again(connection, name, key, definition)


def _bound_again(connection: Connection, name: str, key: str, definition: str) -> Iterator[str]:
    """A key that the rows do not keep is put back for what comes later."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"ALTER TABLE {name} ADD CONSTRAINT {key} {definition}")
    except IntegrityError as error:
        connection.exec_driver_sql(f"ALTER TABLE {name} ADD CONSTRAINT {key} {definition} NOT VALID")
        yield f"{name}: {str(error.orig).splitlines()[0]}"
