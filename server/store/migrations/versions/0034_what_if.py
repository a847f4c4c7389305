"""what was tried on past days is kept, and changes can wait for their day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0034'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    key, instant, json = server.store.types.Key, server.store.types.Instant, server.store.types.Json
    op.create_table(
        'what_if_trial',
        sa.Column('id', key, nullable=False),
        sa.Column('branch_id', key, nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('user_id', key, nullable=False),
        sa.Column('made_at', instant(), nullable=False),
        sa.Column('asked', json, nullable=False),
        sa.Column('found', json, nullable=False),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_what_if_trial_branch_id')),
        sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_what_if_trial_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_what_if_trial')),
    )
    op.create_index(op.f('ix_what_if_trial_branch_id'), 'what_if_trial', ['branch_id'])
    op.create_table(
        'planned_change',
        sa.Column('id', key, nullable=False),
        sa.Column('branch_id', key, nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('user_id', key, nullable=False),
        sa.Column('planned_at', instant(), nullable=False),
        sa.Column('wanted', json, nullable=False),
        sa.Column('seen', sa.String(length=24), nullable=False),
        sa.Column('done_at', instant(), nullable=True),
        sa.Column('problem', sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_planned_change_branch_id')),
        sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_planned_change_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_planned_change')),
    )
    op.create_index(op.f('ix_planned_change_branch_id'), 'planned_change', ['branch_id'])
    due = sa.text('done_at IS NULL')
    op.create_index('ix_planned_change_due', 'planned_change', ['day'], sqlite_where=due, postgresql_where=due)
    counters = sa.text("type IN ('counter.opened', 'counter.paused', 'counter.closed')")
    op.create_index(
        'ix_fact_counters', 'fact', ['branch_id', 'at'], sqlite_where=counters, postgresql_where=counters
    )


def downgrade() -> None:
    op.drop_index('ix_fact_counters', table_name='fact')
    op.drop_table('planned_change')
    op.drop_table('what_if_trial')
