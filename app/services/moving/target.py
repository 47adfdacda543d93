"""The database to which an instance moves: PostgreSQL, empty at first.

A table of its own marks it from before the first table until the rows have come: whatever stands in a marked database
came from an earlier try. The rows come in one transaction, together with all that is checked about them, so a process
may be killed at any point.
"""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import current_app
from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, event, func, inspect, select, table, text
from sqlalchemy.schema import DropTable

from app.services.accounts import sop_tables
from app.services.core import clock
from app.services.moving import tables

MARK = Table("move_unfinished", MetaData(), Column("since", String(40), nullable=False))


def is_new(engine: Engine) -> bool:
    """Whether nothing is in it, or only what an earlier try has left."""
    with engine.connect() as connection:
        there = inspect(connection).get_table_names()
        return not there or MARK.name in there


def prepare(engine: Engine, source: Connection) -> None:
    """The tables: those of the migrations, of the SOPs, and what the source has besides."""
    with engine.begin() as connection:
        MARK.create(connection, checkfirst=True)
        connection.execute(MARK.insert().values(since=clock.now().isoformat()))
    _migrate(engine)
    with engine.begin() as connection:
        sop_tables.follow_in(connection)
        _add_tables(connection, source)
        _add_columns(connection, source)


def _migrate(engine: Engine) -> None:
    migrate = current_app.extensions["migrate"]
    config = migrate.migrate.get_config(migrate.directory)
    config.attributes["engine"] = engine
    command.upgrade(config, "head")


def _add_tables(connection: Connection, source: Connection) -> None:
    """Those of SOPs that are not declared any more."""
    lacking = [name for name in tables.names(source) if not inspect(connection).has_table(name)]
    if lacking:
        found = MetaData()
        event.listen(found, "column_reflect", _as_generic)
        found.reflect(source, only=lacking)
        found.create_all(connection, [found.tables[name] for name in lacking])


def _as_generic(_inspector: Any, _table: str, column: Any) -> None:
    column["type"] = column["type"].as_generic()


def _add_columns(connection: Connection, source: Connection) -> None:
    """Those of fields that are not declared any more."""
    change = Operations(MigrationContext.configure(connection))
    for name in tables.names(source):
        there = {column["name"] for column in inspect(connection).get_columns(name)}
        for column in inspect(source).get_columns(name):
            if column["name"] not in there:
                change.add_column(name, Column(column["name"], column["type"].as_generic()))


def empty(connection: Connection) -> None:
    """Removes what migrations put in, and what an earlier try left."""
    quote = connection.dialect.identifier_preparer.quote
    there = [name for name in inspect(connection).get_table_names() if name not in (tables.VERSION, MARK.name)]
    connection.exec_driver_sql(f"TRUNCATE {', '.join(map(quote, there))} CASCADE")


def write(connection: Connection, name: str, columns: list[str], rows: Any) -> None:
    """Rows into a table by COPY. Raises ``psycopg.Error`` for what PostgreSQL does not take."""
    quote = connection.dialect.identifier_preparer.quote
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {quote(name)} ({', '.join(map(quote, columns))}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def continue_sequences(connection: Connection) -> None:
    """The next row that is added gets an id of its own."""
    sequences = set(inspect(connection).get_sequence_names())
    for name in tables.names(connection):
        if "id" not in {column["name"] for column in inspect(connection).get_columns(name)}:
            continue
        owned = connection.scalar(text("SELECT pg_get_serial_sequence(quote_ident(:name), 'id')"), {"name": name})
        named = f"{name}_id_seq"
        if sequence := owned or (named if named in sequences else None):
            rows = table(name, Column("id"))
            last = connection.scalar(select(func.max(rows.c.id)))
            connection.execute(select(func.setval(sequence, last or 1, last is not None)))


def finish(connection: Connection) -> None:
    connection.execute(DropTable(MARK))
