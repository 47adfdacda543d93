"""retention: periods, legal holds, the record of purges

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('retention_policies',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sop', sa.String(length=32), nullable=False),
    sa.Column('document_type', sa.String(length=64), nullable=False),
    sa.Column('years', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('sop', 'document_type')
    )
    op.create_table('legal_holds',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('set_by', sa.String(length=130), nullable=False),
    sa.Column('set_at', sa.DateTime(), nullable=False),
    sa.Column('released_by', sa.String(length=130), nullable=True),
    sa.Column('released_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_legal_holds_case_id'), 'legal_holds', ['case_id'], unique=False)
    op.create_table('purges',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('sop', sa.String(length=32), nullable=False),
    sa.Column('whole', sa.Boolean(), nullable=False),
    sa.Column('document_types', sa.Text(), nullable=False),
    sa.Column('files', sa.Integer(), nullable=False),
    sa.Column('bytes', sa.BigInteger(), nullable=False),
    sa.Column('purged_by', sa.String(length=130), nullable=False),
    sa.Column('purged_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_purges_case_id'), 'purges', ['case_id'], unique=False)
    op.create_index(op.f('ix_purges_sop'), 'purges', ['sop'], unique=False)
    op.add_column('documents', sa.Column('purged_at', sa.DateTime(), nullable=True))
    op.create_index('ix_cases_sop_closed', 'cases', ['sop', 'closed_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_cases_sop_closed', table_name='cases')
    with op.batch_alter_table('documents', schema=None) as batch_op:
        batch_op.drop_column('purged_at')
    op.drop_table('purges')
    op.drop_table('legal_holds')
    op.drop_table('retention_policies')
