"""tickets without paper"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ticket', sa.Column('paperless_by', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column('ticket', 'paperless_by')
