"""Wrong passwords slow down whoever types them, on every server at once, and nobody else.

Tries are rows: per address and block of the network, per address, per block. An owner who comes from elsewhere
has a free try whatever others do: when many blocks try one account, each has fewer free ones, but one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy.orm import Session

from server.domain.guard.tries import TryPolicy, wait_until
from server.services.context import Context
from server.services.guard import limits
from server.services.guard.limits import Limit
from server.store.queries import guard

_PAIR = TryPolicy(free=5, longest=timedelta(seconds=60))
_PAIR_UNDER_ATTACK = TryPolicy(free=1, longest=timedelta(seconds=60))
_ATTACK = 50
# One network may be a whole city's (rule of many phones, one address): of 2 000 people who log in for a
# release some sixty mistype. Its waits stay short.
_BLOCK = TryPolicy(free=100, longest=timedelta(seconds=10))
_KIND, _KIND_ACCOUNT, _KIND_BLOCK = "log_in", "log_in_account", "log_in_block"
_LETTERS = Limit("account_letter", most=4, within=timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class SlowDown:
    """Too many tries: the next one may come after so many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Tried:
    """Who tries: the keyed hashes of the address, one by each key, and the block that they come from."""

    email_hashes: tuple[bytes, ...]
    block: str

    @property
    def email_hash(self) -> bytes:
        """Return the hash under which tries are counted."""
        return self.email_hashes[0]

    def keys(self, context: Context) -> tuple[tuple[str, bytes], ...]:
        """Return under which kinds and keys a try is counted: the pair's, the account's, the block's."""
        pair = context.keys.lookup("log in", f"{self.email_hash.hex()}|{self.block}")
        block = context.keys.lookup("log in", self.block)
        return (_KIND, pair), (_KIND_ACCOUNT, self.email_hash), (_KIND_BLOCK, block)


def admit(session: Session, context: Context, tried: Tried) -> SlowDown | None:
    """Count a try before its password is looked at (many at once gain nothing), or say how long to wait."""
    pair, account, block = tried.keys(context)
    guard.one_at_a_time(session, block[1])
    since = context.now - _PAIR.within
    attacks, _ = guard.attempts_and_last(session, *account, since)
    pair_policy = _PAIR_UNDER_ATTACK if attacks >= _ATTACK else _PAIR
    waits = [
        wait_until(*guard.attempts_and_last(session, *key, since), policy)
        for key, policy in ((pair, pair_policy), (block, _BLOCK))
    ]
    until = max((each for each in waits if each is not None), default=context.now)
    if until > context.now:
        return SlowDown(ceil((until - context.now).total_seconds()))
    for key in (pair, account, block):
        guard.add_attempt(session, *key, context.now)
    return None


def forgive(session: Session, context: Context, tried: Tried) -> None:
    """Take back what a right password was counted as, and the wrong ones of the same person before it."""
    pair, account, block = tried.keys(context)
    guard.forget_attempts_of(session, *pair)
    for key in (account, block):
        guard.forget_attempts_of(session, *key, at=context.now)


def letter_is_due(session: Session, context: Context, email_hash: bytes) -> bool:
    """Count a letter to an address that somebody typed; False when it got several within the hour already.

    It is asked for known and unknown addresses alike, so that both cost the same.
    """
    return limits.admit(session, context, _LETTERS, email_hash.hex()) is None
