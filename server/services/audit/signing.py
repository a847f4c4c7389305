"""Signs the head of each branch's log once a business day is over, and keeps the keys that sign."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial

from sqlalchemy.orm import Session

from server.domain.audit import notes
from server.domain.audit.notes import Checkpoint, Verifier
from server.domain.audit.tree import edge_at
from server.domain.office.hours import instant
from server.services.audit.growth import grow, tiles_of
from server.services.context import Context
from server.services.office.settings import BranchView
from server.services.ports import Outside
from server.store.queries import audit
from server.store.queries.audit import CheckpointRow, KeyRow
from server.store.signature import new_seed, public_of, sign_with
from server.store.store import Store

# What began before midnight is sealed by then.
_PATIENCE = timedelta(minutes=5)
_DAYS_AT_ONCE = 31
_ONE_DAY = timedelta(days=1)


def prove(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Let the trees grow, and sign the days that are over; return how many were signed."""
    if not grow(store, context):
        return 0
    return sum(_sign_days(store, context, branch) for branch in context.office.branches.values())


def _sign_days(store: Store, context: Context, branch: BranchView) -> int:
    """Sign the days of a branch that are over: only the last one, when none was signed before."""
    over = branch.policy.business_day(context.now - _PATIENCE) - _ONE_DAY
    last = store.read(partial(audit.latest, branch_id=branch.id))
    day = last.day + _ONE_DAY if last else over
    signed = 0
    while day <= over and signed < _DAYS_AT_ONCE:
        keys = _keys(store, context)
        row = store.read(partial(_head, context=context, branch=branch, day=day, last=last, keys=keys))
        if row is None or not store.write(partial(audit.keep_checkpoint, row=row)):
            break
        last, day, signed = row, day + _ONE_DAY, signed + 1
    return signed


def _head(
    session: Session,
    context: Context,
    branch: BranchView,
    day: date,
    last: CheckpointRow | None,
    keys: list[KeyRow],
) -> CheckpointRow | None:
    """Make a day's checkpoint: all facts up to the last one of the day. None for a branch without any."""
    tree = audit.tree_of(session, branch.id)
    if tree is None:
        return None
    size, feed_number = (last.size, last.feed_number) if last else (0, 0)
    end = instant(day + _ONE_DAY, branch.policy.day_starts_at, branch.policy.zone)
    until = audit.grown_to(session)
    found, more = audit.last_before(session, branch.id, feed_number, until, end)
    if found is not None:
        size, feed_number = size + more, found
    if size == 0:
        return None
    root = edge_at(size, tiles_of(session, branch.id, tree.size).subtree).root()
    head = Checkpoint(tree.origin, size, root, day)
    note = _signed(context, head, _signers(keys, last))
    return CheckpointRow(branch.id, day, size, feed_number, root, note, context.now)


def _signers(keys: list[KeyRow], last: CheckpointRow | None) -> Iterable[KeyRow]:
    """Choose who signs: the key in use, and once more one that was retired since the last checkpoint."""
    return [
        key
        for key in keys
        if key.retired_at is None or (last is not None and key.made_at <= last.made_at <= key.retired_at)
    ]


def _signed(context: Context, head: Checkpoint, keys: Iterable[KeyRow]) -> str:
    text = head.text
    signatures = [
        (
            Verifier(head.origin, key.public_key),
            sign_with(context.keys.open(key.sealed_seed, bound_to(key.public_key)), text.encode()),
        )
        for key in keys
    ]
    return notes.signed(text, signatures)


# --- keys -------------------------------------------------------------------------------------------------


def change_key(session: Session, context: Context) -> bytes:
    """Retire the key that signs, and return the public part of the one that takes its place."""
    for key in audit.keys(session):
        audit.retire_key(session, key.generation, context.now)
    _add_key(session, context, len(audit.keys(session)) + 1)
    return audit.keys(session)[-1].public_key


def _keys(store: Store, context: Context) -> list[KeyRow]:
    """Return all keys; the first one is made when there is none."""
    found = store.read(audit.keys)
    if not found:
        # Another server may have made it meanwhile: the first key is the first one, whoever comes first.
        store.write(partial(_add_key, context=context, generation=1))
        found = store.read(audit.keys)
    return found


def _add_key(session: Session, context: Context, generation: int) -> None:
    seed = new_seed()
    public_key = public_of(seed)
    sealed = context.keys.seal(seed, bound_to(public_key))
    audit.add_key(session, KeyRow(generation, public_key, sealed, context.now, None))


def bound_to(public_key: bytes) -> bytes:
    """Return what the private key of a public one is sealed beside."""
    return b"audit key " + public_key
