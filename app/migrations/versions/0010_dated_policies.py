"""deadline policies have a citation and a day from which they hold

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

#: The constraint has no name of its own on SQLite; PostgreSQL names it after the columns.
NAMING = {'uq': '%(table_name)s_%(column_0_N_name)s_key'}
OLD = ['sop', 'deadline', 'state', 'channel']


def upgrade() -> None:
    with op.batch_alter_table('deadline_policies', naming_convention=NAMING) as table:
        table.add_column(sa.Column('citation', sa.String(length=255), nullable=False, server_default=''))
        table.add_column(sa.Column('effective', sa.Date(), nullable=True))
        table.drop_constraint('deadline_policies_' + '_'.join(OLD) + '_key', type_='unique')
        table.create_unique_constraint('uq_deadline_policies', [*OLD, 'effective'])
    undated = sa.text('effective IS NULL')
    op.create_index('uq_deadline_policies_undated', 'deadline_policies', OLD, unique=True, sqlite_where=undated, postgresql_where=undated)


def downgrade() -> None:
    op.drop_index('uq_deadline_policies_undated', 'deadline_policies')
    with op.batch_alter_table('deadline_policies', naming_convention=NAMING) as table:
        table.drop_constraint('uq_deadline_policies', type_='unique')
        table.create_unique_constraint('deadline_policies_' + '_'.join(OLD) + '_key', OLD)
        table.drop_column('effective')
        table.drop_column('citation')
