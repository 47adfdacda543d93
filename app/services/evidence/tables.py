"""The tables of this deployment's database, as the verifier reads them from any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from sqlalchemy import Connection

from app.services.evidence import verifier
from app.services.evidence.verifier import Row, plain

#: Columns of PostgreSQL's tables; partitions have a schema of their own.
COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
    AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum
"""
MARK = re.compile(r"\?")


class SqlTables(verifier.Tables):
    """Of a connection; all is read in its transaction, so it fits together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._postgresql = connection.dialect.name == "postgresql"
        self.columns = {}
        for table, column, kind in connection.exec_driver_sql(COLUMNS if self._postgresql else verifier.COLUMNS):
            self.columns.setdefault(table, {})[column] = kind

    def select(self, table: str, columns: Iterable[str], rest: str, values: Sequence[int] = ()) -> Iterator[Row]:
        names, kinds = list(columns), self.columns[table]
        listed = ", ".join(self._as_text(name, kinds[name]) for name in names)
        statement, given = f'SELECT {listed} FROM "{table}" {rest}', tuple(values)  # noqa: S608
        if self._postgresql:
            numbered = count()
            statement = MARK.sub(lambda _mark: f"%(v{next(numbered)})s", statement)
            values_by_name = {f"v{at}": value for at, value in enumerate(given)}
            found = self._connection.exec_driver_sql(statement, values_by_name, {"yield_per": verifier.BATCH})
        else:
            found = self._connection.exec_driver_sql(statement, given, {"yield_per": verifier.BATCH})
        for row in found:
            yield {name: plain(value, kinds[name]) for name, value in zip(names, row, strict=True)}

    def _as_text(self, name: str, kind: str) -> str:
        return f'"{name}"::text' if self._postgresql and kind.startswith("json") else f'"{name}"'
