"""a hall is steered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

Instant = server.store.types.Instant
Key = server.store.types.Key
_KINDS = "'service_closed', 'walk_ins_stopped', 'counter_serves', 'notice', 'message', 'help'"
_USERS = ('user_id', 'answered_by_id')


def upgrade() -> None:
    op.create_table(
        'steering',
        sa.Column('kind', sa.String(20), nullable=False),
        sa.Column('branch_id', Key, nullable=False),
        sa.Column('service_id', Key, nullable=True),
        sa.Column('counter_id', Key, nullable=True),
        sa.Column('value', server.store.types.Json, nullable=True),
        sa.Column('user_id', Key, nullable=True),
        sa.Column('begins_at', Instant(), nullable=False),
        sa.Column('ends_at', Instant(), nullable=True),
        sa.Column('answered_at', Instant(), nullable=True),
        sa.Column('answered_by_id', Key, nullable=True),
        sa.Column('ended_at', Instant(), nullable=True),
        sa.Column('id', Key, nullable=False),
        sa.CheckConstraint(f'kind IN ({_KINDS})', name=op.f('ck_steering_kind')),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_steering_branch_id')),
        sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_steering_service_id')),
        sa.ForeignKeyConstraint(['counter_id'], ['counter.id'], name=op.f('fk_steering_counter_id')),
        *(
            sa.ForeignKeyConstraint([column], ['staff_user.id'], name=op.f(f'fk_steering_{column}'))
            for column in _USERS
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_steering')),
    )
    goes_on = sa.text('ended_at IS NULL')
    op.create_index(
        'ix_steering_going_on', 'steering', ['branch_id'], sqlite_where=goes_on, postgresql_where=goes_on
    )


def downgrade() -> None:
    op.drop_table('steering')
