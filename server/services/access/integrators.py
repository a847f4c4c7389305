"""Programs of others that the office trusts: what each may do, where and until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.access.scopes import IntegratorScope
from server.services.context import Context, RuleBroken, not_found
from server.store.facts import NewFact, note
from server.store.keyring import new_token, token_hash
from server.store.queries.access import integrators as rows
from server.store.queries.access.principals import IntegratorRow
from server.store.tables import Integrator
from wire.vocabulary import FactType

LONGEST_NAME = 100
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewIntegrator:
    """A program to be let in: without a branch everywhere, without an end until it is revoked."""

    name: str
    scopes: Collection[IntegratorScope]
    branch_id: int | None = None
    expires_at: datetime | None = None


def add(session: Session, context: Context, new: NewIntegrator, *, by: int | None = None) -> tuple[int, str]:
    """Let a program in; return its id, and its token, which is told only now: its hash alone is kept.

    Raises RuleBroken 422 `program_name_missing`, `scopes_missing`, `expired`.
    """
    name = new.name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise RuleBroken(422, "program_name_missing")
    if not new.scopes:
        raise RuleBroken(422, "scopes_missing")
    if new.expires_at is not None and new.expires_at <= context.now:
        raise RuleBroken(422, "expired")
    token = new_token("ni")
    row = Integrator(
        name=name,
        token_hash=token_hash(token),
        scopes=[str(scope) for scope in IntegratorScope if scope in new.scopes],
        branch_id=new.branch_id,
        made_at=context.now,
        expires_at=new.expires_at,
    )
    session.add(row)
    session.flush()
    _note(session, context, row, "added", by)
    return row.id, token


def listed(session: Session) -> list[rows.IntegratorShown]:
    """List all programs, those that were revoked last."""
    return sorted(rows.listed(session), key=lambda each: (each.revoked_at is not None, each.name, each.id))


def revoke(session: Session, context: Context, integrator_id: int, *, by: int | None = None) -> None:
    """Refuse a program from its next request on. Raises RuleBroken 404 also for one that was revoked."""
    row = session.get(Integrator, integrator_id, with_for_update=True)
    if row is None or row.revoked_at is not None:
        raise not_found("integrator")
    row.revoked_at = context.now
    _note(session, context, row, "revoked", by)


def is_to_be_noted(context: Context, row: IntegratorRow) -> bool:
    """Say whether a use is to be kept: once a minute is enough."""
    return row.seen_at is None or context.now - row.seen_at >= _SEEN_EVERY


def note_use(session: Session, context: Context, row: IntegratorRow) -> None:
    """Keep when a program was here last."""
    if is_to_be_noted(context, row):
        rows.note_seen(session, row.id, context.now)


def check_branch(row: IntegratorRow, branch_id: int) -> None:
    """Raise RuleBroken 403 `wrong_branch` where a program may do nothing."""
    if row.branch_id not in (None, branch_id):
        raise RuleBroken(403, "wrong_branch")


def _note(session: Session, context: Context, row: Integrator, change: str, by: int | None) -> None:
    data = {"integrator": row.id, "change": change, "scopes": list(row.scopes)}
    if by is not None:
        data["by"] = by
    note(session, NewFact(FactType.INTEGRATOR_CHANGED, context.now, row.branch_id, data))
