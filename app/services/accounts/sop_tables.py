"""The SOPs' own tables follow their declarations: what is missing is added; nothing is dropped, renamed or changed.

Alembic keeps the tables that all SOPs share. A field that is no longer declared keeps its column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Column, Connection, ForeignKey, Table, inspect

from app.models.derive import column_of, is_derived, tables_of
from app.services.accounts import stored_types
from app.services.core.database import write_transaction
from app.sop import SOPS
from app.workflow.declaration import Field, Sop


class Unfit(Exception):
    """Fields that do not fit their columns any more; the message has a sentence for each."""


@dataclass(frozen=True)
class Schema:
    """What a database has: by table, the columns as they are reflected; by table and column, the table to which a
    foreign key leads; by table, the columns of each index."""

    columns: dict[str, dict[str, Any]]
    leads_to: dict[tuple[str, str], str]
    indexes: dict[str, set[tuple[str, ...]]]

    @classmethod
    def of(cls, connection: Connection) -> Schema:
        found = inspect(connection)
        keys = found.get_multi_foreign_keys()
        return cls(
            {name: {c["name"]: c for c in columns} for (_s, name), columns in found.get_multi_columns().items()},
            {(name, k["constrained_columns"][0]): k["referred_table"] for (_s, name), ks in keys.items() for k in ks},
            {
                name: {tuple(str(column) for column in index["column_names"]) for index in indexes}
                for (_s, name), indexes in found.get_multi_indexes().items()
            },
        )


def own_tables() -> Iterator[Table]:
    """Those of every SOP, each after those to which it refers."""
    for sop in SOPS.values():
        yield from tables_of(sop)


def of_sops(connection: Connection) -> set[str]:
    """The tables in the database that belong to an SOP, whether it is still declared or not."""
    there = Schema.of(connection)
    leads_to = {name: {c: to for (table, c), to in there.leads_to.items() if table == name} for name in there.columns}
    return {name for name, columns in there.columns.items() if is_derived(columns, leads_to[name])}


def follow() -> None:
    """Adds tables, columns, foreign keys and indexes that the declarations have and the database lacks. Raises
    ``Unfit``, and then nothing is added."""
    with write_transaction() as session:
        follow_in(session.connection())


def follow_in(connection: Connection) -> None:
    """The same in the database of ``connection``, whose transaction is the caller's."""
    there = Schema.of(connection)
    if wrong := list(misfits(there)):
        raise Unfit("\n".join(wrong))
    for table in own_tables():
        if table.name not in there.columns:
            table.create(connection)
    for table in own_tables():
        if table.name in there.columns:
            _complete(connection, table, there)


def _complete(connection: Connection, table: Table, there: Schema) -> None:
    for column in table.columns:
        [key] = column.foreign_keys or [None]
        if column.name not in there.columns[table.name]:
            _alter(connection, table, f"ADD COLUMN {_defined(connection, column)}{_references(connection, key)}")
        elif key is not None and (table.name, column.name) not in there.leads_to:
            _bind(connection, table, column, key)
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        if tuple(column.name for column in index.columns) not in there.indexes.get(table.name, ()):
            index.create(connection)


def _defined(connection: Connection, column: Column[Any]) -> str:
    """A column without NOT NULL, which the rows that are there could not keep."""
    quote = connection.dialect.identifier_preparer.quote
    return f"{quote(column.name)} {column.type.compile(connection.dialect)}"


def _references(connection: Connection, key: ForeignKey | None) -> str:
    if key is None:
        return ""
    quote = connection.dialect.identifier_preparer.quote
    return f" REFERENCES {quote(target_of(key))} (id)"


def _bind(connection: Connection, table: Table, column: Column[Any], key: ForeignKey) -> None:
    """A foreign key for a column that is there: SQLite can't add one, PostgreSQL holds the rows to come to it."""
    if connection.dialect.name == "postgresql":
        name = connection.dialect.identifier_preparer.quote(column.name)
        _alter(connection, table, f"ADD FOREIGN KEY ({name}){_references(connection, key)} NOT VALID")


def _alter(connection: Connection, table: Table, change: str) -> None:
    name = connection.dialect.identifier_preparer.quote(table.name)
    connection.exec_driver_sql(f"ALTER TABLE {name} {change}")


def target_of(key: ForeignKey) -> str:
    """The table to which a foreign key leads."""
    return str(key.target_fullname).partition(".")[0]


def misfits(there: Schema) -> Iterator[str]:
    """A sentence for each field whose values its column can't keep."""
    for sop in SOPS.values():
        tables = tables_of(sop)
        groups = [sop.fields.values(), *(records.columns for records in sop.records_by_key.values())]
        for table, fields in zip(tables, groups, strict=True):
            if table.name in there.columns:
                claimed = set(table.columns.keys())
                yield from (line for field in fields for line in _misfit(sop, table, field, there, claimed))


def _misfit(sop: Sop, table: Table, field: Field, there: Schema, claimed: set[str]) -> Iterator[str]:
    stored = _stored(table, field, there, claimed)
    if stored is not None and not _has_room(table, field, there):
        yield _(
            "%(sop)s: field “%(field)s” is declared as “%(declared)s”, but its column holds “%(stored)s”: what is "
            "stored keeps its type, so give the field another key.",
            sop=sop.key, field=field.key, declared=_wanted(table, field), stored=stored,
        )  # fmt: skip


def _wanted(table: Table, field: Field) -> str:
    column = table.columns[column_of(field)]
    [key] = column.foreign_keys or [None]
    return stored_types.reference(target_of(key)) if key is not None else field.kind.key


def _stored(table: Table, field: Field, there: Schema, claimed: set[str]) -> str | None:
    """What the field's column holds, in the words of declarations; None while there is none. A field that was a
    reference, or has become one, has another column, which no field claims any more."""
    columns = there.columns[table.name]
    own = column_of(field)
    other = field.key if own != field.key else f"{field.key}_id"
    name = own if own in columns else other
    leads_to = there.leads_to.get((table.name, name))
    if name not in columns or (name == other and (other in claimed or (own == field.key and not leads_to))):
        return None
    return stored_types.reference(leads_to) if leads_to else stored_types.words(columns[name]["type"])


def _has_room(table: Table, field: Field, there: Schema) -> bool:
    """Whether the field's own column takes its values; a reference leads to where it is declared to lead."""
    column = table.columns[column_of(field)]
    present = there.columns[table.name].get(column.name)
    [key] = column.foreign_keys or [None]
    leads_to = there.leads_to.get((table.name, column.name))
    if present is None or (leads_to is not None and (key is None or target_of(key) != leads_to)):
        return False
    return stored_types.takes(present["type"], column.type)
