"""The outbox: messages put in once, taken out by one worker at a time, and settled by the one who has them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.store.prepared import Place, Prepared
from server.store.queries.privacy import personal_keys
from server.store.tables import Message, fixed
from wire.vocabulary import MessageKind, MessageStatus

# Somebody sits before a page and waits for these.
_URGENT = (
    MessageKind.ACTIVATION_CODE,
    MessageKind.CONFIRM_EMAIL,
    MessageKind.ALREADY_KNOWN,
    MessageKind.RESET_PASSWORD,
    MessageKind.CHANGE_EMAIL,
)
OWN_KEY = "own_key"
"""A mark in a message's facts: the personal key was drawn for it alone, and goes with it."""

_COLUMNS = (
    *("key", "kind", "channel", "language", "reservation_id", "account_id", "personal_key_id", "sealed_to"),
    *("sealed_values", "facts", "status", "attempts", "made_at", "due_at", "expires_at"),
)
_ADD = Prepared(
    {
        name: dialect.insert(Message).on_conflict_do_nothing(index_elements=["key"])
        for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
    },
    _COLUMNS,
)
_IS_DUE = Prepared(
    select(Message.id)
    .where(Message.status == fixed(MessageStatus.QUEUED), Message.due_at <= bindparam("now"))
    .where(Message.channel == bindparam("channel"))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Row:
    """A message as staff see it: nothing of it is personal."""

    id: int
    kind: str
    channel: str
    status: str
    attempts: int
    problem: str | None
    made_at: datetime
    due_at: datetime
    expires_at: datetime | None
    reservation_id: int | None
    account_id: int | None


def add(session: Session, values: Mapping[str, Any]) -> bool:
    """Add a message; False when one with its key is there already."""
    return _ADD.run(session, values) == 1


def is_due(place: Place, now: datetime, channels: Collection[str]) -> bool:
    """Say whether a message of these channels waits to be sent now; each worker asks twice a second."""
    return any(_IS_DUE.first(place, {"channel": each, "now": now}) for each in channels)


def next_due(session: Session, now: datetime, channels: Collection[str]) -> Message | None:
    """Return the next message that is due, locked and past those that others have in hand; urgent ones first."""
    found = _due(now, channels).order_by(*_order()).limit(1).with_for_update(skip_locked=True)
    row: Message | None = session.execute(found).scalars().first()
    return row


def in_hand(session: Session, message_id: int, attempt: int) -> Message | None:
    """Return a message, locked, while it is in the hand of the outbox worker who took it for this attempt."""
    row = session.get(Message, message_id, with_for_update=True, populate_existing=True)
    if row is None or row.attempts != attempt:
        return None
    return row if row.status in (MessageStatus.QUEUED, MessageStatus.SENDING) else None


def left_sending(session: Session, due_before: datetime | None, most: int) -> list[int]:
    """List messages whose worker is gone in mid-handover; None: whenever their time was to be over."""
    found = select(Message.id).where(Message.status == MessageStatus.SENDING).order_by(Message.id).limit(most)
    if due_before is not None:
        found = found.where(Message.due_at < due_before)
    return list(session.execute(found).scalars())


def still(session: Session, ids: Collection[int], statuses: Collection[MessageStatus]) -> list[Message]:
    """Lock those of some messages that are still in one of these states; what others have in hand is left."""
    found = (
        select(Message)
        .where(Message.id.in_(ids), Message.status.in_(statuses))
        .order_by(Message.id)
        .with_for_update(skip_locked=True)
    )
    return list(session.execute(found).scalars())


def of_subject(
    session: Session,
    *,
    reservation_id: int | None,
    account_id: int | None,
    statuses: Collection[MessageStatus],
    kinds: Collection[MessageKind] | None,
) -> list[Message]:
    """List the messages about a reservation or an account that are in one of these states, locked."""
    about = (
        Message.reservation_id == reservation_id
        if reservation_id is not None
        else Message.account_id == account_id
    )
    found = select(Message).where(about, Message.status.in_(statuses)).order_by(Message.id)
    if kinds is not None:
        found = found.where(Message.kind.in_(kinds))
    return list(session.execute(found.with_for_update()).scalars())


def erase(session: Session, row: Message) -> None:
    """Take out of a message what is personal: for whom it was, and what it told."""
    key_id, is_own = row.personal_key_id, bool(row.facts.get(OWN_KEY))
    row.personal_key_id = row.sealed_to = row.sealed_values = None
    session.flush()
    if is_own and key_id is not None:
        personal_keys.shred(session, [key_id])


def listed(session: Session, statuses: Collection[str], most: int) -> list[Row]:
    """List messages in these states, the latest first."""
    found = (
        select(*(getattr(Message, each.name) for each in fields(Row)))
        .where(Message.status.in_(statuses))
        .order_by(Message.id.desc())
        .limit(most)
    )
    return [Row(*row) for row in session.execute(found)]


def counts(session: Session) -> list[tuple[str, str, int, datetime]]:
    """Count messages by channel and state, with the oldest's instant."""
    found = (
        select(Message.channel, Message.status, func.count(), func.min(Message.made_at))
        .group_by(Message.channel, Message.status)
        .order_by(Message.channel, Message.status)
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(found)]


def late(session: Session, now: datetime) -> tuple[datetime | None, int]:
    """Return since when the longest due message waits to be sent, and how many failed and are tried again."""
    queued = Message.status == fixed(MessageStatus.QUEUED)
    due = select(func.min(Message.due_at)).where(queued, Message.due_at <= now).scalar_subquery()
    failed = select(func.count()).where(queued, Message.attempts > 0).scalar_subquery()
    row = session.execute(select(due, failed)).one()
    return row[0], row[1]


def _due(now: datetime, channels: Collection[str]) -> Any:
    return select(Message).where(
        Message.status == MessageStatus.QUEUED, Message.due_at <= now, Message.channel.in_(channels)
    )


def _order() -> tuple[Any, ...]:
    return case((Message.kind.in_(_URGENT), 0), else_=1), Message.due_at, Message.id
