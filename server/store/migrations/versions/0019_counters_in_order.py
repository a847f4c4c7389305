"""a counter's services have an order"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('counter') as batch:
        batch.add_column(sa.Column('strict_order', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('counter') as batch:
        batch.alter_column('strict_order', existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table('counter_service') as batch:
        batch.add_column(sa.Column('position', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('counter_service') as batch:
        batch.alter_column('position', existing_type=sa.Integer(), server_default=None)
    # Until now a counter's services stood in the branch's order.
    op.execute(
        'UPDATE counter_service SET position = '
        '(SELECT service.position FROM service WHERE service.id = counter_service.service_id)'
    )


def downgrade() -> None:
    op.drop_column('counter_service', 'position')
    op.drop_column('counter', 'strict_order')
