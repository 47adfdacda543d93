"""the working day: clocks and their policies, presence, saved filters, notices, exports, calendar feed

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.immutable import protect, release

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('deadline_policies',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sop', sa.String(length=32), nullable=False),
    sa.Column('deadline', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('measure', sa.String(length=32), nullable=False),
    sa.Column('joint_leave', sa.Boolean(), nullable=False),
    sa.Column('escalate_to', sa.String(length=64), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('sop', 'deadline', 'state', 'channel')
    )
    op.create_table('calendar_days',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('working', sa.Boolean(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('unit_id', 'day')
    )
    op.create_table('working_hours',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('opens', sa.Time(), nullable=False),
    sa.Column('closes', sa.Time(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_working_hours_unit_id'), 'working_hours', ['unit_id'], unique=False)

    op.create_table('exports',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('user_name', sa.String(length=130), nullable=False),
    sa.Column('what', sa.String(length=80), nullable=False),
    sa.Column('form', sa.String(length=16), nullable=False),
    sa.Column('asked', sa.JSON(), nullable=False),
    sa.Column('masked', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('expected', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('storage_key', sa.String(length=255), nullable=True),
    sa.Column('filename', sa.String(length=255), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_exports_at', 'exports', ['at'], unique=False)
    op.create_index('ix_exports_user', 'exports', ['user_id', 'at'], unique=False)

    op.create_table('feed_tokens',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('used_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('digest'),
    sa.UniqueConstraint('user_id')
    )
    op.create_table('notice_choices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('user_id', 'kind')
    )
    op.create_table('saved_filters',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('sop', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.Column('role', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['ab_user.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('owner_id', 'sop', 'name')
    )
    op.create_index(op.f('ix_saved_filters_sop'), 'saved_filters', ['sop'], unique=False)

    op.create_table('deadlines',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('sop', sa.String(length=32), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=True),
    sa.Column('measure', sa.String(length=32), nullable=True),
    sa.Column('joint_leave', sa.Boolean(), nullable=False),
    sa.Column('escalate_to', sa.String(length=64), nullable=False),
    sa.Column('extra', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=False),
    sa.Column('pauses', sa.JSON(), nullable=False),
    sa.Column('due_at', sa.DateTime(), nullable=True),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('next_at', sa.DateTime(), nullable=True),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_deadlines_case', 'deadlines', ['case_id', 'key'], unique=False)
    op.create_index('ix_deadlines_ended', 'deadlines', ['sop', 'ended_at'], unique=False)
    op.create_index('ix_deadlines_next', 'deadlines', ['next_at'], unique=False)

    op.create_table('notices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('action', sa.String(length=80), nullable=False),
    sa.Column('by_name', sa.String(length=130), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('read_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], ),
    sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_notices_case', 'notices', ['case_id'], unique=False)
    op.create_index('ix_notices_user', 'notices', ['user_id', 'read_at'], unique=False)

    op.create_table('presences',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('doing', sa.String(length=64), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], ),
    sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('case_id', 'user_id')
    )
    op.create_index('ix_presences_seen', 'presences', ['seen_at'], unique=False)

    # Both databases take the reference along with the column; Alembic would make it a second statement.
    op.execute('ALTER TABLE cases ADD COLUMN holder_id INTEGER REFERENCES ab_user (id)')
    op.create_index(op.f('ix_cases_holder_id'), 'cases', ['holder_id'], unique=False)
    op.create_index('ix_cases_open', 'cases', ['sop', 'state', 'due_at'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    release()
    op.add_column('events', sa.Column('version', sa.Integer(), nullable=True))
    op.add_column('events', sa.Column('since', sa.DateTime(), nullable=True))
    op.create_index('ix_events_at', 'events', ['at'], unique=False)
    protect('version', 'since')

    op.add_column('outbox', sa.Column('internal', sa.Boolean(), server_default='0', nullable=False))

    op.add_column('units', sa.Column('zone', sa.String(length=32), server_default='', nullable=False))



def downgrade() -> None:
    op.drop_column('units', 'zone')
    op.drop_column('outbox', 'internal')
    release()
    op.drop_index('ix_events_at', table_name='events')
    op.drop_column('events', 'since')
    op.drop_column('events', 'version')
    protect()
    op.drop_index('ix_cases_open', table_name='cases')
    op.drop_index('ix_cases_holder_id', table_name='cases')
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_column('holder_id')
    for table in (
        'presences', 'notices', 'deadlines', 'saved_filters', 'notice_choices', 'feed_tokens', 'exports',
        'working_hours', 'calendar_days', 'deadline_policies',
    ):
        op.drop_table(table)
