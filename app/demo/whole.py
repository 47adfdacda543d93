"""Fills an empty database with the demo: it is there as a whole or not at all.

The services commit each step, so a table of its own marks the database from before the first write until after the
last. What carries the mark was found empty by the demo itself: whatever stands in it is the demo's, and goes before the
demo is filled anew. The mark also holds while the schema is made, so a process may be killed at any point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from flask_appbuilder import Model
from sqlalchemy import Column, MetaData, String, Table, exists, inspect, select

from app.demo import bulk, day
from app.demo.step import reason
from app.extensions import db
from app.models import Case, Customer, Document, Posko, Staff, Unit, User
from app.services.accounts import setup, sop_tables
from app.services.core import clock, exclusive
from app.services.documents import storage

MARK = Table("demo_unfinished", MetaData(), Column("since", String(40), nullable=False))
#: What no demo may be put beside.
DATA = (User, Case, Customer, Unit, Posko, Staff)
#: Tables that no model describes (see ``migrations/env_options.py``).
MADE_BY_HAND = ("alembic_version", "search_")
HALF = (
    "The database holds half a demo: the filling was aborted, or it goes on elsewhere. Start once more with --demo: "
    "what is in the database is removed then, and the demo filled anew."
)


class Trouble(Exception):
    """There is no demo; the message says why, for a person. ``code``: the exit code of a command."""

    code = 1


class NotEmpty(Trouble):
    """Nothing was changed."""


class Interrupted(Trouble):
    code = 130


def unfinished() -> bool:
    """Whether the database holds a demo that is not whole."""
    return bool(inspect(db.engine).has_table(MARK.name))


def whole_or_refused() -> None:
    """Raises ``Trouble`` where a start would take half a demo for a whole one."""
    if unfinished():
        raise Trouble(HALF)


def fill(cases: int, seed: int, tell: Callable[[str], object]) -> None:
    """Makes the database ready and fills it; ``tell`` receives the progress. Raises ``NotEmpty``, or ``Trouble`` after
    which the database is empty."""
    with alone():
        try:
            _begin(tell)
            setup.prepare()
            _fill(cases, seed, tell)
            _unmark()
        except NotEmpty:
            raise
        except BaseException as error:
            raise _rolled_back(error) from error


def _fill(cases: int, seed: int, tell: Callable[[str], object]) -> None:
    day.fill(tell)
    for progress in bulk.fill(cases, seed) if cases else ():
        tell(str(progress))


@contextmanager
def alone() -> Iterator[None]:
    """Holds a lock that goes with the process, however it ends. Raises ``Trouble`` when another one holds it."""
    with exclusive.held("demo", wait=False) as got:
        if not got:
            raise Trouble("Another process is filling this database with the demo. Please wait until it is done.")
        yield


def _begin(tell: Callable[[str], object]) -> None:
    """Sets the mark, on a database in which nothing is. One that has tables is brought to the newest schema first."""
    if unfinished():
        tell("Half a demo was found; it is removed first.")
        _empty()
        return
    if _tables():
        setup.prepare()
        if db.session.scalar(select(exists(select(User.id)))):
            raise NotEmpty("The database has users already: no demo data.")
        if any(db.session.scalar(select(exists(select(model.id)))) for model in DATA):
            raise NotEmpty("The database has data already: no demo data.")
        db.session.remove()
    _mark()


def _mark() -> None:
    with db.engine.begin() as connection:
        MARK.create(connection)
        connection.execute(MARK.insert().values(since=clock.now().isoformat()))


def _unmark() -> None:
    db.session.remove()
    MARK.drop(db.engine)


def _rolled_back(error: BaseException) -> Trouble:
    """Removes everything again; returns the message for the user."""
    stopped = isinstance(error, KeyboardInterrupt | GeneratorExit | SystemExit)
    kind = Interrupted if stopped else Trouble
    what, why = ("stopped", "") if stopped else ("aborted", f": {reason(error)}")
    try:
        if unfinished():
            _empty()
            setup.prepare()
            _unmark()
    except BaseException as second:  # somebody who presses Ctrl-C again shall read the same
        again = f"it could not be removed again ({reason(second)}). Please start once more with --demo."
        return kind(f"The demo was {what}{why}\nand {again}")
    return kind(f"The demo was {what} and nothing of it is left in the database{why}")


def _empty() -> None:
    """Removes our tables, and the files that they name; the mark stays."""
    db.session.rollback()
    tables = _tables()
    keys = list(db.session.scalars(select(Document.storage_key))) if Document.__tablename__ in tables else []
    db.session.remove()
    db.engine.dispose()
    _drop(tables)
    for key in keys:
        storage.forget(key)


def _tables() -> list[str]:
    """Those of our tables that are there, also of SOPs that are not declared any more."""
    with db.engine.connect() as connection:
        there, of_sops = inspect(connection).get_table_names(), sop_tables.of_sops(connection)
    ours = {*Model.metadata.tables, *of_sops}
    return [name for name in there if name in ours or name.startswith(MADE_BY_HAND)]


def _drop(tables: list[str]) -> None:
    # The triggers of the history stand in the way of a DELETE, not of this.
    if db.engine.dialect.name == "sqlite":
        _drop_from_sqlite(tables)
        return
    quote = db.engine.dialect.identifier_preparer.quote
    with db.engine.begin() as connection:
        for name in tables:
            connection.exec_driver_sql(f"DROP TABLE {quote(name)} CASCADE")
        # Those that a table does not own.
        for name in {f"{table}_id_seq" for table in tables} & set(inspect(connection).get_sequence_names()):
            connection.exec_driver_sql(f"DROP SEQUENCE {quote(name)}")
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_history_change() CASCADE")


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
