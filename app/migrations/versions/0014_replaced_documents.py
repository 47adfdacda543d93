"""a document can replace another of its kind, where several of one kind are files of their own

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('documents') as table:
        table.add_column(sa.Column('replaces_id', sa.Integer(), nullable=True))
        table.create_foreign_key('fk_documents_replaces_id', 'documents', ['replaces_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('documents') as table:
        table.drop_constraint('fk_documents_replaces_id', type_='foreignkey')
        table.drop_column('replaces_id')
