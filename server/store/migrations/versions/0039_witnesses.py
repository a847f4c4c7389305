"""witnesses co-sign checkpoints"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'audit_cosignature',
        sa.Column('id', server.store.types.Key, nullable=False),
        sa.Column('branch_id', server.store.types.Key, nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('witness', sa.String(length=400), nullable=False),
        sa.Column('line', sa.Text(), nullable=False),
        sa.Column('signed_at', server.store.types.Instant(), nullable=False),
        sa.Column('kept_at', server.store.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_audit_cosignature_branch_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_cosignature')),
        sa.UniqueConstraint('branch_id', 'day', 'witness', name=op.f('uq_audit_cosignature_branch_id_day_witness')),
    )
    op.create_table(
        'audit_telling',
        sa.Column('id', server.store.types.Key, nullable=False),
        sa.Column('branch_id', server.store.types.Key, nullable=False),
        sa.Column('witness', sa.String(length=400), nullable=False),
        sa.Column('day', sa.Date(), nullable=True),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('due_at', server.store.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_audit_telling_branch_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_telling')),
        sa.UniqueConstraint('branch_id', 'witness', name=op.f('uq_audit_telling_branch_id_witness')),
    )


def downgrade() -> None:
    op.drop_table('audit_telling')
    op.drop_table('audit_cosignature')
