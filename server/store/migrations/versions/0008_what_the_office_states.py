"""what the office states"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'publisher',
        sa.Column('policy', server.store.types.Json, nullable=False),
        sa.Column('id', server.store.types.Key, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_publisher')),
    )
    op.create_table(
        'publication',
        sa.Column('kind', sa.String(length=10), nullable=False),
        sa.Column('version', sa.String(length=20), nullable=False),
        sa.Column('policy', server.store.types.Json, nullable=False),
        sa.Column('id', server.store.types.Key, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_publication')),
        sa.UniqueConstraint('kind', 'version', name=op.f('uq_publication_kind_version')),
    )


def downgrade() -> None:
    op.drop_table('publication')
    op.drop_table('publisher')
