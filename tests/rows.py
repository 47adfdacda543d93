"""A PostgreSQL database put back to what its template holds, by rows: a tenth of the time that a new copy takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text

#: Where the template's rows are kept in the copy itself.
KEPT = "as_in_the_template"
#: Every relation, column, constraint, trigger and function: a test that has changed one leaves another schema behind.
SHAPE = text("""
    SELECT md5(string_agg(one, ' ' ORDER BY one)) FROM (
        SELECT concat_ws(' ', c.oid, c.relname, c.relkind) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', a.attrelid, a.attname, a.atttypid, a.attnotnull) FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
        UNION ALL SELECT concat_ws(' ', k.oid, k.conname) FROM pg_constraint k
            WHERE k.connamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', t.oid, t.tgname, t.tgenabled) FROM pg_trigger t WHERE NOT t.tgisinternal
        UNION ALL SELECT concat_ws(' ', p.oid, p.proname, md5(p.prosrc)) FROM pg_proc p
            WHERE p.pronamespace = 'public'::regnamespace
    ) AS all_of_it(one)
""")
TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
ALONE = text("""
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid != pg_backend_pid()
""")


class Rows:
    """What a fresh copy at ``url`` holds. ``put_back`` answers whether it could: not where the schema is another."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url, pool_size=1)
        with self.engine.begin() as connection:
            self.tables = list(connection.scalars(TABLES))
            self.filled = [one for one in self.tables if _count(connection, one)]
            connection.execute(text(f"CREATE SCHEMA {KEPT}"))
            for table in self.filled:
                connection.execute(text(f'CREATE TABLE {KEPT}."{table}" AS TABLE public."{table}"'))
            self.sequences = connection.execute(
                text("SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public'")
            ).all()
            self.shape = connection.scalar(SHAPE)

    def put_back(self) -> bool:
        with self._alone() as connection:
            if connection.scalar(SHAPE) != self.shape:
                self.engine.dispose()
                return False
            # Neither foreign keys nor the triggers that keep a history from being changed.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table in self._touched(connection):
                connection.execute(text(f'DELETE FROM public."{table}"'))
            for table in self.filled:
                connection.execute(text(f'INSERT INTO public."{table}" SELECT * FROM {KEPT}."{table}"'))
            connection.execute(text("SELECT " + ", ".join(self._restarts())))
        return True

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            connection.execute(ALONE)
            connection.commit()
            with connection.begin():
                yield connection

    def _touched(self, connection: Connection) -> list[str]:
        found = " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM public.\"{table}\")" for table in self.tables
        )
        return list(dict.fromkeys([*connection.scalars(text(found)), *self.filled]))

    def _restarts(self) -> Iterator[str]:
        for name, start, last in self.sequences:
            yield f"setval('public.\"{name}\"', {last or start}, {str(last is not None).lower()})"


def _count(connection: Connection, table: str) -> int:
    return int(connection.scalar(text(f'SELECT count(*) FROM public."{table}"')) or 0)
