"""The history on PostgreSQL, a partition for each month, once ``flask --app run partition-events`` was run.

A unique constraint of a partitioned table must have the month in it, which would let a case have one ``seq`` in two
months. A table of keys takes every event's id, and its case and ``seq``, by a trigger: it holds what the constraints
held, and what refers to an event refers to it. Keys and partitions have a schema of their own, so that everybody else
sees the one table ``events`` that there was.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from flask import current_app
from sqlalchemy import Connection, inspect, text

from app.extensions import db
from app.services.core import clock, exclusive

SCHEMA = "partitions"
#: Months that are made before they begin.
AHEAD = 3
MONTH = relativedelta(months=1)
KEYS = f"{SCHEMA}.event_keys"
#: What of the old table the new one gets by name: foreign keys and triggers, which ``LIKE`` leaves out.
FOREIGN = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'events'::regclass AND contype = 'f'
"""
TRIGGERS = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'events'::regclass AND NOT tgisinternal"
REFERRING = """
    SELECT con.conrelid::regclass::text, con.conname, att.attname FROM pg_constraint con
    JOIN pg_attribute att ON att.attrelid = con.conrelid AND att.attnum = con.conkey[1]
    WHERE con.confrelid = 'events'::regclass AND con.contype = 'f' AND con.conparentid = 0
"""
BEFORE = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    "ALTER TABLE events RENAME TO events_whole",
    "CREATE TABLE events (LIKE events_whole INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE) "
    "PARTITION BY RANGE (at)",
    "ALTER SEQUENCE events_id_seq OWNED BY events.id",
    f"CREATE TABLE {SCHEMA}.events_other PARTITION OF events DEFAULT",
)
AFTER = (
    "DROP TABLE events_whole",
    "ALTER TABLE events ADD PRIMARY KEY (id, at)",
    "CREATE INDEX ix_events_case_id ON events (case_id, seq)",
    "CREATE INDEX ix_events_at ON events (at)",
    f"ALTER TABLE {KEYS} ADD PRIMARY KEY (event_id), ADD UNIQUE (case_id, seq)",
    "CREATE FUNCTION partitions.keep_event_key() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO partitions.event_keys (event_id, case_id, seq) VALUES (NEW.id, NEW.case_id, NEW.seq); "
    "RETURN NEW; END $$",
    f"CREATE TRIGGER events_keyed BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.keep_event_key()",
)


def are_there(connection: Connection) -> bool:
    """Whether the history is partitioned."""
    postgresql = connection.dialect.name == "postgresql"
    return postgresql and inspect(connection).has_table("events_other", schema=SCHEMA)


def partition() -> int:
    """Partitions the history; answers into how many months. In one transaction: others read meanwhile, and writers wait
    until every event has been copied. Raises ``ValueError`` on another database than PostgreSQL, or if it was done."""
    with exclusive.held("setup"), db.engine.begin() as connection:
        if connection.dialect.name != "postgresql":
            raise ValueError("Only PostgreSQL partitions tables.")
        if are_there(connection):
            raise ValueError("The history is partitioned already.")
        connection.exec_driver_sql("LOCK TABLE events IN EXCLUSIVE MODE")
        foreign = connection.execute(text(FOREIGN)).all()
        triggers = connection.scalars(text(TRIGGERS)).all()
        referring = connection.execute(text(REFERRING)).all()
        first = connection.scalar(text("SELECT min(at) FROM events"))
        for table, name, _column in referring:
            connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        _run(connection, BEFORE)
        made = sum(_make(connection, month) for month in _months(first or clock.now()))
        connection.exec_driver_sql("INSERT INTO events SELECT * FROM events_whole")
        connection.exec_driver_sql(
            "CREATE TABLE partitions.event_keys AS SELECT id AS event_id, case_id, seq FROM events"
        )
        _run(connection, AFTER)
        _run(connection, (f'ALTER TABLE events ADD CONSTRAINT "{name}" {definition}' for name, definition in foreign))
        _run(connection, triggers)
        for table, name, column in referring:
            rule = f'FOREIGN KEY ("{column}") REFERENCES {KEYS} (event_id)'
            connection.exec_driver_sql(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {rule}')
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE events")
    return made


def keep_ahead() -> int:
    """Makes the months to come, where the history is partitioned; answers how many are new."""
    with db.engine.begin() as connection:
        if not are_there(connection):
            return 0
        return sum(_make(connection, month) for month in _months(clock.now()))


def _months(since: datetime) -> Iterator[date]:
    month, last = date(since.year, since.month, 1), clock.now().date() + AHEAD * MONTH
    while month <= last:
        yield month
        month += MONTH


def _make(connection: Connection, month: date) -> bool:
    """Whether there was no such month yet. Where its events lie among the others already, they stay there."""
    name = f"{SCHEMA}.events_{month:%Y_%m}"
    if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is not None:
        return False
    bounds: dict[str, Any] = {"since": month, "until": month + MONTH}
    strayed = "SELECT EXISTS (SELECT FROM partitions.events_other WHERE at >= :since AND at < :until)"
    if connection.scalar(text(strayed), bounds):
        current_app.logger.warning("Events of %s lie in %s.events_other", f"{month:%Y-%m}", SCHEMA)
        return False
    values = f"FROM ('{month}') TO ('{month + MONTH}')"
    connection.exec_driver_sql(f"CREATE TABLE {name} PARTITION OF events FOR VALUES {values}")
    return True


def _run(connection: Connection, statements: Any) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)
