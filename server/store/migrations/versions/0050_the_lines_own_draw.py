"""the line's own draw"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column

revision = '0050'
down_revision = '0049'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('shuffle', Column('line_first', BigInteger(), nullable=True))
    op.add_column('shuffle', Column('line_last', BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('shuffle') as batch:
        batch.drop_column('line_last')
        batch.drop_column('line_first')
