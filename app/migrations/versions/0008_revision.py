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
    # Not as a batch: SQLite would drop the table and make it anew, which the rows that refer to its own refuse.
    op.add_column('cases', sa.Column('revision', sa.Integer(), nullable=False, server_default='0'))


def downgrade() -> None:
    # Not as a batch: SQLite would have to copy the table, and with it the partial index and all that refers to it.
    op.drop_column('cases', 'revision')
