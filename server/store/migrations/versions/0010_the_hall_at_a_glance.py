"""the hall at a glance"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

Instant = server.store.types.Instant


def upgrade() -> None:
    with op.batch_alter_table('counter') as batch:
        batch.add_column(sa.Column('state_since', Instant(), nullable=True))
    with op.batch_alter_table('device') as batch:
        batch.add_column(sa.Column('seen_at', Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('device') as batch:
        batch.drop_column('seen_at')
    with op.batch_alter_table('counter') as batch:
        batch.drop_column('state_since')
