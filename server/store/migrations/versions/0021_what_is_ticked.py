"""what is ticked"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0021'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('ticket') as batch:
        batch.add_column(sa.Column('checked', server.store.types.Json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('ticket') as batch:
        batch.drop_column('checked')
