"""visitors who come back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ticket', sa.Column('came_back_at', server.store.types.Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column('ticket', 'came_back_at')
