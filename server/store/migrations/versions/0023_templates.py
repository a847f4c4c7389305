"""branches and services follow templates"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

Json = server.store.types.Json
Key = server.store.types.Key


def upgrade() -> None:
    op.create_table(
        'template',
        sa.Column('kind', sa.String(10), nullable=False),
        sa.Column('code', sa.String(40), nullable=False),
        sa.Column('title', sa.String(200), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('policy', Json, nullable=False),
        sa.Column('id', Key, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_template')),
        sa.UniqueConstraint('kind', 'code', name=op.f('uq_template_kind_code')),
    )


def downgrade() -> None:
    op.drop_table('template')
