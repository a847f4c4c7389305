"""what became of people is found among all facts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    of_people = sa.text("type IN ('user.changed', 'staff.signed_in', 'sign_in.refused')")
    op.create_index('ix_fact_people', 'fact', ['id'], sqlite_where=of_people, postgresql_where=of_people)


def downgrade() -> None:
    op.drop_index('ix_fact_people', table_name='fact')
