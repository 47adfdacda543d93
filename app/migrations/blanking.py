"""The trigger under which an event is emptied of its personal data: its case has a record of the purge behind it.

In the place of that of ``immutable``, which let anybody empty an event.
"""

from __future__ import annotations

from alembic import op

from app.migrations.immutable import KEPT

#: A purge of personal data, as a history calls it.
RECORDED = (
    "EXISTS (SELECT 1 FROM events AS later WHERE later.case_id = OLD.case_id AND later.seq > OLD.seq "
    "AND later.action = 'purge_personal')"
)
EMPTIED = "NEW.note IS NULL AND NEW.changes IS NULL AND NEW.salt IS NULL"
COLUMNS = (*KEPT, "version", "since", "account")


def demand_record() -> None:
    """An event is emptied once the purge that does so is recorded, and not otherwise."""
    if op.get_bind().dialect.name != "postgresql":
        allowed = f"{_same('IS')} AND NEW.documents IS OLD.documents AND {EMPTIED} AND {RECORDED}"
        op.execute("DROP TRIGGER events_unaltered")
        op.execute(_sqlite(allowed))
        return
    same = f"{_same('IS NOT DISTINCT FROM')} AND NEW.documents::text IS NOT DISTINCT FROM OLD.documents::text"
    op.execute(
        "CREATE FUNCTION refuse_blanking() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {same} AND {EMPTIED} AND {RECORDED} THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'history is never altered'; END $$"
    )
    op.execute("DROP TRIGGER events_unaltered ON events")
    op.execute(
        "CREATE TRIGGER events_unaltered BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse_blanking()"
    )


def demand_nothing() -> None:
    """As it was before."""
    if op.get_bind().dialect.name != "postgresql":
        op.execute("DROP TRIGGER events_unaltered")
        op.execute(_sqlite(f"{_same('IS')} AND {EMPTIED}"))
        return
    op.execute("DROP TRIGGER events_unaltered ON events")
    op.execute(
        "CREATE TRIGGER events_unaltered BEFORE UPDATE ON events FOR EACH ROW "
        f"WHEN (NOT ({_same('IS NOT DISTINCT FROM')} AND {EMPTIED})) EXECUTE FUNCTION refuse_history_change()"
    )
    op.execute("DROP FUNCTION refuse_blanking()")


def _same(equal: str) -> str:
    return " AND ".join(f"NEW.{column} {equal} OLD.{column}" for column in COLUMNS)


def _sqlite(allowed: str) -> str:
    return (
        f"CREATE TRIGGER events_unaltered BEFORE UPDATE ON events WHEN NOT ({allowed}) "
        "BEGIN SELECT RAISE(ABORT, 'history is never altered'); END"
    )
