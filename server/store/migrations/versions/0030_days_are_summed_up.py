"""days are summed up"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types


revision = '0030'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('summed_day',
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('made_at', server.store.types.Instant(), nullable=True),
    sa.Column('is_due', sa.Boolean(), nullable=False),
    sa.Column('is_sample', sa.Boolean(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_summed_day_branch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_summed_day')),
    sa.UniqueConstraint('branch_id', 'day', name=op.f('uq_summed_day_branch_id_day'))
    )
    with op.batch_alter_table('summed_day', schema=None) as batch_op:
        batch_op.create_index('ix_summed_day_due', ['is_due', 'day'], unique=False)

    op.create_table('day_sum',
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('service_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('hour', sa.Integer(), nullable=False),
    sa.Column('origin', sa.String(length=10), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('issued', sa.Integer(), server_default='0', nullable=False),
    sa.Column('served', sa.Integer(), server_default='0', nullable=False),
    sa.Column('no_show', sa.Integer(), server_default='0', nullable=False),
    sa.Column('withdrawn', sa.Integer(), server_default='0', nullable=False),
    sa.Column('not_closed', sa.Integer(), server_default='0', nullable=False),
    sa.Column('without_documents', sa.Integer(), server_default='0', nullable=False),
    sa.Column('ran_back', sa.Integer(), server_default='0', nullable=False),
    sa.Column('booked', sa.Integer(), server_default='0', nullable=False),
    sa.Column('lapsed', sa.Integer(), server_default='0', nullable=False),
    sa.Column('cancelled', sa.Integer(), server_default='0', nullable=False),
    sa.Column('in_target', sa.Integer(), server_default='0', nullable=False),
    sa.Column('waits', sa.Integer(), server_default='0', nullable=False),
    sa.Column('walks', sa.Integer(), server_default='0', nullable=False),
    sa.Column('services', sa.Integer(), server_default='0', nullable=False),
    sa.Column('totals', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_seconds', sa.Integer(), server_default='0', nullable=False),
    sa.Column('walk_seconds', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_seconds', sa.Integer(), server_default='0', nullable=False),
    sa.Column('total_seconds', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_00', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_01', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_02', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_03', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_04', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_05', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_06', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_07', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_08', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_09', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_10', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_11', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_12', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_13', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_14', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_15', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_16', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_00', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_01', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_02', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_03', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_04', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_05', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_06', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_07', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_08', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_09', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_10', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_11', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_12', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_13', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_14', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_15', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_16', sa.Integer(), server_default='0', nullable=False),
    sa.Column('lead_0', sa.Integer(), server_default='0', nullable=False),
    sa.Column('lead_1', sa.Integer(), server_default='0', nullable=False),
    sa.Column('lead_2', sa.Integer(), server_default='0', nullable=False),
    sa.Column('lead_3', sa.Integer(), server_default='0', nullable=False),
    sa.Column('lead_4', sa.Integer(), server_default='0', nullable=False),
    sa.Column('lead_5', sa.Integer(), server_default='0', nullable=False),
    sa.Column('lead_6', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_day_sum_branch_id')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_day_sum_service_id')),
    sa.PrimaryKeyConstraint('branch_id', 'day', 'service_id', 'hour', 'origin', 'kind', name=op.f('pk_day_sum'))
    )
    op.create_table('counter_sum',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('branch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('counter_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('clerk_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('served', sa.Integer(), server_default='0', nullable=False),
    sa.Column('no_show', sa.Integer(), server_default='0', nullable=False),
    sa.Column('services', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_seconds', sa.Integer(), server_default='0', nullable=False),
    sa.Column('busy_seconds', sa.Integer(), server_default='0', nullable=False),
    sa.Column('open_seconds', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_counter_sum_branch_id')),
    sa.ForeignKeyConstraint(['clerk_id'], ['staff_user.id'], name=op.f('fk_counter_sum_clerk_id')),
    sa.ForeignKeyConstraint(['counter_id'], ['counter.id'], name=op.f('fk_counter_sum_counter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counter_sum'))
    )
    with op.batch_alter_table('counter_sum', schema=None) as batch_op:
        batch_op.create_index('ix_counter_sum_day', ['branch_id', 'day'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('counter_sum', schema=None) as batch_op:
        batch_op.drop_index('ix_counter_sum_day')

    op.drop_table('counter_sum')
    op.drop_table('day_sum')
    with op.batch_alter_table('summed_day', schema=None) as batch_op:
        batch_op.drop_index('ix_summed_day_due')

    op.drop_table('summed_day')
