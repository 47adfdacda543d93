"""cases know the revision of their SOP

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('cases') as batch:
        batch.add_column(sa.Column('revision', sa.Integer(), nullable=False, server_default=sa.text('0')))


def downgrade() -> None:
    # Not as a batch: SQLite would have to copy the table, and with it the partial index and all that refers to it.
    op.drop_column('cases', 'revision')
