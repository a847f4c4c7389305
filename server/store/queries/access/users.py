"""People of the staff, their roles, their sessions in browsers and their one-time addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, select, update
from sqlalchemy.orm import Session

from server.domain.access.links import StaffLinkKind
from server.domain.access.roles import Held
from server.store.prepared import Place, Prepared
from server.store.tables import Passkey, StaffLink, StaffSession, User, UserRole, UserService
from wire.vocabulary import Role


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that was not ended, and what of its holder every page needs."""

    session_id: int
    user_id: int
    login: str
    name: str
    language: str
    proof: str | None
    has_second_factor: bool
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KnownUser:
    """What is needed to verify who somebody is."""

    id: int
    password_hash: str | None
    has_totp: bool
    has_passkey: bool


_HAS_PASSKEY = exists().where(Passkey.user_id == User.id)
_HAS_TOTP = User.totp_confirmed_at.is_not(None)
_SESSION = Prepared(
    select(
        StaffSession.id,
        User.id,
        User.login,
        User.name,
        User.language,
        StaffSession.proof,
        _HAS_TOTP | _HAS_PASSKEY,
        StaffSession.seen_at,
        StaffSession.expires_at,
    )
    .join(User, User.id == StaffSession.user_id)
    .where(
        StaffSession.token_hash == bindparam("token"),
        StaffSession.ended_at.is_(None),
        User.disabled_at.is_(None),
    )
)
_ROLES = Prepared(select(UserRole.role, UserRole.branch_id).where(UserRole.user_id == bindparam("user")))


def session_by_token(place: Place, digest: bytes) -> SessionRow | None:
    """Find the session of a token and who holds it."""
    row = _SESSION.first(place, {"token": digest})
    return None if row is None else SessionRow(*row)


def roles_of(place: Place, user_id: int) -> frozenset[Held]:
    """Read the roles of one person."""
    return frozenset(Held(Role(role), branch_id) for role, branch_id in _ROLES.all(place, {"user": user_id}))


def roles_of_all(session: Session) -> Mapping[int, frozenset[Held]]:
    """Read the roles of all people of the staff, by their ids."""
    found: dict[int, set[Held]] = defaultdict(set)
    for user_id, role, branch_id in session.execute(
        select(UserRole.user_id, UserRole.role, UserRole.branch_id)
    ):
        found[user_id].add(Held(Role(role), branch_id))
    return {user_id: frozenset(held) for user_id, held in found.items()}


def skills_of_all(session: Session) -> dict[int, tuple[frozenset[str], frozenset[int]]]:
    """Read what people speak and the ids of the services that they may serve, of whom anything is said."""
    served: dict[int, set[int]] = defaultdict(set)
    for user_id, service_id in session.execute(select(UserService.user_id, UserService.service_id)):
        served[user_id].add(service_id)
    rows = session.execute(select(User.id, User.speaks).where(User.speaks.is_not(None)))
    spoken = {row[0]: row[1] for row in rows}
    return {
        user_id: (frozenset(spoken.get(user_id) or ()), frozenset(served.get(user_id, ())))
        for user_id in {*served, *spoken}
    }


def set_services(session: Session, user_id: int, of: Collection[int], chosen: Collection[int]) -> None:
    """Let somebody serve, of some services, those that are chosen; the others stay as they are."""
    session.execute(delete(UserService).where(UserService.user_id == user_id, UserService.service_id.in_(of)))
    session.add_all(UserService(user_id=user_id, service_id=each) for each in sorted(set(chosen) & set(of)))


def set_roles(session: Session, user_id: int, held: Iterable[Held]) -> None:
    """Let somebody hold these roles and no other."""
    session.execute(delete(UserRole).where(UserRole.user_id == user_id))
    session.add_all(UserRole(user_id=user_id, branch_id=each.branch_id, role=each.role) for each in held)
    session.flush()


def people(session: Session) -> list[User]:
    """List all people of the staff, those who may sign in first."""
    return list(session.execute(select(User).order_by(User.disabled_at.is_not(None), User.login)).scalars())


