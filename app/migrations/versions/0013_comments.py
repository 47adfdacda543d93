"""comments on cases, with files

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'comments',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('event_id', sa.Integer(), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=False),
        sa.Column('author_id', sa.Integer(), nullable=True),
        sa.Column('readers', sa.JSON(), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['author_id'], ['ab_user.id']),
        sa.ForeignKeyConstraint(['case_id'], ['cases.id']),
        sa.ForeignKeyConstraint(['event_id'], ['events.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('event_id'),
    )
    op.create_index('ix_comments_case_id', 'comments', ['case_id'])
    with op.batch_alter_table('documents') as table:
        table.add_column(sa.Column('comment_id', sa.Integer(), nullable=True))
        table.create_foreign_key('documents_comment_id_fkey', 'comments', ['comment_id'], ['id'])
        table.create_index('ix_documents_comment_id', ['comment_id'])


def downgrade() -> None:
    with op.batch_alter_table('documents') as table:
        table.drop_index('ix_documents_comment_id')
        table.drop_constraint('documents_comment_id_fkey', type_='foreignkey')
        table.drop_column('comment_id')
    op.drop_index('ix_comments_case_id', 'comments')
    op.drop_table('comments')
