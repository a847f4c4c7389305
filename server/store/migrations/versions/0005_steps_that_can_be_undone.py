"""steps that can be undone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ticket', sa.Column('undo', server.store.types.Json, nullable=True))


def downgrade() -> None:
    op.drop_column('ticket', 'undo')
