"""counters in a browser"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'clerk_session', sa.Column('program', sa.String(10), server_default='window', nullable=False)
    )


def downgrade() -> None:
    op.drop_column('clerk_session', 'program')
