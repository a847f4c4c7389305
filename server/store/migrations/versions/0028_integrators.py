"""what a program may do, where and until when"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0028'
down_revision = '0026'
branch_labels = None
depends_on = None

_TABLE = sa.table('integrator', sa.column('scopes', server.store.types.Json))


def upgrade() -> None:
    with op.batch_alter_table('integrator') as batch:
        batch.add_column(sa.Column('branch_id', server.store.types.Key, nullable=True))
        batch.add_column(sa.Column('made_at', server.store.types.Instant, nullable=True))
        batch.add_column(sa.Column('expires_at', server.store.types.Instant, nullable=True))
        batch.add_column(sa.Column('seen_at', server.store.types.Instant, nullable=True))
        batch.create_foreign_key(batch.f('fk_integrator_branch_id'), 'branch', ['branch_id'], ['id'])
    # Until now there was one scope, and every program had it.
    op.execute(_TABLE.update().values(scopes=['reservations.read', 'reservations.write']))


def downgrade() -> None:
    op.execute(_TABLE.update().values(scopes=['reservations']))
    with op.batch_alter_table('integrator') as batch:
        batch.drop_constraint(batch.f('fk_integrator_branch_id'), type_='foreignkey')
        for column in ('seen_at', 'expires_at', 'made_at', 'branch_id'):
            batch.drop_column(column)
