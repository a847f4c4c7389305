"""Indexes that are built beside those who write, before the migration that names them (PostgreSQL)."""

from __future__ import annotations

from sqlalchemy import Connection

BUILT = "built_"
"""How the name of an index begins until its migration puts it in its place: the old one is used meanwhile."""
BESIDE = {
    "0048": {
        "ix_call_hall": "call (hall_id, called_at, id)",
        "ix_clerk_session_counter": "clerk_session (counter_id, started_at)",
        "ix_clerk_session_open_clerk_id": "clerk_session (clerk_id) WHERE ended_at IS NULL",
        "ix_clerk_session_open_counter_id": "clerk_session (counter_id) WHERE ended_at IS NULL",
        "ix_ticket_sent": "ticket (for_counter_id) WHERE status = 'waiting' AND for_counter_id IS NOT NULL",
        "ix_ticket_finished": "ticket (service_id, finished_at) WHERE finished_at IS NOT NULL",
        "ix_ticket_not_closed": "ticket (counter_id, finished_at) WHERE outcome = 'not_closed'",
    }
}
"""By the migration: their names, and on which table and columns; those stand there before it."""
_UNFINISHED = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid"


def build_beside(connection: Connection, now: str | None, version: str) -> None:
    """Build what the migrations between two versions want, each index in a transaction of its own.

    One that a stop left unfinished is built anew. An empty database (now: None) has nothing to build on.
    """
    connection.commit()
    wanted = [each for number, each in BESIDE.items() if now is not None and now < number <= version]
    database = connection.connection.driver_connection
    assert database is not None
    database.autocommit = True
    try:
        for name, on in (item for each in wanted for item in each.items()):
            if database.execute(_UNFINISHED, [BUILT + name]).fetchone():
                database.execute(f"DROP INDEX CONCURRENTLY {BUILT}{name}")
            database.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {BUILT}{name} ON {on}")
    finally:
        database.autocommit = False
