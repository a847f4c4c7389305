"""desks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

Instant = server.store.types.Instant
Key = server.store.types.Key


def upgrade() -> None:
    op.create_index('ix_reservation_branch_day', 'reservation', ['branch_id', 'appointment_at'])
    op.create_table(
        'phone_call',
        sa.Column('reservation_id', Key, nullable=False),
        sa.Column('user_id', Key, nullable=False),
        sa.Column('called_at', Instant(), nullable=False),
        sa.Column('result', sa.String(10), nullable=False),
        sa.Column('call_back_at', Instant(), nullable=True),
        sa.Column('id', Key, nullable=False),
        sa.CheckConstraint("result IN ('reached','no_answer','call_back')", name=op.f('ck_phone_call_result')),
        sa.ForeignKeyConstraint(['reservation_id'], ['reservation.id'], name=op.f('fk_phone_call_reservation_id')),
        sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_phone_call_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_phone_call')),
    )
    op.create_index(op.f('ix_phone_call_reservation_id'), 'phone_call', ['reservation_id'])
    with op.batch_alter_table('ticket') as batch:
        batch.add_column(sa.Column('missing', server.store.types.Json, nullable=True))


def downgrade() -> None:
    op.drop_index('ix_reservation_branch_day', 'reservation')
    op.drop_table('phone_call')
    with op.batch_alter_table('ticket') as batch:
        batch.drop_column('missing')
