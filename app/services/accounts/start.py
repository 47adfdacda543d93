"""What stands in the way of serving: a database that does not fit the declarations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_appbuilder import Model
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.models import Case
from app.services.accounts import sop_tables, unfinished
from app.services.accounts.sop_tables import Schema
from app.services.cases.revisions import revision_problems
from app.sop import SOPS

SETUP = "flask --app run setup"
MOVE_CASES = "flask --app run sop move-cases"
#: Names that a sentence lists.
LISTED = 5


def start_problems(session: Any) -> list[str]:
    """A sentence for each reason not to start, with the command that helps. None while the database is away, which
    ``/health`` tells."""
    try:
        if half := unfinished.told(session.connection()):
            return half
        there = Schema.of(session.connection())
        if lacking := list(_lacking(there)):
            return [_says_what_is_lacking(lacking), *sop_tables.misfits(there)]
        return [*sop_tables.misfits(there), *revision_problems(session), *_stranded(session)]
    except OperationalError:
        session.rollback()
        return []


def is_migrated(session: Any) -> bool:
    """Whether every table and column is there."""
    return not any(_lacking(Schema.of(session.connection())))


def _lacking(there: Schema) -> Iterator[str]:
    """Tables and columns that the database does not have."""
    for table in {table.name: table for table in (*Model.metadata.sorted_tables, *sop_tables.own_tables())}.values():
        if table.name not in there.columns:
            yield table.name
        else:
            absent = (column for column in table.columns if column.name not in there.columns[table.name])
            yield from (f"{table.name}.{column.name}" for column in absent)


def _says_what_is_lacking(names: list[str]) -> str:
    listed = ", ".join(names[:LISTED]) + (", …" if len(names) > LISTED else "")
    return str(
        _(
            "The database lacks tables or columns (%(names)s): bring it up to date with “%(command)s”.",
            names=listed, command=SETUP,
        )
    )  # fmt: skip


def _stranded(session: Any) -> Iterator[str]:
    """Open cases in states that their SOP does not declare any more."""
    live = select(Case.sop, Case.state, func.count()).where(Case.closed_at.is_(None)).group_by(Case.sop, Case.state)
    for key, state, count in session.execute(live.order_by(Case.sop, Case.state)):
        if key in SOPS and state not in SOPS[key].state_by_key:
            yield ngettext(
                "%(sop)s: %(num)s open case is in state “%(state)s”, which the SOP no longer declares: move it with "
                "“%(command)s”.",
                "%(sop)s: %(num)s open cases are in state “%(state)s”, which the SOP no longer declares: move them "
                "with “%(command)s”.",
                count, sop=key, state=state, command=f"{MOVE_CASES} {key}",
            )  # fmt: skip
