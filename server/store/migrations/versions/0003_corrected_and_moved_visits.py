"""corrected and moved visits"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

# SQLite writes a changed table anew, and its checks are not read from the old one.
_RESERVATION_CHECKS = (
    sa.CheckConstraint(
        "status IN ('held', 'pending', 'booked', 'checked_in', 'lapsed', 'cancelled', 'rejected')",
        name=op.f('ck_reservation_status'),
    ),
)


def upgrade() -> None:
    for name in ('contact_corrections', 'moves'):
        op.add_column('reservation', sa.Column(name, sa.Integer(), server_default='0', nullable=False))
    with op.batch_alter_table('place_return', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('uq_place_return_reservation_id'), type_='unique')
        batch_op.create_unique_constraint(op.f('uq_place_return_reservation_id_slot_id'), ['reservation_id', 'slot_id'])


def downgrade() -> None:
    with op.batch_alter_table('place_return', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('uq_place_return_reservation_id_slot_id'), type_='unique')
        batch_op.create_unique_constraint(op.f('uq_place_return_reservation_id'), ['reservation_id'])
    with op.batch_alter_table('reservation', schema=None, table_args=_RESERVATION_CHECKS) as batch_op:
        for name in ('moves', 'contact_corrections'):
            batch_op.drop_column(name)
