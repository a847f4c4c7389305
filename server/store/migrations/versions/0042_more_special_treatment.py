"""priority, withdrawals and returns are found as special treatment too"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0042'
down_revision = '0039'
branch_labels = None
depends_on = None

BEFORE = (
    "(type IN ('ticket.made_urgent', 'ticket.made_ordinary', 'ticket.reopened', 'ticket.reinstated', "
    "'ticket.put_back', 'ticket.transferred', 'ticket.recalled', 'ticket.undone')"
)
NOW = (
    "(type IN ('ticket.made_urgent', 'ticket.made_ordinary', 'ticket.reopened', 'ticket.reinstated', "
    "'ticket.put_back', 'ticket.transferred', 'ticket.recalled', 'ticket.undone', 'ticket.came_back', "
    "'reservation.reinstated')"
)


def upgrade() -> None:
    op.drop_index('ix_fact_special', table_name='fact')
    _create(
        f"{NOW} OR instr(data, '\"out_of_order\"') > 0 "
        "OR type = 'ticket.withdrawn' AND instr(data, '\"clerk\":') > 0 "
        "OR type = 'ticket.issued' AND instr(data, '\"lane\": \"priority\"') > 0)",
        f"{NOW} OR (data ->> 'out_of_order') IS NOT NULL "
        "OR type = 'ticket.withdrawn' AND (data ->> 'clerk') IS NOT NULL "
        "OR type = 'ticket.issued' AND (data ->> 'lane') = 'priority')",
    )


def downgrade() -> None:
    op.drop_index('ix_fact_special', table_name='fact')
    _create(
        f"{BEFORE} OR instr(data, '\"out_of_order\"') > 0)",
        f"{BEFORE} OR (data ->> 'out_of_order') IS NOT NULL)",
    )


def _create(sqlite: str, postgresql: str) -> None:
    op.create_index(
        'ix_fact_special',
        'fact',
        ['branch_id', 'at'],
        sqlite_where=sa.text(sqlite),
        postgresql_where=sa.text(postgresql),
    )
