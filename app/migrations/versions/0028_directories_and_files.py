"""users whose password a directory keeps; what was found in documents

Revision: 0028, after 0027
"""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ab_user', sa.Column('origin', sa.String(8), nullable=False, server_default=''))
    op.add_column('ab_user', sa.Column('origin_key', sa.String(255), nullable=False, server_default=''))
    op.add_column('documents', sa.Column('warnings', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('documents', sa.Column('scanned', sa.String(16), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('documents', 'scanned')
    op.drop_column('documents', 'warnings')
    op.drop_column('ab_user', 'origin_key')
    op.drop_column('ab_user', 'origin')
