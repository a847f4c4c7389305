"""webhooks of programs, and the log of what was sent to them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'webhook',
        sa.Column('id', server.store.types.Key, nullable=False),
        sa.Column('integrator_id', server.store.types.Key, nullable=False),
        sa.Column('branch_id', server.store.types.Key, nullable=False),
        sa.Column('url', sa.String(length=500), nullable=False),
        sa.Column('types', server.store.types.Json, nullable=False),
        sa.Column('sealed_secret', sa.LargeBinary(), nullable=False),
        sa.Column('made_at', server.store.types.Instant(), nullable=False),
        sa.Column('after', server.store.types.Key, nullable=False),
        sa.Column('due_at', server.store.types.Instant(), nullable=False),
        sa.Column('taken_until', server.store.types.Instant(), nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('problem', sa.String(length=60), nullable=True),
        sa.Column('failing_since', server.store.types.Instant(), nullable=True),
        sa.Column('off_at', server.store.types.Instant(), nullable=True),
        sa.Column('gave_up', sa.Boolean(), nullable=False),
        sa.Column('removed_at', server.store.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['integrator_id'], ['integrator.id'], name=op.f('fk_webhook_integrator_id')),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_webhook_branch_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook')),
    )
    op.create_table(
        'webhook_delivery',
        sa.Column('id', server.store.types.Key, nullable=False),
        sa.Column('webhook_id', server.store.types.Key, nullable=False),
        sa.Column('feed_number', server.store.types.Key, nullable=False),
        sa.Column('type', sa.String(length=40), nullable=False),
        sa.Column('attempt', sa.Integer(), nullable=False),
        sa.Column('at', server.store.types.Instant(), nullable=False),
        sa.Column('took_ms', sa.Integer(), nullable=False),
        sa.Column('status', sa.Integer(), nullable=True),
        sa.Column('problem', sa.String(length=60), nullable=True),
        sa.Column('again_at', server.store.types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(['webhook_id'], ['webhook.id'], name=op.f('fk_webhook_delivery_webhook_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_delivery')),
    )
    op.create_index('ix_webhook_delivery_webhook', 'webhook_delivery', ['webhook_id', 'id'])


def downgrade() -> None:
    op.drop_index('ix_webhook_delivery_webhook', table_name='webhook_delivery')
    op.drop_table('webhook_delivery')
    op.drop_table('webhook')
