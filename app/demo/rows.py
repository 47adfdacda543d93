"""Writes the cases of the large demo: plain rows, many at once, a batch a transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app.demo.clocks import Clocks
from app.demo.walk import Walker
from app.models import Case, Clock, Document, Event, Follow, Link, OutgoingMail
from app.models.derive import case_model, record_model
from app.services.cases import numbering
from app.services.search import index

#: Pages that SQLite keeps at hand while the indexes grow, in KiB; its own default comes back afterwards.
CACHE_KIB, USUAL_KIB = 400_000, 2_000


class Writer:
    """``now``: the moment up to which the cases have lived."""

    def __init__(self, clocks: Clocks, now: datetime) -> None:
        self._clocks, self._now = clocks, now
        self._words: set[str] = set()
        self._links: list[tuple[str, Walker, Walker, Any]] = []

    def write(self, session: Session, walkers: Sequence[Walker], numbers: Mapping[str, int],
              ids: Mapping[str, int], follows: Sequence[Mapping[str, int]] = ()) -> int:  # fmt: skip
        """Writes the cases with all that hangs on them; answers how many rows that made. ``numbers``: the last number
        given under each prefix; ``ids``: the last id given in each table."""
        _cache(session, CACHE_KIB)
        rows = self._rows(walkers)
        rows[Follow.__table__] = list(follows)
        for table, values in rows.items():
            if values:
                session.execute(insert(table), values)
        for prefix, value in numbers.items():
            numbering.seen(session, prefix, value)
        _move_sequences(session, ids)
        indexed = index.index_new(session, [walker.case for walker in walkers], self._words)
        return sum(map(len, rows.values())) + indexed

    def _rows(self, walkers: Sequence[Walker]) -> dict[Any, list[Any]]:
        """Rows by table, each after those to which it refers."""
        rows: dict[Any, list[Any]] = defaultdict(list)
        for walker in walkers:
            rows[Case.__table__].append(_row(Case.__table__, vars(walker.case)))
        for walker in walkers:
            rows[_table_of(walker)].append(_own(walker))
            for records in walker.sop.records:
                table = record_model(walker.sop.key, records.key).__table__
                rows[table] += [_row(table, _referring(vars(row))) for row in getattr(walker.case, records.key)]
            rows[Document.__table__] += walker.documents
            rows[Event.__table__] += map(vars, walker.events)
            rows[OutgoingMail.__table__] += walker.mails
            rows[Clock.__table__] += self._clocks.rows(walker.case, walker.clocks, self._now)
        rows[Link.__table__] = list(self._linked(walkers))
        return rows

    def _linked(self, walkers: Sequence[Walker]) -> Iterator[dict[str, Any]]:
        """A link is written with the later of the two cases."""
        for walker in walkers:
            walker.saved = True
            self._links += [(kind, walker, target, at) for kind, target, at in walker.links]
        for kind, source, target, at in self._links:
            if target.saved:
                yield {"kind": kind, "source_id": source.case.id, "target_id": target.case.id, "created_at": at}
        self._links = [link for link in self._links if not link[2].saved]


def finish(session: Session) -> None:
    """The database keeps as much in memory as usual again."""
    _cache(session, USUAL_KIB)


def _table_of(walker: Walker) -> Any:
    return case_model(walker.sop.key).__table__


def _own(walker: Walker) -> dict[str, Any]:
    fields = {key: getattr(walker.case, key) for key in walker.sop.fields}
    return {"id": walker.case.id, **_referring(fields, walker.sop.fields)}


def _referring(values: Mapping[str, Any], fields: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A row that a field refers to becomes its id."""
    found = {}
    for key, value in values.items():
        if fields[key].type == "reference" if fields else hasattr(value, "code"):
            found[f"{key}_id"] = value.id if value is not None else None
        else:
            found[key] = value
    return found


def _row(table: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    return {column.key: values.get(column.key) for column in table.columns}


def _cache(session: Session, kib: int) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql(f"PRAGMA cache_size=-{kib}")


def _move_sequences(session: Session, ids: Mapping[str, int]) -> None:
    """PostgreSQL's sequences know nothing of ids that were given by hand."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table, last in ids.items():
        if not last:
            continue  # nothing was written, and a sequence begins at 1
        session.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)"), {"table": table, "last": last}
        )
