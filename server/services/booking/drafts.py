"""Drafts: a booking on its way through the pages, one a tab, sealed and found by a secret in its address."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.services.booking.owners import Owner, own
from server.services.booking.unsealed import person_of
from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import BranchView, ServiceView
from server.services.ports import Outside
from server.store.prepared import Place
from server.store.queries.booking import drafts as rows
from server.store.queries.booking.drafts import DraftRow
from server.store.queries.privacy import personal_keys
from server.store.store import Store

KEPT = timedelta(hours=2)
_TOKEN_BYTES = 24
_LONGEST = 20_000
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class DraftView:
    """What somebody chose and typed so far; `details` are as they were typed, nothing of them is checked.

    `reservation_id` is what came of it: submitting it again gives the same.
    """

    service: ServiceView
    branch: BranchView
    starts_at: datetime | None
    details: Mapping[str, Any]
    traces: Mapping[str, Any]
    made_at: datetime
    reservation_id: int | None


@dataclass(frozen=True, slots=True)
class DraftState:
    """A draft whose owner asks for the hour: `is_full` when it went meanwhile, and nothing else is told then."""

    is_full: bool
    made_at: datetime
    is_held: bool
    traces: Mapping[str, Any]


def begin(session: Session, context: Context, owner: Owner, service: ServiceView, starts_at: datetime) -> str:
    """Begin a draft; return the secret (192 bits) under which its owner finds it.

    Raises RuleBroken 404 where the service is not booked on the web, 403 `account_required`.
    """
    check_owner(owner, service)
    return _write(session, context, owner, service, starts_at, {})


def begin_again(session: Session, context: Context, owner: Owner, reservation_id: int) -> str:
    """Begin a draft with what was told for a reservation, so that nobody types it twice when a hold lapsed.

    An hour is to be chosen with `keep`. Raises RuleBroken as `begin`.
    """
    row = own(session, context, owner, reservation_id)
    service = context.office.services[row.service_id]
    return begin_with(session, context, owner, service, person_of(session, context, row))


def begin_with(
    session: Session, context: Context, owner: Owner, service: ServiceView, details: Mapping[str, Any]
) -> str:
    """Begin a draft without an hour, with what is known already. Raises RuleBroken as `begin`."""
    check_owner(owner, service)
    return _write(session, context, owner, service, None, details)


def load(place: Place, context: Context, owner: Owner, token: str) -> DraftView:
    """Read a draft. Raises RuleBroken 404 for another's, and when it is too old."""
    row = find(place, context, owner, token)
    box = personal_keys.look(place, context.keys, row.personal_key_id)
    service = context.office.services[row.service_id]
    return DraftView(
        service,
        context.branch(service.branch_id),
        row.starts_at,
        personal_keys.open_json(box, row.sealed_details, b"details") or {},
        personal_keys.open_json(box, row.sealed_traces, b"traces") or {},
        row.made_at,
        row.reservation_id,
    )


def keep(
    session: Session,
    context: Context,
    owner: Owner,
    token: str,
    details: Mapping[str, Any] | None = None,
    *,
    traces: Mapping[str, Any] | None = None,
    starts_at: datetime | None = None,
) -> None:
    """Keep what was typed or chosen since; what is not given stays as it is. A held draft changes no more.

    Raises RuleBroken 404 as `load`, 413 `too_long`.
    """
    row = find(session, context, owner, token, locked=True)
    if row.reservation_id is not None:
        return
    box = personal_keys.box(session, context.keys, row.personal_key_id)
    changes: dict[str, Any] = {}
    for column, value, bound_to in (
        ("sealed_details", details, b"details"),
        ("sealed_traces", traces, b"traces"),
    ):
        if value is not None and box is not None:
            changes[column] = _bounded(personal_keys.seal_json(box, dict(value), bound_to))
    if starts_at is not None:
        changes["starts_at"] = starts_at
    if changes:
        rows.change_draft(session, row.id, **changes)


