"""Triggers that keep a history as it was written: no row of ``events`` is removed, none altered but to empty its
personal data (note, changes, salt) in a purge."""

from __future__ import annotations

from alembic import op

KEPT = (
    "id", "case_id", "seq", "at", "actor_id", "actor_name", "action", "from_state", "to_state", "round", "digest",
    "hash",
)  # fmt: skip


def protect(*more: str) -> None:
    """``more``: columns that came later and are kept as well."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    purge = _purge(postgresql, more)
    for statement in _postgresql(purge) if postgresql else _sqlite(purge):
        op.execute(statement)


def protect_anew(*more: str) -> None:
    """The same once more, with other columns; what else stands under the rule stays under it meanwhile."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER events_unaltered ON events" if postgresql else "DROP TRIGGER events_unaltered")
    purge = _purge(postgresql, more)
    op.execute((_postgresql if postgresql else _sqlite)(purge)[-1])


def release() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name in ("events_kept", "events_unaltered"):
        op.execute(f"DROP TRIGGER {name} ON events" if postgresql else f"DROP TRIGGER {name}")
    if postgresql:
        op.execute("DROP FUNCTION refuse_history_change()")


def _purge(postgresql: bool, more: tuple[str, ...]) -> str:
    """The one change that is let through."""
    equal = "IS NOT DISTINCT FROM" if postgresql else "IS"
    same = " AND ".join(f"NEW.{c} {equal} OLD.{c}" for c in (*KEPT, *more))
    return f"{same} AND NEW.note IS NULL AND NEW.changes IS NULL AND NEW.salt IS NULL"


def _sqlite(purge: str) -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'history is never altered'); END"
    return [
        f"CREATE TRIGGER events_kept BEFORE DELETE ON events {refuse}",
        f"CREATE TRIGGER events_unaltered BEFORE UPDATE ON events WHEN NOT ({purge}) {refuse}",
    ]


def _postgresql(purge: str) -> list[str]:
    return [
        "CREATE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'history is never altered'; END $$",
        "CREATE TRIGGER events_kept BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_history_change()",
        "CREATE TRIGGER events_unaltered BEFORE UPDATE ON events FOR EACH ROW "
        f"WHEN (NOT ({purge})) EXECUTE FUNCTION refuse_history_change()",
    ]


def keep(table: str) -> None:
    """No row of ``table`` is ever altered or removed."""
    if op.get_bind().dialect.name == "postgresql":
        for when in ("DELETE", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER {table}_kept_{when.lower()} BEFORE {when} ON {table} FOR EACH ROW "
                "EXECUTE FUNCTION refuse_history_change()"
            )
        return
    refuse = "BEGIN SELECT RAISE(ABORT, 'history is never altered'); END"
    for when in ("DELETE", "UPDATE"):
        op.execute(f"CREATE TRIGGER {table}_kept_{when.lower()} BEFORE {when} ON {table} {refuse}")


def let_go(table: str) -> None:
    on = f" ON {table}" if op.get_bind().dialect.name == "postgresql" else ""
    for when in ("delete", "update"):
        op.execute(f"DROP TRIGGER {table}_kept_{when}{on}")
