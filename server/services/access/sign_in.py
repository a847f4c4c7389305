"""Clerks sign in at a counter's device and out again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.services.access import brake
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


def verify(store: Store, context: Context, device: DeviceRow, login: str, password: str) -> int | None:
    """Return the id of the clerk of the device's branch whose password it is; None for a wrong one.

    Outside any transaction: hashing takes long and must hold up nobody. Tries are counted by device and login, so
    that another device of the owner stays free. Raises RuleBroken 429 `slow_down`.
    """
    who = f"device:{device.id} {login}"
    if (slowed := store.write(lambda session: brake.admit(session, context, who))) is not None:
        raise slowed
    known = store.read(lambda session: clerk_sessions.clerk_to_verify(session, device.branch_id, login))
    if not right_password(known[1] if known else None, password) or known is None:
        return None
    store.write(lambda session: brake.forgive(session, context, who))
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