def with_passkey(session: Session, user_id: int | None = None) -> set[int]:
    """Return the ids of those who have a passkey, of all people or of one."""
    query = select(Passkey.user_id).distinct()
    if user_id is not None:
        query = query.where(Passkey.user_id == user_id)
    return set(session.execute(query).scalars())


def by_login(session: Session, login: str) -> User | None:
    """Find somebody by the login."""
    return session.execute(select(User).where(User.login == login)).scalar_one_or_none()


def to_verify(session: Session, login: str) -> KnownUser | None:
    """Find somebody who may sign in, by the login."""
    row = session.execute(
        select(User.id, User.password_hash, _HAS_TOTP, _HAS_PASSKEY).where(
            User.login == login, User.disabled_at.is_(None)
        )
    ).first()
    return None if row is None else KnownUser(*row)


def lock_administrators(session: Session) -> None:
    """Let nobody else change an administrator of the whole office until this transaction ends (PostgreSQL)."""
    those = select(UserRole.user_id).where(UserRole.role == Role.ADMINISTRATOR, UserRole.branch_id.is_(None))
    session.execute(select(User.id).where(User.id.in_(those)).order_by(User.id).with_for_update()).all()


def others_who_administer(session: Session, but: int) -> int:
    """Count the administrators of the whole office who may sign in, but one."""
    query = (
        select(func.count())
        .select_from(UserRole)
        .join(User, User.id == UserRole.user_id)
        .where(
            UserRole.role == Role.ADMINISTRATOR,
            UserRole.branch_id.is_(None),
            User.disabled_at.is_(None),
            User.password_hash.is_not(None),
            User.id != but,
        )
    )
    return int(session.execute(query).scalar_one())


# --- sessions ----------------------------------------------------------------------------------------


def open_sessions(session: Session, user_id: int, now: datetime) -> list[StaffSession]:
    """List the sessions of somebody that are neither ended nor over, the newest first."""
    query = select(StaffSession).where(
        StaffSession.user_id == user_id, StaffSession.ended_at.is_(None), StaffSession.expires_at > now
    )
    return list(session.execute(query.order_by(StaffSession.id.desc())).scalars())


def end_sessions(session: Session, now: datetime, *, keep: int | None = None, **which: Any) -> int:
    """End the open sessions with these values (`user_id`, `id`, `token_hash`) but one; return how many."""
    query = update(StaffSession).filter_by(**which).where(StaffSession.ended_at.is_(None))
    if keep is not None:
        query = query.where(StaffSession.id != keep)
    return len(session.execute(query.values(ended_at=now).returning(StaffSession.id)).all())


_SEEN = Prepared(
    update(StaffSession)
    .where(StaffSession.token_hash == bindparam("token"), StaffSession.seen_at < bindparam("at"))
    .values(seen_at=bindparam("at"))
)


def note_seen(session: Session, digest: bytes, at: datetime) -> None:
    """Write when a session was last seen; never an earlier instant than is there."""
    _SEEN.run(session, {"token": digest, "at": at})


# --- one-time addresses ------------------------------------------------------------------------------


def link(session: Session, digest: bytes, now: datetime) -> StaffLink | None:
    """Find a one-time address that was not used and is not too old; on PostgreSQL the row is locked."""
    query = select(StaffLink).where(
        StaffLink.token_hash == digest, StaffLink.used_at.is_(None), StaffLink.expires_at > now
    )
    return session.execute(query.with_for_update()).scalar_one_or_none()


def forget_links(session: Session, kind: StaffLinkKind, user_id: int | None) -> None:
    """Make earlier addresses of a kind worthless when a new one is made."""
    session.execute(
        delete(StaffLink).where(
            StaffLink.kind == kind, StaffLink.user_id == user_id, StaffLink.used_at.is_(None)
        )
        if user_id is not None
        else delete(StaffLink).where(StaffLink.kind == kind, StaffLink.used_at.is_(None))
    )


def anybody(session: Session) -> bool:
    """Say whether anybody administers the office, so that no first administrator is to be made any more."""
    query = select(UserRole.id).where(UserRole.role == Role.ADMINISTRATOR, UserRole.branch_id.is_(None))
    return session.execute(query.limit(1)).first() is not None
