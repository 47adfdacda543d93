"""Fills an empty database with the demo: as a whole or not at all (see ``services/accounts/unfinished.py``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select

from app.demo import bulk, day
from app.demo.step import reason
from app.extensions import db
from app.models import Document
from app.services.accounts import setup
from app.services.accounts import unfinished as marks
from app.services.accounts.unfinished import DEMO, RESTORE
from app.services.core import exclusive
from app.services.documents import storage

HALF = DEMO.says


class Trouble(Exception):
    """There is no demo; the message says why, for a person. ``code``: the exit code of a command."""

    code = 1


class NotEmpty(Trouble):
    """Nothing was changed."""


class Interrupted(Trouble):
    code = 130


def unfinished() -> bool:
    """Whether the database holds a demo that is not whole."""
    return DEMO.there()


def whole_or_refused() -> None:
    """Raises ``Trouble`` where a start would take half of something for the whole."""
    for half in marks.told():
        raise Trouble(half)


def fill(cases: int, seed: int, tell: Callable[[str], object]) -> None:
    """Makes the database ready and fills it; ``tell`` receives the progress. Raises ``NotEmpty``, or ``Trouble`` after
    which the database is empty."""
    with alone():
        try:
            _begin(tell)
            setup.prepare()
            _fill(cases, seed, tell)
            DEMO.remove()
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
    if RESTORE.there():
        raise NotEmpty(RESTORE.says)
    if there := marks.occupied():
        raise NotEmpty(f"The database has {there} already: no demo data.")
    DEMO.set()


def _rolled_back(error: BaseException) -> Trouble:
    """Removes everything again; returns the message for the user."""
    stopped = isinstance(error, KeyboardInterrupt | GeneratorExit | SystemExit)
    kind = Interrupted if stopped else Trouble
    what, why = ("stopped", "") if stopped else ("aborted", f": {reason(error)}")
    try:
        if unfinished():
            _empty()
            setup.prepare()
            DEMO.remove()
    except BaseException as second:  # somebody who presses Ctrl-C again shall read the same
        again = f"it could not be removed again ({reason(second)}). Please start once more with --demo."
        return kind(f"The demo was {what}{why}\nand {again}")
    return kind(f"The demo was {what} and nothing of it is left in the database{why}")


def _empty() -> None:
    """Removes our tables, and the files that they name; the mark stays."""
    db.session.rollback()
    tables = marks.our_tables()
    keys = list(db.session.scalars(select(Document.storage_key))) if Document.__tablename__ in tables else []
    marks.drop(tables)
    for key in keys:
        storage.forget(key)
