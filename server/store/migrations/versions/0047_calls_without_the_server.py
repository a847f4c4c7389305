"""calls without the server"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types


revision = '0047'
down_revision = '0046'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('offline_entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('called_at', server.store.types.Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('offline_entry', schema=None) as batch_op:
        batch_op.drop_column('called_at')
