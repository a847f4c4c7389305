"""a log that can be proved"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0026'
down_revision = '0030'
branch_labels = None
depends_on = None

Key = server.store.types.Key


def upgrade() -> None:
    op.create_table(
        'audit_tree',
        sa.Column('branch_id', Key, nullable=False),
        sa.Column('origin', sa.String(length=300), nullable=False),
        sa.Column('size', Key, nullable=False),
        sa.Column('id', Key, nullable=False),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_audit_tree_branch_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_tree')),
        sa.UniqueConstraint('branch_id', name=op.f('uq_audit_tree_branch_id')),
    )
    op.create_table(
        'audit_tile',
        sa.Column('branch_id', Key, nullable=False),
        sa.Column('level', sa.Integer(), nullable=False),
        sa.Column('number', Key, nullable=False),
        sa.Column('hashes', sa.LargeBinary(), nullable=False),
        sa.Column('id', Key, nullable=False),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_audit_tile_branch_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_tile')),
        sa.UniqueConstraint('branch_id', 'level', 'number', name=op.f('uq_audit_tile_branch_id_level_number')),
    )
    op.create_table(
        'audit_checkpoint',
        sa.Column('branch_id', Key, nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('size', Key, nullable=False),
        sa.Column('feed_number', Key, nullable=False),
        sa.Column('root', sa.LargeBinary(), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('made_at', server.store.types.Instant(), nullable=False),
        sa.Column('id', Key, nullable=False),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_audit_checkpoint_branch_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_checkpoint')),
        sa.UniqueConstraint('branch_id', 'day', name=op.f('uq_audit_checkpoint_branch_id_day')),
    )
    op.create_table(
        'audit_key',
        sa.Column('generation', sa.Integer(), nullable=False),
        sa.Column('public_key', sa.LargeBinary(), nullable=False),
        sa.Column('sealed_seed', sa.LargeBinary(), nullable=False),
        sa.Column('made_at', server.store.types.Instant(), nullable=False),
        sa.Column('retired_at', server.store.types.Instant(), nullable=True),
        sa.Column('id', Key, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_key')),
        sa.UniqueConstraint('generation', name=op.f('uq_audit_key_generation')),
    )


def downgrade() -> None:
    for table in ('audit_key', 'audit_checkpoint', 'audit_tile', 'audit_tree'):
        op.drop_table(table)
