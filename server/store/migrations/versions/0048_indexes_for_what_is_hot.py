"""indexes for what is hot"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

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
    made = {'if_not_exists': True}
    op.create_index('ix_call_hall', 'call', ['hall_id', 'called_at', 'id'], **made)
    op.create_index('ix_clerk_session_counter', 'clerk_session', ['counter_id', 'started_at'], **made)
    for column in ('clerk_id', 'counter_id'):
        name = f'ix_clerk_session_open_{column}'
        op.create_index(name, 'clerk_session', [column], sqlite_where=OPEN, postgresql_where=OPEN, **made)
    op.create_index('ix_ticket_sent', 'ticket', ['for_counter_id'], sqlite_where=SENT, postgresql_where=SENT, **made)
    columns = ['service_id', 'finished_at']
    op.create_index('ix_ticket_finished', 'ticket', columns, sqlite_where=OVER, postgresql_where=OVER, **made)
    columns = ['counter_id', 'finished_at']
    where = {'sqlite_where': NOT_CLOSED, 'postgresql_where': NOT_CLOSED}
    op.create_index('ix_ticket_not_closed', 'ticket', columns, **where, **made)


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
