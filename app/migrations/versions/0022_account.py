"""an event keeps the user name of whoever did it

Revision: 0022, after 0021
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.immutable import protect_anew

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # None: of the time before, whose hashes do without it.
    op.add_column('events', sa.Column('account', sa.String(64), nullable=True))
    protect_anew('version', 'since', 'account')


def downgrade() -> None:
    protect_anew('version', 'since')
    op.drop_column('events', 'account')
