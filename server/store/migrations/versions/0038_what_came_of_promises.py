"""what came of promises is summed up; the keeper begins anew"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

_NEW = ('promises', 'promises_kept', 'promises_near', 'promise_off_seconds', 'promise_late_seconds')


def upgrade() -> None:
    for name in _NEW:
        op.add_column('day_sum', sa.Column(name, sa.Integer(), server_default='0', nullable=False))
    op.execute("DELETE FROM setting WHERE name = 'statistics_seen'")


def downgrade() -> None:
    with op.batch_alter_table('day_sum', schema=None) as batch_op:
        for name in _NEW:
            batch_op.drop_column(name)
