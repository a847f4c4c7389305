"""what is put away"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ('hall', 'counter'):
        with op.batch_alter_table(name) as batch:
            batch.add_column(sa.Column('archived', sa.Boolean(), nullable=False, server_default=sa.false()))
        with op.batch_alter_table(name) as batch:
            batch.alter_column('archived', existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    for name in ('hall', 'counter'):
        with op.batch_alter_table(name) as batch:
            batch.drop_column('archived')
