"""the outbox is sent: states, tries, threads; digests and the language of mails

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

OUTBOX = ('language', 'actor_id', 'state', 'lease', 'leased_until', 'attempts', 'next_try_at', 'error', 'message_id',
          'in_reply_to', 'references')


def upgrade() -> None:
    with op.batch_alter_table('outbox') as table:
        table.add_column(sa.Column('language', sa.String(length=8), nullable=False, server_default=''))
        table.add_column(sa.Column('actor_id', sa.Integer(), nullable=True))
        table.add_column(sa.Column('state', sa.String(length=16), nullable=False, server_default='queued'))
        table.add_column(sa.Column('lease', sa.String(length=32), nullable=True))
        table.add_column(sa.Column('leased_until', sa.DateTime(), nullable=True))
        table.add_column(sa.Column('attempts', sa.Integer(), nullable=False, server_default='0'))
        table.add_column(sa.Column('next_try_at', sa.DateTime(), nullable=True))
        table.add_column(sa.Column('error', sa.Text(), nullable=False, server_default=''))
        table.add_column(sa.Column('message_id', sa.String(length=255), nullable=True))
        table.add_column(sa.Column('in_reply_to', sa.Text(), nullable=False, server_default=''))
        table.add_column(sa.Column('references', sa.Text(), nullable=False, server_default=''))
        if not _grown():
            table.create_foreign_key('fk_outbox_actor_id', 'ab_user', ['actor_id'], ['id'])
    op.execute("UPDATE outbox SET state = 'sent' WHERE sent_at IS NOT NULL")
    # A purge had emptied them, so there is nobody to whom they could go.
    op.execute("UPDATE outbox SET state = 'discarded' WHERE sent_at IS NULL AND recipient = ''")
    op.add_column('notice_choices', sa.Column('digest', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('ab_user', sa.Column('mail_language', sa.String(length=8), nullable=False, server_default=''))
    op.add_column('ab_user', sa.Column('digested_at', sa.DateTime(), nullable=True))
    if not _grown():
        _index()
        return
    op.create_foreign_key(
        'fk_outbox_actor_id', 'outbox', 'ab_user', ['actor_id'], ['id'], postgresql_not_valid=True
    )
    # Whoever works on cases goes on meanwhile.
    with op.get_context().autocommit_block():
        op.execute('ALTER TABLE outbox VALIDATE CONSTRAINT fk_outbox_actor_id')
        _index(postgresql_concurrently=True)


def _grown() -> bool:
    """On PostgreSQL the outbox may be large, and people are served."""
    return op.get_bind().dialect.name == 'postgresql'


def _index(**how: bool) -> None:
    waiting = sa.text("state IN ('queued', 'sending')")
    op.create_index('ix_outbox_message_id', 'outbox', ['message_id'], unique=True, **how)
    op.create_index('ix_outbox_state', 'outbox', ['state', 'id'], **how)
    op.create_index('ix_outbox_recipient', 'outbox', ['recipient'], **how)
    op.create_index('ix_outbox_waiting', 'outbox', ['id'], sqlite_where=waiting, postgresql_where=waiting, **how)


def downgrade() -> None:
    op.drop_column('ab_user', 'digested_at')
    op.drop_column('ab_user', 'mail_language')
    op.drop_column('notice_choices', 'digest')
    op.drop_index('ix_outbox_waiting', 'outbox')
    with op.batch_alter_table('outbox') as table:
        table.drop_index('ix_outbox_recipient')
        table.drop_index('ix_outbox_state')
        table.drop_index('ix_outbox_message_id')
        table.drop_constraint('fk_outbox_actor_id', type_='foreignkey')
        for column in OUTBOX:
            table.drop_column(column)
