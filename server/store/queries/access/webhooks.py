"""Webhooks: which are due and what comes next on each, and the log of what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from server.domain.access.scopes import IntegratorScope
from server.store.facts import SealedFact
from server.store.tables import Fact, Integrator, Webhook, WebhookDelivery

_MOST_DUE = 50


def due(session: Session, now: datetime) -> list[Webhook]:
    """List the webhooks that may be sent to now, whose program may still come in, longest waiting first."""
    found = session.execute(
        select(Webhook, Integrator.scopes)
        .join(Integrator, Integrator.id == Webhook.integrator_id)
        .where(Webhook.off_at.is_(None), Webhook.removed_at.is_(None), Webhook.due_at <= now)
        .where(or_(Webhook.taken_until.is_(None), Webhook.taken_until <= now))
        .where(Integrator.revoked_at.is_(None))
        .where(or_(Integrator.expires_at.is_(None), Integrator.expires_at > now))
        .order_by(Webhook.due_at, Webhook.id)
        .limit(_MOST_DUE)
    )
    return [row[0] for row in found if IntegratorScope.FACTS in row[1]]


def locked(session: Session, webhook_id: int, *, skip: bool = False) -> Webhook | None:
    """Return a webhook that was not removed, locked; with `skip` None while somebody else has it."""
    found = select(Webhook).where(Webhook.id == webhook_id, Webhook.removed_at.is_(None))
    row: Webhook | None = session.execute(found.with_for_update(skip_locked=skip)).scalars().first()
    return row


def next_fact(
    session: Session, after: int, branch_id: int, types: Sequence[str], most: int
) -> SealedFact | None:
    """Read the first fact of some types at a branch behind a feed number, up to another one."""
    row: Any = session.execute(
        select(Fact.feed_number, Fact.type, Fact.at, Fact.branch_id, Fact.data, Fact.chain_hash)
        .where(Fact.feed_number > after, Fact.feed_number <= most)
        .where(Fact.branch_id == branch_id, Fact.type.in_(types))
        .order_by(Fact.feed_number)
        .limit(1)
    ).first()
    return None if row is None else SealedFact(*row)


def fact(session: Session, feed_number: int) -> SealedFact | None:
    """Read a fact by its feed number."""
    row: Any = session.execute(
        select(Fact.feed_number, Fact.type, Fact.at, Fact.branch_id, Fact.data, Fact.chain_hash).where(
            Fact.feed_number == feed_number
        )
    ).first()
    return None if row is None else SealedFact(*row)


def asked_again(session: Session, webhook_id: int) -> WebhookDelivery | None:
    """Return what is to be sent once more, the first that was asked for."""
    found = (
        select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.again_at.is_not(None))
        .order_by(WebhookDelivery.again_at, WebhookDelivery.id)
        .limit(1)
    )
    row: WebhookDelivery | None = session.execute(found).scalars().first()
    return row


def deliveries(session: Session, webhook_id: int, most: int) -> list[WebhookDelivery]:
    """List what was sent, the latest first."""
    found = (
        select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook_id)
        .order_by(WebhookDelivery.id.desc())
        .limit(most)
    )
    return list(session.execute(found).scalars())


def forget_deliveries(session: Session, webhook_id: int, before: datetime) -> None:
    """Take old lines out of the log."""
    session.execute(
        delete(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.at < before)
        .execution_options(synchronize_session=False)
    )


def of_integrator(session: Session, integrator_id: int) -> list[Webhook]:
    """List the webhooks of a program."""
    found = (
        select(Webhook)
        .where(Webhook.integrator_id == integrator_id, Webhook.removed_at.is_(None))
        .order_by(Webhook.id)
    )
    return list(session.execute(found).scalars())
