"""Accounts and their sessions: found by a keyed hash or a token's hash, ended and erased; tries are counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from server.store.prepared import Place, Prepared, any_of, each_of
from server.store.queries.privacy import personal_keys
from server.store.tables import Account, AccountSession, Draft, PlaceWish, Reservation


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that was not ended, and what of its account every page needs."""

    id: int
    session_id: int
    language: str
    version: int
    terms_version: str
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """What is needed to verify a password."""

    id: int
    version: int
    password_hash: str | None
    email_hash: bytes | None
    is_confirmed: bool


_SESSIONS = (
    select(
        Account.id,
        AccountSession.id,
        Account.language,
        Account.version,
        Account.terms_version,
        AccountSession.seen_at,
        AccountSession.expires_at,
    )
    .join(Account, Account.id == AccountSession.account_id)
    .where(AccountSession.ended_at.is_(None), Account.deleted_at.is_(None))
)
_SESSION = Prepared(_SESSIONS.where(AccountSession.token_hash == bindparam("token")))
_ANY_SESSION = Prepared(
    _SESSIONS.add_columns(AccountSession.token_hash).where(any_of(AccountSession.token_hash))
)
_SEEN = Prepared(
    update(AccountSession)
    .where(AccountSession.token_hash == bindparam("token"), AccountSession.seen_at < bindparam("at"))
    .values(seen_at=bindparam("at"))
)
_KNOWN = select(
    Account.id, Account.version, Account.password_hash, Account.email_hash, Account.confirmed_at.is_not(None)
).where(Account.deleted_at.is_(None))
_BY_EMAIL = Prepared(_KNOWN.where(Account.email_hash == bindparam("hash")))
_BY_ID = Prepared(_KNOWN.where(Account.id == bindparam("row")))


def session_by_token(place: Place, digest: bytes) -> SessionRow | None:
    """Find the session of a token and its account."""
    row = _SESSION.first(place, {"token": digest})
    return None if row is None else SessionRow(*row)


def sessions_by_tokens(place: Place, digests: Sequence[bytes]) -> dict[bytes, SessionRow]:
    """Find the sessions of many tokens and their accounts, by the tokens' hashes."""
    found = (row for some in each_of(digests) for row in _ANY_SESSION.all(place, some))
    return {row[-1]: SessionRow(*row[:-1]) for row in found}


def note_seen(session: Session, seen: Mapping[bytes, datetime]) -> None:
    """Write when sessions were last seen, by their tokens' hashes; never an earlier instant than is there."""
    for digest, at in seen.items():
        _SEEN.run(session, {"token": digest, "at": at})


def by_email(session: Session, hashes: Iterable[bytes]) -> KnownAccount | None:
    """Find an account by the keyed hashes of its address, one by each key."""
    looks = (_BY_EMAIL.first(session, {"hash": each}) for each in hashes)
    row = next((found for found in looks if found is not None), None)
    return None if row is None else KnownAccount(*row)


def by_id(session: Session, account_id: int) -> KnownAccount | None:
    """Find an account that was not deleted."""
    row = _BY_ID.first(session, {"row": account_id})
    return None if row is None else KnownAccount(*row)


def locked(session: Session, account_id: int) -> Account | None:
    """Return the row of an account that was not deleted, locked; None for any other."""
    row = session.get(Account, account_id, with_for_update=True, populate_existing=True)
    return None if row is None or row.deleted_at is not None else row


# --- sessions ----------------------------------------------------------------------------------------


def open_sessions(session: Session, account_id: int, now: datetime) -> list[AccountSession]:
    """List the sessions of an account that are neither ended nor over, the newest first."""
    query = select(AccountSession).where(
        AccountSession.account_id == account_id,
        AccountSession.ended_at.is_(None),
        AccountSession.expires_at > now,
    )
    return list(session.execute(query.order_by(AccountSession.id.desc())).scalars())


def end_sessions(session: Session, now: datetime, *, keep: int | None = None, **which: object) -> int:
    """End the open sessions with these values (`account_id`, `id`, `token_hash`) but one; return how many."""
    query = update(AccountSession).filter_by(**which).where(AccountSession.ended_at.is_(None))
    if keep is not None:
        query = query.where(AccountSession.id != keep)
    ended = session.execute(query.values(ended_at=now).returning(AccountSession.id)).all()
    return len(ended)


def forget_sessions(session: Session, before: datetime) -> None:
    """Delete sessions that were over before an instant, with what they say of a browser."""
    session.execute(delete(AccountSession).where(AccountSession.expires_at < before))


# --- what leaves with an account ---------------------------------------------------------------------


def unconfirmed(session: Session, made_before: datetime, most: int) -> list[int]:
    """Find accounts whose address nobody confirmed in time."""
    query = select(Account.id).where(
        Account.confirmed_at.is_(None), Account.deleted_at.is_(None), Account.made_at < made_before
    )
    return list(session.execute(query.order_by(Account.id).limit(most)).scalars())


def forget_belongings(session: Session, account_id: int) -> None:
    """Delete an account's sessions, wish and unfinished drafts, with the keys under which those were sealed."""
    session.execute(delete(AccountSession).where(AccountSession.account_id == account_id))
    session.execute(delete(PlaceWish).where(PlaceWish.account_id == account_id))
    mine = Draft.account_id == account_id
    keys = set(session.execute(select(Draft.personal_key_id).where(mine)).scalars())
    session.execute(delete(Draft).where(mine))
    # A draft that became a reservation may have handed its key on to it.
    kept = select(Reservation.personal_key_id).where(Reservation.personal_key_id.in_(keys))
    personal_keys.shred(session, keys - set(session.execute(kept).scalars()))


def has_accepted(session: Session, version: str) -> bool:
    """Tell whether any account has accepted this version of the terms."""
    found = session.execute(select(Account.id).where(Account.terms_version == version).limit(1)).first()
    return found is not None
