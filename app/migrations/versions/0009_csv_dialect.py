"""people keep the dialect of their CSV files

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ab_user', sa.Column('csv_dialect', sa.String(length=16), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('ab_user', 'csv_dialect')
