"""checkpoints of all histories, what anchors have of them, and no emptied event without a record of the purge

Revision: 0025, after 0024
"""

import sqlalchemy as sa
from alembic import op

from app.migrations import blanking

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'checkpoints',
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.Column('hash', sa.String(64), nullable=False),
        sa.Column('signature', sa.String(128), nullable=False),
        sa.Column('frontier', sa.JSON(), nullable=False),
        sa.Column('events_upto', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('number'),
    )
    op.create_table(
        'checkpoint_leaves',
        sa.Column('position', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=True),
        sa.Column('head', sa.String(64), nullable=False),
        sa.Column('entry', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('position'),
    )
    op.create_index('ix_checkpoint_leaves_case', 'checkpoint_leaves', ['case_id', 'position'])
    op.create_table(
        'checkpoint_anchors',
        sa.Column('name', sa.String(16), nullable=False),
        sa.Column('upto', sa.Integer(), nullable=False),
        sa.Column('handed_at', sa.DateTime(), nullable=True),
        sa.Column('failing_since', sa.DateTime(), nullable=True),
        sa.Column('next_at', sa.DateTime(), nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('error', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('name'),
    )
    op.create_table(
        'checkpoint_stamps',
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.Column('token', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('number'),
    )
    blanking.demand_record()


def downgrade() -> None:
    blanking.demand_nothing()
    for table in ('checkpoint_stamps', 'checkpoint_anchors', 'checkpoint_leaves', 'checkpoints'):
        op.drop_table(table)
