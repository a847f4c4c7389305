"""what visitors think of their visits"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0032'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'feedback',
        sa.Column('id', server.store.types.Key, nullable=False),
        sa.Column('ticket_id', server.store.types.Key, nullable=False),
        sa.Column('branch_id', server.store.types.Key, nullable=False),
        sa.Column('service_id', server.store.types.Key, nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('given_at', server.store.types.Instant(), nullable=False),
        sa.Column('mark', sa.Integer(), nullable=False),
        sa.Column('personal_key_id', server.store.types.Key, nullable=True),
        sa.Column('sealed_words', sa.LargeBinary(), nullable=True),
        sa.CheckConstraint('mark BETWEEN 1 AND 5', name=op.f('ck_feedback_mark')),
        sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_feedback_ticket_id')),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_feedback_branch_id')),
        sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_feedback_service_id')),
        sa.ForeignKeyConstraint(['personal_key_id'], ['personal_key.id'], name=op.f('fk_feedback_personal_key_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_feedback')),
        sa.UniqueConstraint('ticket_id', name=op.f('uq_feedback_ticket_id')),
    )
    op.create_index('ix_feedback_day', 'feedback', ['branch_id', 'day'])
    only = sa.text('personal_key_id IS NOT NULL')
    op.create_index(
        'ix_feedback_personal_key', 'feedback', ['personal_key_id'], sqlite_where=only, postgresql_where=only
    )


def downgrade() -> None:
    op.drop_index('ix_feedback_personal_key', table_name='feedback')
    op.drop_index('ix_feedback_day', table_name='feedback')
    op.drop_table('feedback')
