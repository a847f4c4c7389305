"""Webhooks: where a program of others hears of facts at a branch; made, switched off and removed on pages."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from server.domain.access.scopes import IntegratorScope
from server.domain.access.webhooks import PUBLISHED
from server.services.context import Context, RuleBroken, not_found
from server.store.facts import NewFact, note, tip
from server.store.queries.access import webhooks as rows
from server.store.tables import Integrator, Webhook, WebhookDelivery
from wire.vocabulary import FactType

LONGEST_ADDRESS = 500
MOST_SHOWN = 100
_BOUND_TO = b"webhook:"


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """Where a program wants to hear of which facts of a branch."""

    integrator_id: int
    branch_id: int
    url: str
    types: Collection[FactType]


@dataclass(frozen=True, slots=True)
class WebhookLog:
    """A webhook, its program, and what was sent to it lately."""

    webhook: Webhook
    integrator: Integrator
    deliveries: list[WebhookDelivery]


def add(session: Session, context: Context, new: NewWebhook, *, by: int) -> tuple[int, str]:
    """Make a webhook that hears of what happens from now on; return its id, and its secret, told only now.

    Raises RuleBroken 404; 403 `scope_missing`, `wrong_branch`; 422 `wrong_address`, `types_missing`.
    """
    program = session.get(Integrator, new.integrator_id)
    if program is None or program.revoked_at is not None:
        raise not_found("integrator")
    if IntegratorScope.FACTS not in program.scopes:
        raise RuleBroken(403, "scope_missing")
    if program.branch_id not in (None, new.branch_id):
        raise RuleBroken(403, "wrong_branch")
    if not is_address(new.url):
        raise RuleBroken(422, "wrong_address")
    types = [str(each) for each in PUBLISHED if each in new.types]
    if not types:
        raise RuleBroken(422, "types_missing")
    secret = f"nw_{secrets.token_urlsafe(32)}"
    row = Webhook(
        integrator_id=new.integrator_id,
        branch_id=new.branch_id,
        url=new.url,
        types=types,
        sealed_secret=b"",
        made_at=context.now,
        after=tip(session.connection())[0],
        due_at=context.now,
        attempts=0,
        gave_up=False,
    )
    session.add(row)
    session.flush()
    row.sealed_secret = context.keys.seal(secret.encode(), bound_to(row.id))
    _note(session, context, row, "added", by)
    return row.id, secret


def secret_of(context: Context, row: Webhook) -> str:
    """Open the secret of a webhook, to sign with it."""
    return context.keys.open(row.sealed_secret, bound_to(row.id)).decode()


def is_address(url: str) -> bool:
    """Say whether a text can be the address of a webhook: a whole one, without a name and password in it."""
    if len(url) > LONGEST_ADDRESS or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    has_account = parts.username is not None or parts.password is not None
    return (
        parts.scheme in ("https", "http") and bool(parts.hostname) and not has_account and not parts.fragment
    )


def of_program(session: Session, integrator_id: int) -> tuple[Integrator, list[Webhook]]:
    """Return a program with its webhooks. Raises RuleBroken 404."""
    program = session.get(Integrator, integrator_id)
    if program is None:
        raise not_found("integrator")
    return program, rows.of_integrator(session, integrator_id)


def log(session: Session, webhook_id: int) -> WebhookLog:
    """Return a webhook with what was sent to it lately. Raises RuleBroken 404."""
    row = session.get(Webhook, webhook_id)
    if row is None or row.removed_at is not None:
        raise not_found("webhook")
    program = session.get_one(Integrator, row.integrator_id)
    return WebhookLog(row, program, rows.deliveries(session, webhook_id, MOST_SHOWN))


def switch_off(session: Session, context: Context, webhook_id: int, *, by: int) -> None:
    """Send nothing more until it is switched on. Raises RuleBroken 404."""
    row = _locked(session, webhook_id)
    if row.off_at is None:
        row.off_at, row.gave_up = context.now, False
        _note(session, context, row, "switched_off", by)


def switch_on(
    session: Session, context: Context, webhook_id: int, *, by: int, with_missed: bool = True
) -> None:
    """Send again, with all its tries: what was missed too, in its order, or only what comes from now on.

    Raises RuleBroken 404.
    """
    row = _locked(session, webhook_id)
    row.off_at, row.gave_up, row.attempts, row.due_at = None, False, 0, context.now
    row.problem = row.failing_since = None
    if not with_missed:
        row.after = tip(session.connection())[0]
    _note(session, context, row, "switched_on", by)


def remove(session: Session, context: Context, webhook_id: int, *, by: int) -> int:
    """Take a webhook away; return the program that it belonged to. Raises RuleBroken 404."""
    row = _locked(session, webhook_id)
    row.removed_at = context.now
    _note(session, context, row, "removed", by)
    return row.integrator_id


def send_again(session: Session, context: Context, webhook_id: int, delivery_id: int) -> None:
    """Have a message of the log sent once more. Raises RuleBroken 404, 409 `switched_off`."""
    row = _locked(session, webhook_id)
    if row.off_at is not None:
        raise RuleBroken(409, "switched_off")
    line = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if line is None or line.webhook_id != webhook_id:
        raise not_found("delivery")
    line.again_at = line.again_at or context.now
    row.due_at = min(row.due_at, context.now)


def note_given_up(session: Session, context: Context, row: Webhook) -> None:
    """Put on record that nothing more is sent since it failed for long."""
    _note(session, context, row, "gave_up", None)


def _locked(session: Session, webhook_id: int) -> Webhook:
    row = rows.locked(session, webhook_id)
    if row is None:
        raise not_found("webhook")
    return row


def bound_to(webhook_id: int) -> bytes:
    """Return what the secret of a webhook is sealed beside."""
    return _BOUND_TO + str(webhook_id).encode()


def _note(session: Session, context: Context, row: Webhook, change: str, by: int | None) -> None:
    data = {"webhook": row.id, "integrator": row.integrator_id, "change": change}
    if by is not None:
        data["by"] = by
    note(session, NewFact(FactType.WEBHOOK_CHANGED, context.now, row.branch_id, data))
