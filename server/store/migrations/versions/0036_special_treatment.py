"""special treatment is found in the log by an index"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0036'
down_revision = '0034'
branch_labels = None
depends_on = None

DECIDED = (
    "(type IN ('ticket.made_urgent', 'ticket.made_ordinary', 'ticket.reopened', 'ticket.reinstated', "
    "'ticket.put_back', 'ticket.transferred', 'ticket.recalled', 'ticket.undone')"
)


def upgrade() -> None:
    op.create_index(
        'ix_fact_special',
        'fact',
        ['branch_id', 'at'],
        sqlite_where=sa.text(f"{DECIDED} OR instr(data, '\"out_of_order\"') > 0)"),
        postgresql_where=sa.text(f"{DECIDED} OR (data ->> 'out_of_order') IS NOT NULL)"),
    )


def downgrade() -> None:
    op.drop_index('ix_fact_special', table_name='fact')
