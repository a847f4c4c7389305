"""tickets not handed over"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ticket', sa.Column('not_handed_over_at', server.store.types.Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column('ticket', 'not_handed_over_at')
