"""Clerks sign in at a counter's device and out again; guessing slows down without locking the owner out."""

from __future__ import annotations

import ipaddress
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.services.access.passwords import right_password
from server.services.context import Context, RuleBroken
from server.store.facts import NewFact, note
from server.store.keyring import new_token, token_hash
from server.store.queries import tickets
from server.store.queries.access import clerk_sessions
from server.store.queries.access.principals import ClerkRow, DeviceRow
from server.store.store import Store
from server.store.tables import ClerkSession, User
from wire.vocabulary import CounterProgram, FactType

NOT_CLOSED_TOLD_FOR = timedelta(days=4)
"""So long a clerk who signs in is told what the day's end closed at the counter: over a long weekend."""
SESSION_LENGTH = timedelta(hours=12)
_FREE_TRIES = 5
_LONGEST_PAUSE_SECONDS = 60.0
_FORGET_SECONDS = 900.0


def counted_source(address: str) -> str:
    """Return what tries from an address are counted by: an IPv6 network (/64), else the address itself.

    Whoever has one address of IPv6 has the 2^64 of its network, and could try under another each time.
    """
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return str(read)
    return str(read.ipv4_mapped or ipaddress.ip_network((read, 64), strict=False))


class Brake:
    """Counts wrong passwords per device and login, so that another device of the owner stays free."""

    def __init__(self) -> None:
        self._wrong: dict[tuple[int, str], tuple[int, float]] = {}
        self._lock = threading.Lock()

    def wait_seconds(self, device_id: int, login: str) -> float:
        """Return how long this device must wait before it tries this login again."""
        count, last = self._wrong.get((device_id, login), (0, 0.0))
        if count < _FREE_TRIES:
            return 0.0
        pause = min(2.0 ** (count - _FREE_TRIES), _LONGEST_PAUSE_SECONDS)
        return max(0.0, last + pause - time.monotonic())

    def wrong(self, device_id: int, login: str) -> None:
        """Count a wrong password."""
        now = time.monotonic()
        with self._lock:
            self._wrong = {key: kept for key, kept in self._wrong.items() if now - kept[1] < _FORGET_SECONDS}
            count, _ = self._wrong.get((device_id, login), (0, 0.0))
            self._wrong[device_id, login] = count + 1, now

    def right(self, device_id: int, login: str) -> None:
        """Forget the wrong ones."""
        with self._lock:
            self._wrong.pop((device_id, login), None)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A clerk's session; the token is told once and kept only as its hash.

    `not_closed` are numbers that were left in hand here and that the day's end closed.
    """

    token: str
    clerk_id: int
    login: str
    name: str
    counter: int
    expires_at: datetime
    not_closed: tuple[str, ...] = ()


def verify(store: Store, brake: Brake, device: DeviceRow, login: str, password: str) -> int | None:
    """Return the id of the clerk of the device's branch whose password it is; None for a wrong one.

    Outside any transaction: hashing takes long and must hold up nobody. Raises RuleBroken 429 `slow_down`.
    """
    wait = brake.wait_seconds(device.id, login)
    if wait > 0:
        raise RuleBroken(429, "slow_down", retry_after=int(wait) + 1)
    known = store.read(lambda session: clerk_sessions.clerk_to_verify(session, device.branch_id, login))
    if not right_password(known[1] if known else None, password) or known is None:
        brake.wrong(device.id, login)
        return None
    brake.right(device.id, login)
    return known[0]


def sign_in(
    session: Session,
    context: Context,
    device: DeviceRow,
    clerk_id: int,
    program: CounterProgram = CounterProgram.WINDOW,
    *,
    take_over: bool = False,
) -> SignedIn:
    """Begin a session at the device's counter; a session that was open there, or the clerk's elsewhere, ends.

    Raises RuleBroken 409 `counter_taken` with the name and the program of who works there at another device,
    unless `take_over` says that this is known.
    """
    if device.counter_id is None or device.counter is None:
        raise RuleBroken(403, "not_a_counter")
    # The clerk and the counter are locked first, so that of two sign-ins at once the later one ends the earlier.
    clerk = session.get_one(User, clerk_id, with_for_update=True)
    taken = clerk_sessions.at_another_device(session, context.now, device.counter_id, device.id)
    if taken is not None and not take_over:
        raise RuleBroken(409, "counter_taken", clerk=taken[0], program=taken[1])
    clerk_sessions.sit_down(session, clerk_id, device.counter_id)
    clerk_sessions.end(session, context.now, counter_id=device.counter_id)
    clerk_sessions.end(session, context.now, clerk_id=clerk_id)
    token = new_token("nc")
    expires_at = context.now + SESSION_LENGTH
    session.add(
        ClerkSession(
            token_hash=token_hash(token),
            clerk_id=clerk_id,
            counter_id=device.counter_id,
            device_id=device.id,
            program=program,
            started_at=context.now,
            expires_at=expires_at,
        )
    )
    data = {"clerk": clerk_id, "counter": device.counter, "hall": device.hall}
    note(session, NewFact(FactType.CLERK_SIGNED_IN, context.now, device.branch_id, data))
    left = tickets.not_closed_at(session, device.counter_id, context.now - NOT_CLOSED_TOLD_FOR)
    return SignedIn(token, clerk_id, clerk.login, clerk.name, device.counter, expires_at, tuple(left))


def sign_in_refused(session: Session, context: Context, device: DeviceRow) -> None:
    """Keep that somebody tried (without the login: it may be a password typed into the wrong field)."""
    data = {"device": device.id, "reason": "wrong_login_or_password"}
    note(session, NewFact(FactType.SIGN_IN_REFUSED, context.now, device.branch_id, data))


def sign_out(session: Session, context: Context, clerk: ClerkRow) -> None:
    """End the session and close the counter; a ticket in hand stays there for whoever signs in next."""
    clerk_sessions.end(session, context.now, id=clerk.session_id)
    if clerk.device.counter_id is not None:
        clerk_sessions.get_up(session, clerk.device.counter_id, context.now)
    data = {"clerk": clerk.clerk_id, "counter": clerk.device.counter, "hall": clerk.device.hall}
    note(session, NewFact(FactType.CLERK_SIGNED_OUT, context.now, clerk.device.branch_id, data))
