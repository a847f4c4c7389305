"""a visitor's own steps: a pause, and that they are here"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0043'
down_revision = '0040'
branch_labels = None
depends_on = None

_NAMES = ('paused_at', 'paused_until', 'announced_at')


def upgrade() -> None:
    for name in _NAMES:
        op.add_column('ticket', sa.Column(name, server.store.types.Instant(), nullable=True))


def downgrade() -> None:
    for name in reversed(_NAMES):
        op.drop_column('ticket', name)
