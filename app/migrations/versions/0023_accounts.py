"""one-time passwords, brakes on guessing, roles that wait for a second admin

Revision: 0023, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ab_user', sa.Column('one_time_until', sa.DateTime(), nullable=True))
    op.create_table(
        'sign_in_brakes',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('account', sa.String(64), nullable=False),
        sa.Column('address', sa.String(64), nullable=False),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('last_at', sa.DateTime(), nullable=False),
        sa.Column('closed_until', sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('account', 'address', name='uq_sign_in_brakes_account'),
    )
    op.create_index('ix_sign_in_brakes_last', 'sign_in_brakes', ['last_at'])
    op.create_table(
        'role_proposals',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('roles', sa.JSON(), nullable=False),
        sa.Column('activates', sa.Boolean(), nullable=False),
        sa.Column('proposed_by_id', sa.Integer(), nullable=False),
        sa.Column('proposed_at', sa.DateTime(), nullable=False),
        sa.Column('state', sa.String(16), nullable=False),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id']),
        sa.ForeignKeyConstraint(['proposed_by_id'], ['ab_user.id']),
        sa.ForeignKeyConstraint(['decided_by_id'], ['ab_user.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_role_proposals_state', 'role_proposals', ['state', 'id'])
    op.create_index('ix_role_proposals_user', 'role_proposals', ['user_id'])


def downgrade() -> None:
    op.drop_table('role_proposals')
    op.drop_table('sign_in_brakes')
    op.drop_column('ab_user', 'one_time_until')
