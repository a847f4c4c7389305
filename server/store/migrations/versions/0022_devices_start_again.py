"""devices start again when they are asked to"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('device') as batch:
        batch.add_column(sa.Column('restarts_asked', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('device') as batch:
        batch.alter_column('restarts_asked', existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    op.drop_column('device', 'restarts_asked')
