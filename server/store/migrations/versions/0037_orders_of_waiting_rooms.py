"""the order of a waiting room is bound before its hour"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'shuffle',
        sa.Column('id', server.store.types.Key, nullable=False),
        sa.Column('service_id', server.store.types.Key, nullable=False),
        sa.Column('opens_at', server.store.types.Instant(), nullable=False),
        sa.Column('public_id', sa.String(length=60), nullable=False),
        sa.Column('sealed_secret', sa.LargeBinary(), nullable=False),
        sa.Column('secret_hash', sa.LargeBinary(), nullable=False),
        sa.Column('committed_at', server.store.types.Instant(), nullable=False),
        sa.Column('lines', server.store.types.Json, nullable=True),
        sa.Column('list_hash', sa.LargeBinary(), nullable=True),
        sa.Column('seed', sa.LargeBinary(), nullable=True),
        sa.Column('shuffled_at', server.store.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_shuffle_service_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_shuffle')),
        sa.UniqueConstraint('public_id', name=op.f('uq_shuffle_public_id')),
        sa.UniqueConstraint('service_id', 'opens_at', name=op.f('uq_shuffle_service_id_opens_at')),
    )
    op.add_column('waiting_room_entry', sa.Column('line', sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('waiting_room_entry', schema=None) as batch_op:
        batch_op.drop_column('line')
    op.drop_table('shuffle')
