"""the identity of who complains is matched, not in the data or not asked: no bare tick against nobody

What an SOP stores keeps its type, and setup refuses a column that no longer fits. This one field becomes a choice under
its key, which the contract fixes; so its column is converted before setup compares it. Intera has a tick of that name,
which stays.

Revision: 0011, after 0010
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

TABLE = 'pengaduan'
#: Who was found in the customer list when the tick was set, says ``identity_found``; a purge leaves it.
OUTCOME = """CASE WHEN identity_verified AND identity_found IN ('full', 'partly') THEN 'matched'
                  WHEN identity_verified THEN 'not_in_data'
                  WHEN channel = 'email' THEN 'not_asked' END"""
TICK = "CASE WHEN identity_verified IN ('matched', 'not_in_data') THEN true END"


def upgrade() -> None:
    if _is(sa.Boolean):
        _convert(sa.String(64), OUTCOME)


def downgrade() -> None:
    if _is(sa.String):
        _convert(sa.Boolean(), TICK)


def _is(kind: Any) -> bool:
    inspector = sa.inspect(op.get_bind())
    columns = inspector.get_columns(TABLE) if inspector.has_table(TABLE) else []
    return any(column['name'] == 'identity_verified' and isinstance(column['type'], kind) for column in columns)


def _convert(kind: Any, value: str) -> None:
    # Neither database turns a tick into a text in its place by the same words; both add, drop and rename.
    op.add_column(TABLE, sa.Column('identity_converted', kind, nullable=True))
    op.execute(f'UPDATE {TABLE} SET identity_converted = {value}')
    op.execute(f'ALTER TABLE {TABLE} DROP COLUMN identity_verified')
    op.execute(f'ALTER TABLE {TABLE} RENAME COLUMN identity_converted TO identity_verified')
