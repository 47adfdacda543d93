"""the audit log

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op

from app.migrations import immutable

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'audit_entries',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('seq', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.Column('actor_id', sa.Integer(), nullable=True),
        sa.Column('actor_name', sa.String(130), nullable=False),
        sa.Column('account', sa.String(64), nullable=False),
        sa.Column('address', sa.String(64), nullable=False),
        sa.Column('request', sa.String(64), nullable=False),
        sa.Column('action', sa.String(64), nullable=False),
        sa.Column('subject_type', sa.String(32), nullable=False),
        sa.Column('subject', sa.String(128), nullable=False),
        sa.Column('subject_name', sa.String(255), nullable=False),
        sa.Column('detail', sa.JSON(), nullable=False),
        sa.Column('hash', sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(['actor_id'], ['ab_user.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('seq', name='uq_audit_entries_seq'),
    )
    op.create_index('ix_audit_entries_at', 'audit_entries', ['at'])
    op.create_index('ix_audit_entries_actor', 'audit_entries', ['actor_id', 'seq'])
    op.create_index('ix_audit_entries_action', 'audit_entries', ['action', 'seq'])
    op.create_index('ix_audit_entries_subject', 'audit_entries', ['subject_type', 'subject', 'seq'])
    immutable.keep('audit_entries')


def downgrade() -> None:
    immutable.let_go('audit_entries')
    op.drop_table('audit_entries')
