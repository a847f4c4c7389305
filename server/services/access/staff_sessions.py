"""People of the staff sign in in a browser: password, then a second factor; sessions are listed and ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.access.roles import Held, Permission, may, needs_second_factor
from server.services.access import brake
from server.services.access.passwords import right_password
from server.services.context import Context
from server.store.facts import NewFact, note
from server.store.keyring import new_token, token_hash
from server.store.queries.access import users as rows
from server.store.queries.access.principals import ClerkRow
from server.store.store import Store
from server.store.tables import StaffSession
from wire.vocabulary import FactType

_SEEN_EVERY = timedelta(minutes=1)
_LONGEST_TOKEN = 100
AT_COUNTER = "counter"
"""The proof of a clerk who came in with a password at an enrolled counter: it opens that counter and no more."""


@dataclass(frozen=True, slots=True)
class StaffLimits:
    """How long a session of the staff lasts without a request, and at the very most ⚙."""

    idle: timedelta = timedelta(minutes=60)
    whole: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who is signed in, with what every page needs; `proof` is the second factor of this session."""

    id: int
    session_id: int
    login: str
    name: str
    language: str
    proof: str | None
    has_second_factor: bool
    held: frozenset[Held]

    def may(self, permission: Permission, branch_id: int | None = None) -> bool:
        """Say whether something is permitted at a branch; without one, for the whole office."""
        if self.proof == AT_COUNTER and permission is not Permission.SERVE:
            return False
        return may(self.held, permission, branch_id)

    def may_somewhere(self, permission: Permission) -> bool:
        """Say whether something is permitted at one branch at least."""
        return any(self.may(permission, each.branch_id) for each in self.held)

    @property
    def must_add_second_factor(self) -> bool:
        """Say whether the roles want a second factor that this person has not set up yet."""
        return not self.has_second_factor and needs_second_factor(self.held)


@dataclass(frozen=True, slots=True)
class Verified:
    """Somebody whose password was right, and the second factors that they have."""

    user_id: int
    has_totp: bool
    has_passkey: bool

    @property
    def has_second_factor(self) -> bool:
        """Say whether the sign-in goes on with a second factor."""
        return self.has_totp or self.has_passkey


def verify(store: Store, context: Context, source: str, login: str, password: str) -> Verified | None:
    """Return whose password it is; None for a wrong one, for an unknown login and for one who was disabled.

    Outside any transaction: hashing takes long. Tries are counted by `source` (an address) and login, so that
    the owner stays free elsewhere. Raises RuleBroken 429 `slow_down`.
    """
    who = f"{brake.counted_source(source)} {login}"
    if (slowed := store.write(lambda session: brake.admit(session, context, who))) is not None:
        raise slowed
    known = store.read(lambda session: rows.to_verify(session, login))
    if not right_password(known.password_hash if known else None, password) or known is None:
        return None
    store.write(lambda session: brake.forgive(session, context, who))
    return Verified(known.id, known.has_totp, known.has_passkey)


def begin_session(
    session: Session,
    context: Context,
    user_id: int,
    proof: str | None,
    agent: Mapping[str, Any],
    limits: StaffLimits,
) -> str:
    """Begin a session and return its token, which is told once; `proof` names the second factor."""
    token = new_token("ns")
    session.add(
        StaffSession(
            token_hash=token_hash(token),
            user_id=user_id,
            proof=proof,
            agent=dict(agent),
            started_at=context.now,
            seen_at=context.now,
            expires_at=context.now + limits.whole,
        )
    )
    note(session, NewFact(FactType.STAFF_SIGNED_IN, context.now, data={"user": user_id, "proof": proof}))
    return token


def note_refused(session: Session, context: Context, reason: str, user_id: int | None = None) -> None:
    """Keep that somebody tried (without the login: it may be a password typed into the wrong field).

    Who it was is kept where the password was right.
    """
    data = {"device": None, "reason": reason} | ({} if user_id is None else {"user": user_id})
    note(session, NewFact(FactType.SIGN_IN_REFUSED, context.now, data=data))


def session_of(store: Store, context: Context, token: str, limits: StaffLimits) -> Colleague | None:
    """Return whose session a token is; None when it is unknown, ended, idle for too long, or over."""
    if len(token) > _LONGEST_TOKEN:
        return None
    digest = token_hash(token)
    row = store.look(lambda place: rows.session_by_token(place, digest))
    if row is None or context.now >= row.expires_at or context.now - row.seen_at >= limits.idle:
        return None
    if context.now - row.seen_at >= _SEEN_EVERY:
        store.write(lambda session: rows.note_seen(session, digest, context.now))
    held = store.look(lambda place: rows.roles_of(place, row.user_id))
    return Colleague(
        row.user_id, row.session_id, row.login, row.name, row.language, row.proof, row.has_second_factor, held
    )


def at_counter(store: Store, clerk: ClerkRow) -> Colleague:
    """Return the clerk who is signed in at a counter's browser and nowhere else, as their pages know them."""
    held = store.look(lambda place: rows.roles_of(place, clerk.clerk_id))
    at = clerk.device.branch_id
    here = frozenset(Held(each.role, at) for each in held if each.counts_at(at))
    user = store.read(lambda session: rows.by_login(session, clerk.login))
    language = user.language if user else "pl"
    return Colleague(clerk.clerk_id, 0, clerk.login, clerk.name, language, AT_COUNTER, True, here)


@dataclass(frozen=True, slots=True)
class SessionShown:
    """A session as its holder sees it."""

    id: int
    agent: Mapping[str, Any]
    started_at: datetime
    seen_at: datetime
    is_this: bool


def sessions(session: Session, context: Context, me: Colleague) -> tuple[SessionShown, ...]:
    """List the open sessions of the one who asks, the newest first."""
    return tuple(
        SessionShown(row.id, row.agent, row.started_at, row.seen_at, row.id == me.session_id)
        for row in rows.open_sessions(session, me.id, context.now)
    )


def end_session(session: Session, context: Context, me: Colleague, session_id: int) -> bool:
    """End one of one's own sessions; False for any other."""
    ended = rows.end_sessions(session, context.now, id=session_id, user_id=me.id)
    _note_ended(session, context, me.id, ended)
    return bool(ended)


def end_others(session: Session, context: Context, me: Colleague) -> int:
    """End all one's sessions but this one; return how many."""
    ended = rows.end_sessions(session, context.now, keep=me.session_id, user_id=me.id)
    _note_ended(session, context, me.id, ended)
    return ended


def _note_ended(session: Session, context: Context, user_id: int, count: int) -> None:
    if count:
        data = {"user": user_id, "sessions": count}
        note(session, NewFact(FactType.STAFF_SIGNED_OUT, context.now, data=data))
