"""indexes for what is hot"""

from __future__ import annotations

from alembic import op
from sqlalchemy import TextClause, text

from server.store.beside import BESIDE, BUILT

revision = '0048'
down_revision = '0047'
branch_labels = None
depends_on = None

OPEN = text('ended_at IS NULL')
OVER = text('finished_at IS NOT NULL')
SENT = text("status = 'waiting' AND for_counter_id IS NOT NULL")
NOT_CLOSED = text("outcome = 'not_closed'")


def upgrade() -> None:
    op.drop_index('ix_call_hall', 'call')
    op.drop_index('ix_clerk_session_counter_id', 'clerk_session')
    op.drop_index('ix_ticket_for_counter_id', 'ticket')
    op.drop_index('ix_ticket_finished', 'ticket')
    if op.get_bind().dialect.name == 'postgresql':
        for name in BESIDE[revision]:
            op.execute(f'ALTER INDEX IF EXISTS {BUILT}{name} RENAME TO {name}')
    _make('ix_call_hall', 'call', ['hall_id', 'called_at', 'id'])
    _make('ix_clerk_session_counter', 'clerk_session', ['counter_id', 'started_at'])
    for column in ('clerk_id', 'counter_id'):
        _make(f'ix_clerk_session_open_{column}', 'clerk_session', [column], OPEN)
    _make('ix_ticket_sent', 'ticket', ['for_counter_id'], SENT)
    _make('ix_ticket_finished', 'ticket', ['service_id', 'finished_at'], OVER)
    _make('ix_ticket_not_closed', 'ticket', ['counter_id', 'finished_at'], NOT_CLOSED)


def _make(name: str, table: str, columns: list[str], where: TextClause | None = None) -> None:
    op.create_index(name, table, columns, if_not_exists=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index('ix_ticket_not_closed', 'ticket')
    op.drop_index('ix_ticket_sent', 'ticket')
    op.create_index('ix_ticket_for_counter_id', 'ticket', ['for_counter_id'])
    op.drop_index('ix_ticket_finished', 'ticket')
    op.create_index('ix_ticket_finished', 'ticket', ['service_id', 'finished_at'])
    for column in ('clerk_id', 'counter_id'):
        op.drop_index(f'ix_clerk_session_open_{column}', 'clerk_session')
    op.drop_index('ix_clerk_session_counter', 'clerk_session')
    op.create_index('ix_clerk_session_counter_id', 'clerk_session', ['counter_id'])
    op.drop_index('ix_call_hall', 'call')
    op.create_index('ix_call_hall', 'call', ['hall_id', 'id'])
