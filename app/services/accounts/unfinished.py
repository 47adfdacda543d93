"""A database that is being filled as a whole: the mark that tells it, and how everything of ours is taken out again.

The services commit each step, so a table of its own marks the database from before the first write until after the
last. What carries a mark was found empty by whoever set it: whatever stands in it is theirs, and goes before they begin
anew. The mark also holds while the schema is made, so a process may be killed at any point.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field

from flask_appbuilder import Model
from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, exists, inspect, literal, select, table

from app.extensions import db
from app.models import Case, Customer, Posko, Staff, Unit, User
from app.services.accounts import sop_tables
from app.services.core import clock, partitions

#: Tables that no model describes (see ``migrations/env_options.py``).
MADE_BY_HAND = ("alembic_version", "search_")
#: What nothing may be put beside.
DATA = (Case, Customer, Unit, Posko, Staff)


@dataclass(frozen=True)
class Mark:
    """``says``: what whoever wants to serve the database reads."""

    name: str
    says: str
    table: Table = field(init=False)

    def __post_init__(self) -> None:
        made = Table(self.name, MetaData(), Column("since", String(40), nullable=False))
        object.__setattr__(self, "table", made)

    def there(self, on: Connection | Engine | None = None) -> bool:
        return bool(inspect(on or db.engine).has_table(self.name))

    def set(self) -> None:
        with db.engine.begin() as connection:
            self.table.create(connection, checkfirst=True)
            connection.execute(self.table.insert().values(since=clock.now().isoformat()))

    def remove(self) -> None:
        db.session.remove()
        self.table.drop(db.engine)


DEMO = Mark(
    "demo_unfinished",
    "The database holds half a demo: the filling was aborted, or it goes on elsewhere. Start once more with --demo: "
    "what is in the database is removed then, and the demo filled anew.",
)
RESTORE = Mark(
    "restore_unfinished",
    "The database holds half of a backup: the restoring was aborted, or it goes on elsewhere. Restore once more: what "
    "is in the database is removed then, and everything put back anew.",
)
MARKS = (DEMO, RESTORE)


def told(on: Connection | None = None) -> list[str]:
    """Why the database can't be served: a sentence for each mark that is there; asked over ``on`` where it is given."""
    return [mark.says for mark in MARKS if mark.there(on)]


def occupied() -> str:
    """What stands in a database that should be empty; an empty text for one without rows beyond those of a setup. It is
    asked as it is, whatever its schema: a refusal changes nothing."""
    there = set(our_tables())
    with db.engine.connect() as connection:
        for model in (User, *DATA):
            one = table(model.__tablename__)
            if one.name in there and connection.scalar(select(exists(select(literal(1)).select_from(one)))):
                return "users" if model is User else "data"
    return ""


def our_tables() -> list[str]:
    """Those of our tables that are there, also of SOPs that are not declared any more."""
    with db.engine.connect() as connection:
        there, of_sops = inspect(connection).get_table_names(), sop_tables.of_sops(connection)
    ours = {*Model.metadata.tables, *of_sops}
    return [name for name in there if name in ours or name.startswith(MADE_BY_HAND)]


def drop(tables: list[str]) -> None:
    """Takes tables out, whatever refers to them."""
    db.session.remove()
    db.engine.dispose()
    # The triggers of the history stand in the way of a DELETE, not of this.
    if db.engine.dialect.name == "sqlite":
        _drop_from_sqlite(tables)
        return
    quote = db.engine.dialect.identifier_preparer.quote
    with db.engine.begin() as connection:
        for name in tables:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(name)} CASCADE")
        # Those that a table does not own.
        for name in {f"{table}_id_seq" for table in tables} & set(inspect(connection).get_sequence_names()):
            connection.exec_driver_sql(f"DROP SEQUENCE {quote(name)}")
        for function in ("refuse_history_change", "refuse_blanking"):
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}() CASCADE")
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {partitions.SCHEMA} CASCADE")


def _drop_from_sqlite(tables: list[str]) -> None:
    """Foreign keys look the other way; a virtual table takes the tables that it is made of with it."""
    with closing(db.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute("BEGIN IMMEDIATE")
        virtual = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%' ORDER BY rowid DESC"
        first = [name for (name,) in cursor.execute(virtual).fetchall()]
        for name in (*first, *tables):
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute("COMMIT")
        cursor.execute("PRAGMA foreign_keys=ON")
