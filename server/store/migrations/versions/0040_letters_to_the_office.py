"""the outbox sends letters to the office itself: the monthly report, and checkpoints to witnesses"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.types

revision = '0040'
down_revision = '0042'
branch_labels = None
depends_on = None

_BEFORE = (
    *('confirm_email', 'already_known', 'reset_password', 'change_email', 'account_changed', 'account_deleted'),
    *('activation_code', 'confirmation', 'cancellation', 'removal', 'reminder', 'questions'),
    *('questions_reminder', 'rejection', 'released', 'places', 'draw_applied', 'draw_result', 'page_link'),
)
_NEW = ('monthly_report', 'checkpoint')
_REPORTS = sa.text("kind = 'monthly_report'")


def upgrade() -> None:
    _let_be((*_BEFORE, *_NEW))
    op.create_table(
        'report_mailing',
        sa.Column('id', server.store.types.Key, nullable=False),
        sa.Column('branch_id', server.store.types.Key, nullable=False),
        sa.Column('month', sa.Date(), nullable=False),
        sa.Column('begun_at', server.store.types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_report_mailing_branch_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_report_mailing')),
        sa.UniqueConstraint('branch_id', 'month', name=op.f('uq_report_mailing_branch_id_month')),
    )
    op.create_index(
        'ix_message_report', 'message', ['id'], sqlite_where=_REPORTS, postgresql_where=_REPORTS
    )


def downgrade() -> None:
    op.drop_index('ix_message_report', 'message')
    op.drop_table('report_mailing')
    op.execute(f"DELETE FROM message WHERE kind IN {_NEW}")
    _let_be(_BEFORE)


def _let_be(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table('message') as batch:
        batch.drop_constraint(op.f('ck_message_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_message_kind'), f'kind IN {kinds}')
