"""cases can be declared void

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('cases', sa.Column('voided_at', sa.DateTime(timezone=True)))
    op.add_column('cases', sa.Column('void_request', sa.JSON(none_as_null=True)))


def downgrade() -> None:
    # Not as a batch: SQLite would have to copy the table, and with it the partial index and all that refers to it.
    op.drop_column('cases', 'void_request')
    op.drop_column('cases', 'voided_at')
