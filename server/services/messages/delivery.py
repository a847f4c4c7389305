"""The outbox worker's steps, each a short transaction: take a message, begin to hand it over, settle it.

Between taking and beginning a message still counts as waiting: a worker that dies then loses it nothing but time.
Between beginning and settling it may have left or not: a dead worker leaves it `unknown`, for staff to decide.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from server.domain.messages.retries import pause
from server.services.context import Context
from server.store.facts import NewFact, note
from server.store.queries import messages as rows
from server.store.queries.privacy import personal_keys
from server.store.store import Store
from server.store.tables import Message
from wire.vocabulary import Channel, FactType, MessageKind, MessageStatus

# So long one message may be written out, and then handed over, before its worker counts as gone.
_WRITING = timedelta(minutes=2)
_HANDING_OVER = timedelta(minutes=10)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Taken:
    """A message in the outbox worker's hand, opened; `attempt` is 1 at the first try."""

    id: int
    attempt: int
    key: str
    kind: MessageKind
    channel: Channel
    language: str
    to: str
    values: Mapping[str, Any]
    facts: Mapping[str, Any]
    reservation_id: int | None
    expires_at: datetime | None


class Result(StrEnum):
    """How a try ended; `pointless`: what it tells is not so any more, or its reader is forgotten."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    POINTLESS = "pointless"


def take(session: Session, context: Context, channels: Collection[Channel]) -> Taken | None:
    """Take the next message that is due; None when there is none. What is past its time is dropped."""
    while (row := rows.next_due(session, context.now, channels)) is not None:
        if row.expires_at is not None and row.expires_at <= context.now:
            _end(session, context, row, MessageStatus.DROPPED, row.problem or "expired")
            continue
        box = personal_keys.box(session, context.keys, row.personal_key_id)
        to = personal_keys.open_json(box, row.sealed_to, b"to")
        if to is None:
            _end(session, context, row, MessageStatus.DROPPED, "erased")
            continue
        row.attempts += 1
        row.due_at = context.now + _WRITING
        session.flush()
        values = personal_keys.open_json(box, row.sealed_values, b"values") or {}
        return _taken(row, to, values)
    return None


def begin(session: Session, context: Context, message: Taken) -> bool:
    """Note that the handing over begins; False when the message was dropped or taken by another since."""
    row = rows.in_hand(session, message.id, message.attempt)
    if row is None:
        return False
    row.status, row.due_at = MessageStatus.SENDING, context.now + _HANDING_OVER
    return True


def settle(session: Session, context: Context, message: Taken, result: Result, problem: str = "") -> None:
    """Note how a try ended; `problem` is a word of ours. What was sent is erased at once.

    Nothing happens when the message is not in this worker's hand any more.
    """
    row = rows.in_hand(session, message.id, message.attempt)
    if row is None:
        return
    if result is Result.SENT:
        _end(session, context, row, MessageStatus.SENT, None)
        note(session, NewFact(FactType.MESSAGE_SENT, context.now, data=_told(row)))
    elif result is Result.POINTLESS:
        _end(session, context, row, MessageStatus.DROPPED, problem)
    elif result is Result.LATER and (again := pause(row.attempts, secrets.randbelow(1001) / 1000)):
        row.status, row.problem, row.due_at = MessageStatus.QUEUED, problem, context.now + again
    else:
        status = MessageStatus.UNKNOWN if result is Result.UNCLEAR else MessageStatus.FAILED
        _set_aside(session, context, row, status, problem)


def take_stock(store: Store, context: Context, *, is_alone: bool) -> int:
    """Set aside what workers have left in mid-handover; return how many.

    `is_alone`: no other server runs an outbox worker, so that all of it is left. Elsewhere its time must be over.
    """
    before = None if is_alone else context.now
    ids = store.read(lambda session: rows.left_sending(session, before, _AT_ONCE))
    return store.write(lambda session: _take_stock(session, context, ids)) if ids else 0


def _take_stock(session: Session, context: Context, ids: Collection[int]) -> int:
    found = rows.still(session, ids, (MessageStatus.SENDING,))
    for row in found:
        _set_aside(session, context, row, MessageStatus.UNKNOWN, "stopped_midway")
    return len(found)


def _taken(row: Message, to: str, values: Mapping[str, Any]) -> Taken:
    return Taken(
        row.id,
        row.attempts,
        row.key,
        MessageKind(row.kind),
        Channel(row.channel),
        row.language,
        to,
        values,
        dict(row.facts),
        row.reservation_id,
        row.expires_at,
    )


def _end(
    session: Session, context: Context, row: Message, status: MessageStatus, problem: str | None
) -> None:
    row.status, row.problem, row.settled_at = status, problem, context.now
    rows.erase(session, row)


def _set_aside(session: Session, context: Context, row: Message, status: MessageStatus, problem: str) -> None:
    row.status, row.problem, row.settled_at = status, problem, context.now
    data = _told(row) | {"problem": problem, "unclear": status is MessageStatus.UNKNOWN}
    note(session, NewFact(FactType.MESSAGE_SET_ASIDE, context.now, data=data))


def _told(row: Message) -> dict[str, Any]:
    told = {"message": row.id, "kind": row.kind, "channel": row.channel, "attempts": row.attempts}
    about = {"reservation": row.reservation_id, "account": row.account_id}
    return told | {name: value for name, value in about.items() if value is not None}
