"""counts of arrivals"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0049'
down_revision = '0048'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('arrival_count',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_arrival_count')),
    sa.UniqueConstraint('name', name=op.f('uq_arrival_count_name'))
    )


def downgrade() -> None:
    op.drop_table('arrival_count')
