"""Fills a database with complaints in bulk, by one statement a table: a million of them in a few minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

#: Two of five are open; two thirds of those have a deadline, and of these some are late and some due soon.
OPEN, WITH_DEADLINE = "i % 5 < 2", "i % 3 < 2"
GIVEN = ("Siti", "Budi", "Andi", "Tono", "Rina", "Dewi", "Agus", "Joko", "Sri", "Wati", "Hadi", "Yusuf", "Maya")
FAMILY = ("Rahma", "Santoso", "Wijaya", "Lestari", "Hidayat", "Saputra", "Nugroho", "Siregar", "Halim", "Kusuma", "Ng")
POSKOS, UNITS = 200, 40
BATCH = 50_000


def fill(connection: Connection, cases: int, now: datetime, actor: tuple[int, str], revision: int) -> None:
    """Adds so many complaints with two events each, their search index, and the units and poskos they belong to."""
    postgresql = connection.dialect.name == "postgresql"
    _run(
        connection,
        f"{_numbers()} INSERT INTO units (code, name, active) SELECT 'u' || i, 'ULP ' || i, {_true(postgresql)} FROM n",
        1,
        UNITS,
    )
    unit = f"(SELECT id FROM units WHERE code = 'u' || (1 + i % {UNITS}))"
    posko = f"SELECT 'p' || i, 'Posko ' || i, {_true(postgresql)}, {unit} FROM n"
    _run(connection, f"{_numbers()} INSERT INTO poskos (code, name, active, unit_id) {posko}", 1, POSKOS)
    first = {name: connection.scalar(text(f"SELECT min(id) FROM {name}")) for name in ("units", "poskos")}
    begun = connection.scalar(text("SELECT coalesce(max(id), 0) FROM cases"))
    shared = {"actor": actor[0], "actor_name": actor[1], "unit": first["units"], "posko": first["poskos"]}
    shared |= {"begun": begun, "revision": revision}
    moments = _Moments(postgresql, now)
    for low in range(1, cases + 1, BATCH):
        for statement in _statements(postgresql, moments):
            _run(connection, f"{_numbers()} {statement}", low, min(low + BATCH - 1, cases), **shared)
    if postgresql:
        for name in ("cases", "events"):
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")
            )
    connection.commit()
    analyse(connection)


def analyse(connection: Connection) -> None:
    postgresql = connection.dialect.name == "postgresql"
    raw = connection.execution_options(isolation_level="AUTOCOMMIT") if postgresql else connection
    raw.exec_driver_sql("VACUUM ANALYZE" if postgresql else "ANALYZE")


class _Moments:
    """Moments so many seconds from now, as the database keeps them."""

    def __init__(self, postgresql: bool, now: datetime) -> None:
        self._postgresql, self._now = postgresql, now

    def __call__(self, seconds: str) -> str:
        if self._postgresql:
            return f"(timestamptz '{self._now.isoformat()}' + ({seconds}) * interval '1 second')"
        since = (self._now.replace(tzinfo=None) - datetime(1970, 1, 1)) // timedelta(seconds=1)
        return f"strftime('%Y-%m-%d %H:%M:%S.000000', {since} + ({seconds}), 'unixepoch')"


def _statements(postgresql: bool, moments: _Moments) -> list[str]:
    pk, name = ":begun + i", f"{_one_of(GIVEN, 'i')} || ' ' || {_one_of(FAMILY, 'i / 7')} || ' ' || (i % 9973)"
    phone, number = "'+62812' || (10000000 + i)", "'K54' || (21000100000 + :begun + i)"
    unit, posko = f":unit + (1 + i % {POSKOS}) % {UNITS}", f":posko + i % {POSKOS}"
    created = moments("-i * 40")
    due = moments("(CAST(i AS bigint) * 7919) % 2592000 - 400000")
    words = (
        f"'k54' || (21000100000 + :begun + i) || ' ' || lower({name}) || ' 62812' || (10000000 + i) || "
        "' lampu padam sejak pagi'"
    )
    common = [
        f"""INSERT INTO cases (id, number, sop, revision, state, round, title, reporter_name, reporter_phone, unit_id,
                created_at, changed_at, state_since, due_at, closed_at, claimed_by_id, requested_documents,
                history_hash, version)
            SELECT {pk}, {number}, 'keluhan', :revision,
                CASE WHEN {OPEN} THEN CASE WHEN i % 2 = 0 THEN 'reported' ELSE 'in_progress' END
                     WHEN i % 11 = 0 THEN 'cancelled' ELSE 'resolved' END,
                1, 'Lampu padam sejak pagi', {name}, {phone}, {unit}, {created}, {created}, {created},
                CASE WHEN {OPEN} AND {WITH_DEADLINE} THEN {due} END,
                CASE WHEN {OPEN} THEN NULL ELSE {created} END,
                CASE WHEN {OPEN} AND i % 50 = 1 THEN :actor END, '[]', 'x', 2 FROM n""",
        f"""INSERT INTO keluhan (id, priority, name, customer_id, address, location, posko_id, phone, description,
                channel)
            SELECT {pk}, {_one_of(('a', 'b', 'c'), 'i')}, {name}, '5411' || (10000000 + i), 'Jl. Mawar ' || (i % 300),
                'Menteng', {posko}, '0812' || (10000000 + i), 'Lampu padam sejak pagi',
                {_one_of(('cc_123', 'pln_mobile', 'walk_in', 'social_media'), 'i / 3')} FROM n""",
    ]  # fmt: skip
    for seq, action, state in ((1, "report", "reported"), (2, "start", "in_progress")):
        common.append(f"""INSERT INTO events (case_id, seq, at, actor_id, actor_name, action, from_state, to_state,
                round, note, changes, documents, salt, digest, hash, version)
            SELECT {pk}, {seq}, {created}, :actor, :actor_name, '{action}', NULL, '{state}', 1, 'Diterima', '{{}}',
                '[]', 's', 'd', 'x', {seq} FROM n""")  # fmt: skip
    if postgresql:
        several = f"array_to_tsvector(array(SELECT DISTINCT w FROM unnest(string_to_array({words}, ' ')) w))"
        common.append(f"INSERT INTO search_text (case_id, words, found) SELECT {pk}, {words}, {several} FROM n")
    else:
        common.append(f"INSERT INTO search_text (rowid, words) SELECT {pk}, {words} FROM n")
    common.append(f"""INSERT INTO search_keys (field, key, is_open, case_id)
        SELECT 'customer_id', '5411' || (10000000 + i), {OPEN}, {pk} FROM n""")
    return common


def _numbers() -> str:
    return "WITH RECURSIVE n(i) AS (SELECT CAST(:low AS integer) UNION ALL SELECT i + 1 FROM n WHERE i < :high)"


def _one_of(words: tuple[str, ...], expression: str) -> str:
    cases = " ".join(f"WHEN {at} THEN '{word}'" for at, word in enumerate(words[:-1]))
    return f"CASE ({expression}) % {len(words)} {cases} ELSE '{words[-1]}' END"


def _true(postgresql: bool) -> str:
    return "true" if postgresql else "1"


def _run(connection: Connection, statement: str, low: int, high: int, **more: Any) -> None:
    connection.execute(text(statement), {"low": low, "high": high, **more})
