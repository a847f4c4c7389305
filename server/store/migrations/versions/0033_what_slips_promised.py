"""what slips promised is kept"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types


revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ticket', sa.Column('promised_from', server.store.types.Instant(), nullable=True))
    op.add_column('ticket', sa.Column('promised_until', server.store.types.Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_column('promised_until')
        batch_op.drop_column('promised_from')
