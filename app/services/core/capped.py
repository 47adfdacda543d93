"""Counting that stops: how many rows there are up to a cap, read from an index in its order, so that a million more
cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, literal, literal_column, select, union_all

from app.models import Case
from app.models.case import URGENT as KEYS
from app.models.types import UTCDateTime

#: Lists and worklists count no further: what lies beyond is shown as “999+”.
MOST = 999
#: The order of the indexes of open cases.
URGENT = tuple(getattr(Case, key) for key in KEYS)


def counted(
    where: Sequence[ColumnElement[bool]], most: int | None, order: Sequence[Any] = URGENT, of: Subquery | None = None
) -> Any:
    """The number of cases, no further than ``most``; for each row ``of`` a query, if one is given. The order leads the
    database to the index that has it: by itself it might read the table from its beginning, where the oldest cases
    are."""
    # Named by itself: a condition that nothing meets names no table.
    some = select(literal(1)).select_from(Case).where(*where).order_by(*order).correlate(of)
    # Written out: a plan that is made once for all values has to know it.
    stopped = some if most is None else some.limit(literal_column(str(int(most))))
    return select(func.count()).select_from(stopped.subquery()).scalar_subquery()


def keys(several: Sequence[str]) -> Subquery:
    """A row for each key, in the column ``key``: one condition counts them all."""
    return union_all(*(select(literal(one).label("key")) for one in several)).subquery()


def spans(several: Sequence[tuple[str, datetime, datetime]]) -> Subquery:
    """A row for each span of time, in the columns ``key``, ``begin`` and ``end``."""
    kind = UTCDateTime()
    rows = (
        select(literal(key).label("key"), literal(begin, kind).label("begin"), literal(end, kind).label("end"))
        for key, begin, end in several
    )
    return union_all(*rows).subquery()
