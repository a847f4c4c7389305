"""Messages to webhooks: taken one after the other, tried again with growing pauses, given up after the last.

The fact log itself is what waits: a webhook keeps how far it has come. Each step is a transaction of its own.
Whoever takes a message has it for a while; if that worker is gone, the message goes out again (at least once).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.access.webhooks import Event, body, headers
from server.domain.messages.retries import pause
from server.services.access import webhooks
from server.services.context import Context
from server.store.facts import SealedFact, tip
from server.store.queries.access import webhooks as rows
from server.store.tables import Webhook, WebhookDelivery

LEASE = timedelta(minutes=2)
KEPT_FOR = timedelta(days=30)
_FAR_BEHIND = 500


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message in the hand of a worker until `until`; `again` is the line of the log that it repeats."""

    webhook_id: int
    until: datetime
    url: str
    headers: dict[str, str]
    body: bytes
    feed_number: int
    type: str
    again: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended: the status of the answer, or a problem in a word of ours."""

    status: int | None
    problem: str | None
    took_ms: int


def waiting(session: Session, context: Context) -> list[int]:
    """List the webhooks for which there is something to do now."""
    most, _ = tip(session.connection())
    return [row.id for row in rows.due(session, context.now) if _has_work(session, row, most)]


def _has_work(session: Session, row: Webhook, most: int) -> bool:
    return (
        rows.asked_again(session, row.id) is not None
        or most - row.after > _FAR_BEHIND
        or rows.next_fact(session, row.after, row.branch_id, row.types, most) is not None
    )


def take(session: Session, context: Context, webhook_id: int) -> Parcel | None:
    """Take what comes next on a webhook; None when somebody else has it, or nothing is left to be told."""
    row = rows.locked(session, webhook_id, skip=True)
    if row is None or row.off_at is not None or row.due_at > context.now:
        return None
    if row.taken_until is not None and row.taken_until > context.now:
        return None
    most, _ = tip(session.connection())
    line = rows.asked_again(session, row.id)
    fact = (
        rows.next_fact(session, row.after, row.branch_id, row.types, most)
        if line is None
        else rows.fact(session, line.feed_number)
    )
    if fact is None:
        if line is not None:
            line.again_at = None
        else:
            row.after = max(row.after, most)
        return None
    row.taken_until = context.now + LEASE
    return _parcel(context, row, row.taken_until, fact, line)


def _parcel(
    context: Context, row: Webhook, until: datetime, fact: SealedFact, line: WebhookDelivery | None
) -> Parcel:
    branch = context.branch(row.branch_id)
    message = body(Event(fact.feed_number, fact.type, fact.at, branch.code, fact.data))
    delivery, stamp = f"{row.id}-{fact.feed_number}", int(context.now.timestamp())
    return Parcel(
        row.id,
        until,
        row.url,
        headers(webhooks.secret_of(context, row), delivery, fact.type, stamp, message),
        message,
        fact.feed_number,
        fact.type,
        line.id if line is not None else None,
    )


def settle(session: Session, context: Context, parcel: Parcel, outcome: Outcome) -> None:
    """Note how a try ended. Nothing happens when the message is not in this worker's hand any more."""
    row = rows.locked(session, parcel.webhook_id)
    if row is None or row.taken_until != parcel.until:
        return
    row.taken_until = None
    session.add(
        WebhookDelivery(
            webhook_id=row.id,
            feed_number=parcel.feed_number,
            type=parcel.type,
            attempt=row.attempts + 1 if parcel.again is None else 1,
            at=context.now,
            took_ms=outcome.took_ms,
            status=outcome.status,
            problem=outcome.problem,
        )
    )
    rows.forget_deliveries(session, row.id, context.now - KEPT_FOR)
    if parcel.again is not None:
        if (line := session.get(WebhookDelivery, parcel.again)) is not None:
            line.again_at = None
    elif outcome.problem is None:
        row.after, row.attempts, row.due_at = parcel.feed_number, 0, context.now
        row.problem = row.failing_since = None
    else:
        _failed(session, context, row, outcome.problem)


def _failed(session: Session, context: Context, row: Webhook, problem: str) -> None:
    row.attempts += 1
    row.problem, row.failing_since = problem, row.failing_since or context.now
    again = pause(row.attempts, secrets.randbelow(1001) / 1000)
    row.due_at = context.now + (again or timedelta())
    if again is None:
        row.off_at, row.gave_up = context.now, True
        webhooks.note_given_up(session, context, row)
