"""Puts messages into the outbox, and takes those out again that have become pointless or must be forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.services.context import Context
from server.store.keyring import Box
from server.store.queries import messages as rows
from server.store.queries.privacy import personal_keys
from server.store.tables import Message
from wire.vocabulary import Channel, MessageKind, MessageStatus

_LIVE = frozenset(MessageStatus) - {MessageStatus.SENT, MessageStatus.DROPPED}
_LONGEST_KEY = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to be sent once.

    `key` is the same for the same message. `to` and `values` (JSON: what only its reader may see, such as a
    link or a code) are sealed; `facts` (JSON: ids and codes) are not. What each kind wants of them stands in
    docs/messages.md; all about a visit is read when it is sent. Without a personal key it gets one of its own.
    """

    kind: MessageKind
    channel: Channel
    language: str
    to: str
    key: str
    reservation_id: int | None = None
    account_id: int | None = None
    personal_key_id: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    expires_at: datetime | None = None


def post(session: Session, context: Context, message: NewMessage, box: Box | None = None) -> bool:
    """Put a message into the outbox with the transaction at work; False when its key is there already.

    `box` is that of the message's personal key, where the caller has opened it.
    Raises ValueError for a key that is too long: cut short, two messages would be one.
    """
    if not 1 <= len(message.key) <= _LONGEST_KEY:
        raise ValueError(f"a key of 1 to {_LONGEST_KEY} characters is needed")
    key_id, facts = message.personal_key_id, dict(message.facts)
    box = box or personal_keys.box(session, context.keys, key_id)
    if box is None:
        key_id, box = personal_keys.new_key(session, context.keys, context.now)
        facts[rows.OWN_KEY] = True
    is_new = rows.add(
        session,
        {
            "key": message.key,
            "kind": message.kind,
            "channel": message.channel,
            "language": message.language,
            "reservation_id": message.reservation_id,
            "account_id": message.account_id,
            "personal_key_id": key_id,
            "sealed_to": personal_keys.seal_json(box, message.to, b"to"),
            "sealed_values": personal_keys.seal_json(box, dict(message.values), b"values"),
            "facts": facts,
            "status": MessageStatus.QUEUED,
            "attempts": 0,
            "made_at": context.now,
            "due_at": message.due_at or context.now,
            "expires_at": message.expires_at,
        },
    )
    if not is_new and rows.OWN_KEY in facts and key_id is not None:
        personal_keys.shred(session, [key_id])
    return is_new


def drop(
    session: Session,
    context: Context,
    *,
    reservation_id: int | None = None,
    account_id: int | None = None,
    kinds: Collection[MessageKind] | None = None,
) -> int:
    """Take out what still waits to be sent about a reservation or an account (`kinds`: of these only).

    Return how many. What is in the outbox worker's hand already may still arrive.
    """
    _one_subject(reservation_id, account_id)
    queued = rows.of_subject(
        session,
        reservation_id=reservation_id,
        account_id=account_id,
        statuses=(MessageStatus.QUEUED,),
        kinds=kinds,
    )
    return _drop(session, context, queued)


def forget(
    session: Session, context: Context, *, reservation_id: int | None = None, account_id: int | None = None
) -> int:
    """Erase all that is personal in messages about a reservation or an account: those that wait are dropped,
    those set aside too. Return how many had something.

    Needed before the personal key that they are sealed with is shredded.
    """
    _one_subject(reservation_id, account_id)
    live = rows.of_subject(
        session, reservation_id=reservation_id, account_id=account_id, statuses=_LIVE, kinds=None
    )
    return _drop(session, context, live)


def _drop(session: Session, context: Context, found: Collection[Message]) -> int:
    for row in found:
        row.status, row.settled_at = MessageStatus.DROPPED, context.now
        rows.erase(session, row)
    return len(found)


def _one_subject(reservation_id: int | None, account_id: int | None) -> None:
    if (reservation_id is None) == (account_id is None):
        raise ValueError("either a reservation or an account is needed")
