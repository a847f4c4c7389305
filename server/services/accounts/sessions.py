"""Sessions of accounts: whose a token is, listed and ended; they end when idle, and in any case after a while.

A page that is read changes nothing in the database: when a session was last seen is gathered in memory, and
written by a job.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from server.domain.guard.agents import Agent
from server.services.context import Context
from server.services.ports import Outside
from server.store.facts import NewFact, note
from server.store.keyring import token_hash
from server.store.prepared import Place
from server.store.queries import accounts as rows
from server.store.queries.accounts import SessionRow
from server.store.queries.privacy import personal_keys
from server.store.store import Store
from server.store.tables import Account
from wire.vocabulary import FactType

_SEEN_EVERY = timedelta(minutes=1)
_LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts without a request, and at the very most ⚙."""

    idle: timedelta = timedelta(minutes=30)
    whole: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Who is logged in: the account's id, the session's, and what every page needs."""

    id: int
    session_id: int
    language: str
    version: int
    terms_version: str


@dataclass(frozen=True, slots=True)
class SessionShown:
    """A session as its owner sees it."""

    id: int
    agent: Agent
    started_at: datetime
    seen_at: datetime
    is_this: bool


_Seen = dict[bytes, datetime]
_seen: WeakKeyDictionary[Store, _Seen] = WeakKeyDictionary()
_DEFAULT = SessionLimits()


def session_of(
    store: Store, context: Context, token: str, session_limits: SessionLimits = _DEFAULT
) -> AccountRow | None:
    """Return whose session a token is; None when it is unknown, ended, idle for too long, or over."""
    if len(token) > _LONGEST_TOKEN:
        return None
    digest = token_hash(token)
    row = store.look(lambda place: rows.session_by_token(place, digest))
    return None if row is None else _seen_now(store, context, digest, row, session_limits)


def sessions_of(
    store: Store,
    place: Place,
    context: Context,
    tokens: Collection[str],
    session_limits: SessionLimits = _DEFAULT,
) -> dict[str, AccountRow]:
    """Return whose sessions many tokens are, as `session_of`; a token that is nobody's is left out."""
    digests = {each: token_hash(each) for each in tokens if len(each) <= _LONGEST_TOKEN}
    found = rows.sessions_by_tokens(place, list(digests.values()))
    known = {
        token: _seen_now(store, context, digest, found[digest], session_limits)
        for token, digest in digests.items()
        if digest in found
    }
    return {token: account for token, account in known.items() if account is not None}


def _seen_now(
    store: Store, context: Context, digest: bytes, row: SessionRow, session_limits: SessionLimits
) -> AccountRow | None:
    """Note that a session was seen; None when it is idle for too long, or over."""
    if context.now >= row.expires_at:
        return None
    seen = _seen_in(store)
    last = max(row.seen_at, seen.get(digest, row.seen_at))
    if context.now - last >= session_limits.idle:
        return None
    if context.now - last >= _SEEN_EVERY:
        seen[digest] = context.now
    return AccountRow(row.id, row.session_id, row.language, row.version, row.terms_version)


def write_seen(store: Store, _context: Context, _outside: Outside | None = None) -> None:
    """Write when sessions were last seen: a job, at most once a minute for each."""
    seen = _seen_in(store)
    if not (now_seen := dict(seen)):
        return
    store.write(lambda session: rows.note_seen(session, now_seen))
    for digest, at in now_seen.items():
        if seen.get(digest) == at:
            del seen[digest]


def sessions(
    session: Session, context: Context, me: AccountRow, session_limits: SessionLimits = _DEFAULT
) -> tuple[SessionShown, ...]:
    """List the owner's open sessions, the newest first."""
    account = session.get(Account, me.id)
    box = personal_keys.box(session, context.keys, account.personal_key_id if account else None)
    shown = []
    for row in rows.open_sessions(session, me.id, context.now):
        is_this = row.id == me.session_id
        if context.now - row.seen_at >= session_limits.idle and not is_this:
            continue
        said = personal_keys.open_json(box, row.sealed_agent, b"agent") or {}
        seen_at = context.now if is_this else row.seen_at
        shown.append(SessionShown(row.id, Agent(**said), row.started_at, seen_at, is_this))
    return tuple(shown)


def end_session(session: Session, context: Context, me: AccountRow, session_id: int) -> bool:
    """End one of the owner's sessions from its next request on; False for any other."""
    ended = rows.end_sessions(session, context.now, id=session_id, account_id=me.id)
    if ended:
        _note_ended(session, context, me.id, ended)
    return bool(ended)


def end_others(session: Session, context: Context, me: AccountRow) -> int:
    """End all sessions of the owner but this one; return how many."""
    ended = rows.end_sessions(session, context.now, keep=me.session_id, account_id=me.id)
    if ended:
        _note_ended(session, context, me.id, ended)
    return ended


def log_out(session: Session, context: Context, token: str) -> None:
    """End the session of a token, also one that is idle."""
    digest = token_hash(token)
    row = rows.session_by_token(session, digest)
    if row is not None and rows.end_sessions(session, context.now, token_hash=digest):
        data = {"account": row.id, "session": row.session_id}
        note(session, NewFact(FactType.ACCOUNT_LOGGED_OUT, context.now, data=data))


def _seen_in(store: Store) -> _Seen:
    return _seen.setdefault(store, {})


def _note_ended(session: Session, context: Context, account_id: int, count: int) -> None:
    data = {"account": account_id, "sessions": count, "reason": "by_owner"}
    note(session, NewFact(FactType.ACCOUNT_LOGGED_OUT, context.now, data=data))