def find(place: Place, context: Context, owner: Owner, token: str, *, locked: bool = False) -> DraftRow:
    """Find the owner's draft as its row is. Raises RuleBroken 404."""
    return _let_in(context, owner, rows.draft(place, _hash(token), locked=locked))


def draft_state(place: Place, context: Context, owner: Owner, token: str) -> DraftState:
    """Look at a draft that is to be held, without a lock or a write. Raises RuleBroken 404 as `load`.

    In a rush most hear that their hour is full; it may be full a moment later all the same: only `hold` decides.
    """
    row, is_full = to_hold(place, context, owner, token)
    box = None if is_full else personal_keys.look(place, context.keys, row.personal_key_id)
    traces = personal_keys.open_json(box, row.sealed_traces, b"traces") or {}
    return DraftState(is_full, row.made_at, row.reservation_id is not None, traces)


def to_hold(
    place: Place, context: Context, owner: Owner, token: str, *, locked: bool = False
) -> tuple[DraftRow, bool]:
    """Find the owner's draft as its row is; say whether it is too late: the hour is full, and not held by it.

    Raises RuleBroken 404 as `load`.
    """
    found = rows.draft_and_slot(place, _hash(token), locked=locked)
    row = _let_in(context, owner, None if found is None else found[0])
    return row, row.reservation_id is None and found is not None and found[1]


def too_late(place: Place, context: Context, asked: Sequence[tuple[Owner, str]]) -> list[bool]:
    """Say of each draft whether its owner asks too late: `draft_state` would tell them that the hour is full.

    False for all others, also for a draft that is another's or too old.
    """
    hashes = [_hash(token) for _, token in asked]
    full = rows.full_drafts(place, hashes)
    return [
        (row := full.get(digest)) is not None
        and row.reservation_id is None
        and _is_there(context, owner, row)
        for (owner, _), digest in zip(asked, hashes, strict=True)
    ]


def check_owner(owner: Owner, service: ServiceView) -> None:
    """Let guests in only where the service does (rule 1 ⚙). Raises RuleBroken."""
    if not service.policy.booking.is_online:
        raise not_found("service")
    if owner.account_id is None and (service.policy.booking.account_required or not owner.browser):
        raise RuleBroken(403, "account_required")


def forget_old(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Drop drafts whose time is over, and the keys of those that nothing came of; return how many."""
    gone = 0
    while old := store.read(lambda session: rows.old_drafts(session, context.now - KEPT, _AT_ONCE)):
        gone += store.write(lambda session, old=old: rows.forget_drafts(session, old))  # type: ignore[misc]
    return gone


def _write(
    session: Session,
    context: Context,
    owner: Owner,
    service: ServiceView,
    starts_at: datetime | None,
    details: Mapping[str, Any],
) -> str:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    key_id, box = personal_keys.new_key(session, context.keys, context.now)
    rows.add_draft(
        session,
        token_hash=_hash(token),
        account_id=owner.account_id,
        browser_hash=None if owner.account_id is not None else owner.browser_hash,
        personal_key_id=key_id,
        service_id=service.id,
        starts_at=starts_at,
        sealed_details=personal_keys.seal_json(box, dict(details), b"details") if details else None,
        made_at=context.now,
    )
    return token


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _let_in(context: Context, owner: Owner, row: DraftRow | None) -> DraftRow:
    if row is None or not _is_there(context, owner, row):
        raise not_found("draft")
    return row


def _is_there(context: Context, owner: Owner, row: DraftRow) -> bool:
    """Say whether a draft is the owner's, and not too old."""
    return _is_own(owner, row) and (row.reservation_id is not None or context.now - row.made_at < KEPT)


def _is_own(owner: Owner, row: DraftRow) -> bool:
    """Say whether a draft is the owner's; a guest who logs in on the way has it still, by the browser."""
    if row.account_id is not None:
        return row.account_id == owner.account_id
    return row.browser_hash is not None and row.browser_hash == owner.browser_hash


def _bounded(sealed: bytes) -> bytes:
    if len(sealed) > _LONGEST:
        raise RuleBroken(413, "too_long")
    return sealed
