"""who has taken a case has claimed it: the column is called so

Revision: 0007, after 0006
"""

from alembic import op

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    op.drop_index('ix_cases_holder_id', table_name='cases')
    op.execute('ALTER TABLE cases RENAME COLUMN holder_id TO claimed_by_id')
    op.create_index('ix_cases_claimed_by_id', 'cases', ['claimed_by_id'])


def downgrade() -> None:
    op.drop_index('ix_cases_claimed_by_id', table_name='cases')
    op.execute('ALTER TABLE cases RENAME COLUMN claimed_by_id TO holder_id')
    op.create_index('ix_cases_holder_id', 'cases', ['holder_id'])
