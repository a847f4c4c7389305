"""Messages that were set aside: staff try them again, or let them go."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.services.context import Context, RuleBroken, not_found
from server.store.queries import messages as rows
from server.store.tables import Message
from wire.vocabulary import MessageStatus

ASIDE = (MessageStatus.FAILED, MessageStatus.UNKNOWN)


def retry(session: Session, context: Context, message_id: int, *, although_unclear: bool = False) -> None:
    """Queue a message again, with all its tries.

    One that may have arrived already needs `although_unclear`: its reader may get it twice. Raises RuleBroken
    404, or 409 `not_set_aside`, `erased`, `unclear`, `expired`.
    """
    row = _aside(session, message_id)
    if row.sealed_to is None:
        raise RuleBroken(409, "erased", message=message_id)
    if row.status == MessageStatus.UNKNOWN and not although_unclear:
        raise RuleBroken(409, "unclear", message=message_id)
    if row.expires_at is not None and row.expires_at <= context.now:
        raise RuleBroken(409, "expired", message=message_id)
    row.status, row.attempts, row.due_at = MessageStatus.QUEUED, 0, context.now
    row.problem = row.settled_at = None


def let_go(session: Session, context: Context, message_id: int) -> None:
    """Drop a message that was set aside. Raises RuleBroken 404, or 409 `not_set_aside`."""
    row = _aside(session, message_id)
    row.status, row.settled_at = MessageStatus.DROPPED, context.now
    rows.erase(session, row)


def _aside(session: Session, message_id: int) -> Message:
    row = session.get(Message, message_id, with_for_update=True)
    if row is None:
        raise not_found("message")
    if row.status not in ASIDE:
        raise RuleBroken(409, "not_set_aside", message=message_id, state=row.status)
    return row
