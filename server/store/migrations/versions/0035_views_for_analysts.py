"""views for analysts: made after the migrations (server.store.views), so that there is nothing to do here"""

from __future__ import annotations

revision = '0035'
down_revision = '0033'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
