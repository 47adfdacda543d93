"""lists of cases go on from a row, and find what stands anywhere in a number, a name or a phone

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

URGENT = ['due_at', 'created_at', 'id']
WHERE = {
    'ix_cases_open': 'closed_at IS NULL',
    'ix_cases_taken': 'closed_at IS NULL AND claimed_by_id IS NOT NULL',
    'ix_cases_void': 'voided_at IS NOT NULL',
}
NEW = {
    'ix_cases_state_created': ['sop', 'state', 'created_at', 'id'],
    'ix_cases_created': ['sop', 'created_at', 'id'],
    'ix_cases_closed': ['sop', 'closed_at', 'id'],
    'ix_cases_unit_created': ['unit_id', 'sop', 'created_at', 'id'],
    'ix_cases_open_due': ['sop', *URGENT],
    'ix_cases_open_state': ['sop', 'state', *URGENT],
    'ix_cases_open_unit': ['unit_id', 'sop', *URGENT],
    'ix_cases_open_claimed': ['claimed_by_id', 'sop', *URGENT],
    'ix_cases_taken': ['sop', *URGENT],
    'ix_cases_void': ['sop', 'id'],
}
OLD = {
    'ix_cases_sop_state': ['sop', 'state'],
    'ix_cases_sop_created': ['sop', 'created_at'],
    'ix_cases_sop_closed': ['sop', 'closed_at'],
    'ix_cases_open': ['sop', 'state', 'due_at'],
    'ix_cases_unit_id': ['unit_id'],
}
COLUMNS = 'number, reporter_name, reporter_phone'
SQLITE = (
    # Its texts are those of the cases; what it needs besides is kept in step by the triggers.
    f"CREATE VIRTUAL TABLE search_grams_of_cases USING fts5({COLUMNS}, content='cases', content_rowid='id', "
    "tokenize='trigram')",
    f"""CREATE TRIGGER search_cases_added AFTER INSERT ON cases BEGIN
         INSERT INTO search_grams_of_cases (rowid, {COLUMNS})
         VALUES (new.id, new.number, new.reporter_name, new.reporter_phone);
       END""",
    f"""CREATE TRIGGER search_cases_removed AFTER DELETE ON cases BEGIN
         INSERT INTO search_grams_of_cases (search_grams_of_cases, rowid, {COLUMNS})
         VALUES ('delete', old.id, old.number, old.reporter_name, old.reporter_phone);
       END""",
    f"""CREATE TRIGGER search_cases_changed AFTER UPDATE OF {COLUMNS} ON cases
       WHEN old.number != new.number OR old.reporter_name != new.reporter_name
         OR old.reporter_phone != new.reporter_phone BEGIN
         INSERT INTO search_grams_of_cases (search_grams_of_cases, rowid, {COLUMNS})
         VALUES ('delete', old.id, old.number, old.reporter_name, old.reporter_phone);
         INSERT INTO search_grams_of_cases (rowid, {COLUMNS})
         VALUES (new.id, new.number, new.reporter_name, new.reporter_phone);
       END""",
    "INSERT INTO search_grams_of_cases (search_grams_of_cases) VALUES ('rebuild')",
)
POSTGRESQL = (
    "CREATE INDEX CONCURRENTLY search_cases_grams ON cases USING gin "
    "(lower(number) gin_trgm_ops, lower(reporter_name) gin_trgm_ops, lower(reporter_phone) gin_trgm_ops)"
)


def upgrade() -> None:
    _replace(OLD, NEW)
    if op.get_bind().dialect.name == 'postgresql':
        with op.get_context().autocommit_block():
            op.execute(POSTGRESQL)
    else:
        for statement in SQLITE:
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        with op.get_context().autocommit_block():
            op.execute('DROP INDEX CONCURRENTLY search_cases_grams')
    else:
        for name in ('added', 'removed', 'changed'):
            op.execute(f'DROP TRIGGER search_cases_{name}')
        op.execute('DROP TABLE search_grams_of_cases')
    _replace(NEW, OLD)


def _replace(old: dict[str, list[str]], new: dict[str, list[str]]) -> None:
    """Writers go on meanwhile: first the new ones, so that no list is without an index."""
    with op.get_context().autocommit_block():
        for name, columns in new.items():
            where = next((sa.text(said) for prefix, said in WHERE.items() if name.startswith(prefix)), None)
            op.create_index(name, 'cases', columns, postgresql_concurrently=True, postgresql_where=where, sqlite_where=where)
        for name in old:
            op.drop_index(name, 'cases', postgresql_concurrently=True)
