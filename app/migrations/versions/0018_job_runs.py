"""runs of background work, and the workers

Revision: 0018, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'job_runs',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(80), nullable=False),
        sa.Column('task', sa.String(64), nullable=False),
        sa.Column('slot', sa.DateTime(), nullable=True),
        sa.Column('arguments', sa.JSON(), nullable=True),
        sa.Column('worker', sa.String(120), nullable=False),
        sa.Column('started_at', sa.DateTime(), nullable=False),
        sa.Column('ended_at', sa.DateTime(), nullable=True),
        sa.Column('outcome', sa.String(16), nullable=False),
        sa.Column('error', sa.Text(), nullable=False),
        sa.Column('settled', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('name', 'slot', name='uq_job_runs_slot'),
    )
    op.create_index('ix_job_runs_name', 'job_runs', ['name', 'started_at'])
    op.create_index('ix_job_runs_outcome', 'job_runs', ['outcome', 'settled'])
    op.create_index('ix_job_runs_started', 'job_runs', ['started_at'])
    op.create_table(
        'workers',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(120), nullable=False),
        sa.Column('started_at', sa.DateTime(), nullable=False),
        sa.Column('seen_at', sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('name'),
    )
    op.create_index('ix_workers_seen', 'workers', ['seen_at'])


def downgrade() -> None:
    op.drop_table('workers')
    op.drop_table('job_runs')
