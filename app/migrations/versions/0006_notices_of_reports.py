"""notices and mails that concern no case: a report is due

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

TABLES = ('notices', 'outbox')


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.alter_column('case_id', existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f'DELETE FROM {table} WHERE case_id IS NULL')
        with op.batch_alter_table(table) as batch:
            batch.alter_column('case_id', existing_type=sa.Integer(), nullable=False)
