"""second factors, recovery codes, and what brakes guesses at them

Revision: 0027, after 0026
"""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def owned(*columns: sa.Column) -> list[object]:
    """The columns of a table whose rows go with their user."""
    return [
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
    ]


def upgrade() -> None:
    op.create_table(
        'second_factors',
        *owned(
            sa.Column('kind', sa.String(16), nullable=False),
            sa.Column('name', sa.String(80), nullable=False),
            sa.Column('sealed_secret', sa.Text(), nullable=True),
            sa.Column('last_step', sa.BigInteger(), nullable=True),
            sa.Column('credential_id', sa.String(1400), nullable=True),
            sa.Column('public_key', sa.Text(), nullable=True),
            sa.Column('sign_count', sa.BigInteger(), nullable=False),
            sa.Column('rp_id', sa.String(255), nullable=False),
            sa.Column('transports', sa.JSON(), nullable=False),
            sa.Column('created_at', sa.DateTime(), nullable=False),
            sa.Column('used_at', sa.DateTime(), nullable=True),
        ),
        sa.UniqueConstraint('credential_id', name='uq_second_factors_credential'),
    )
    op.create_index('ix_second_factors_user', 'second_factors', ['user_id'])
    op.create_table(
        'recovery_codes',
        *owned(
            sa.Column('salt', sa.String(32), nullable=False),
            sa.Column('hash', sa.String(64), nullable=False),
            sa.Column('made_at', sa.DateTime(), nullable=False),
            sa.Column('used_at', sa.DateTime(), nullable=True),
        ),
    )
    op.create_index('ix_recovery_codes_user', 'recovery_codes', ['user_id'])
    op.create_table(
        'second_steps',
        *owned(
            sa.Column('handle', sa.String(64), nullable=False),
            sa.Column('failures', sa.Integer(), nullable=False),
            sa.Column('blocked_until', sa.DateTime(), nullable=True),
        ),
        sa.UniqueConstraint('user_id', name='uq_second_steps_user'),
        sa.UniqueConstraint('handle', name='uq_second_steps_handle'),
    )
    op.create_table(
        'spent_challenges',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('digest', name='uq_spent_challenges_digest'),
    )
    op.create_index('ix_spent_challenges_at', 'spent_challenges', ['at'])


def downgrade() -> None:
    for table in ('spent_challenges', 'second_steps', 'recovery_codes', 'second_factors'):
        op.drop_table(table)
