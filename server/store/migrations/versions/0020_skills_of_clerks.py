"""what clerks speak and may serve, and which moves of a visit were the office's"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0020'
down_revision = '0021'
branch_labels = None
depends_on = None

Key = server.store.types.Key


def upgrade() -> None:
    op.add_column('staff_user', sa.Column('speaks', server.store.types.Json, nullable=True))
    op.add_column(
        'reservation', sa.Column('moves_by_staff', sa.Integer(), server_default='0', nullable=False)
    )
    op.create_table(
        'user_service',
        sa.Column('user_id', Key, nullable=False),
        sa.Column('service_id', Key, nullable=False),
        sa.Column('id', Key, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_user_service_user_id')),
        sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_user_service_service_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_user_service')),
        sa.UniqueConstraint('user_id', 'service_id', name=op.f('uq_user_service_user_id_service_id')),
    )
    op.create_index('ix_user_service_service_id', 'user_service', ['service_id'])


def downgrade() -> None:
    op.drop_table('user_service')
    op.drop_column('reservation', 'moves_by_staff')
    op.drop_column('staff_user', 'speaks')
