"""paper that is left"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = '0046'
down_revision = '0045'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql')


def upgrade() -> None:
    with op.batch_alter_table('device') as batch:
        batch.add_column(sa.Column('supplies', JSON, nullable=False, server_default='{}'))
    with op.batch_alter_table('device') as batch:
        batch.alter_column('supplies', existing_type=JSON, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('device') as batch:
        batch.drop_column('supplies')
