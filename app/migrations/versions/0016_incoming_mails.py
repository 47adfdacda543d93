"""mail that comes in

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'incoming_mails',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('mailbox', sa.String(length=255), nullable=False),
        sa.Column('sop', sa.String(length=32), nullable=False),
        sa.Column('message_id', sa.String(length=255), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('reason', sa.String(length=32), nullable=False),
        sa.Column('detail', sa.Text(), nullable=False),
        sa.Column('sender', sa.String(length=255), nullable=False),
        sa.Column('sender_name', sa.String(length=255), nullable=False),
        sa.Column('subject', sa.String(length=500), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('written_at', sa.DateTime(), nullable=True),
        sa.Column('received_at', sa.DateTime(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('storage_key', sa.String(length=255), nullable=True),
        sa.Column('case_id', sa.Integer(), nullable=True),
        sa.Column('settled_by', sa.String(length=130), nullable=False),
        sa.Column('settled_at', sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(['case_id'], ['cases.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('mailbox', 'message_id'),
        sa.UniqueConstraint('storage_key'),
    )
    op.create_table(
        'mailbox_states',
        sa.Column('mailbox', sa.String(length=255), nullable=False),
        sa.Column('read_at', sa.DateTime(), nullable=True),
        sa.Column('problem', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('mailbox'),
    )
    op.create_index('ix_incoming_mails_case_id', 'incoming_mails', ['case_id'])
    op.create_index('ix_incoming_mails_state', 'incoming_mails', ['state', 'sop', 'received_at'])
    op.create_index('ix_incoming_mails_sender', 'incoming_mails', ['sender', 'received_at'])
    op.create_index('ix_incoming_mails_message_id', 'incoming_mails', ['message_id'])


def downgrade() -> None:
    op.drop_table('mailbox_states')
    op.drop_table('incoming_mails')
