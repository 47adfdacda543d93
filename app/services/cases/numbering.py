"""Case numbers: gapless per prefix, taken in the transaction of the case they name."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.models import Counter
from app.workflow.declaration import Sop


def next_number(session: Session, sop: Sop, at: datetime, code: str | None = None) -> str:
    """The next number of ``sop`` at a moment in the deployment's zone; ``code`` overrides the setting's."""
    prefix = prefix_at(sop, at, code)
    return numbered(sop, prefix, _take(session, prefix))


def prefix_at(sop: Sop, at: datetime, code: str | None = None) -> str:
    """The prefix before the sequence of a number given at a moment in the deployment's zone."""
    setting = current_app.config[sop.code_setting] if sop.code_setting else ""
    parts = {"yyyy": f"{at:%Y}", "yymmdd": f"{at:%y%m%d}", "code": code or setting}
    return sop.number.partition("{seq")[0].format(**parts)


def numbered(sop: Sop, prefix: str, value: int) -> str:
    """The number for ``value`` in the sequence of ``prefix``."""
    width = sop.number.partition("{seq")[2]
    return prefix + f"{{seq{width}".format(seq=value)


def _take(session: Session, prefix: str) -> int:
    """Counts ``prefix`` up by one. The row stays locked until the transaction ends, so nobody gets the same number
    and a rollback gives it back."""
    insert = _insert_for(session.get_bind().dialect)
    statement = insert(Counter).values(prefix=prefix, value=1)
    statement = statement.on_conflict_do_update(index_elements=["prefix"], set_={"value": Counter.value + 1})
    return int(session.execute(statement.returning(Counter.value)).scalar_one())


def seen(session: Session, prefix: str, value: int) -> None:
    """Continues the sequence of ``prefix`` after ``value``, so that an imported number is never given again."""
    insert = _insert_for(session.get_bind().dialect)
    statement = insert(Counter).values(prefix=prefix, value=value)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["prefix"], set_={"value": statement.excluded.value}, where=Counter.value < value
        )
    )


def _insert_for(dialect: Dialect):  # type: ignore[no-untyped-def]
    return postgresql.insert if dialect.name == "postgresql" else sqlite.insert
