"""Who may speak: devices, clerks' sessions and integrators, found by the hash of their token."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select, union_all, update
from sqlalchemy.orm import Session

from server.domain.access.roles import Permission, roles_with
from server.store.prepared import Place, Prepared
from server.store.tables import (
    Branch,
    ClerkSession,
    Counter,
    Device,
    Hall,
    Integrator,
    StaffSession,
    User,
    UserRole,
)
from wire.vocabulary import Role


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """An enrolled device and its place."""

    id: int
    name: str
    role: str
    branch_id: int
    branch: str
    hall_id: int
    hall: str
    counter_id: int | None
    counter: int | None
    status: dict[str, Any]
    status_since: datetime | None
    seen_at: datetime | None = None
    restarts_asked: int = 0
    enrolled_at: datetime | None = None
    supplies: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClerkRow:
    """A signed-in clerk at a counter."""

    session_id: int
    clerk_id: int
    login: str
    name: str
    is_supervisor: bool
    device: DeviceRow


@dataclass(frozen=True, slots=True)
class IntegratorRow:
    """A program of others; without a branch it comes in everywhere."""

    id: int
    name: str
    scopes: tuple[str, ...]
    branch_id: int | None
    seen_at: datetime | None


_DEVICE_COLUMNS = (
    Device.id,
    Device.name,
    Device.role,
    Device.branch_id,
    Branch.code,
    Device.hall_id,
    Hall.code,
    Device.counter_id,
    Counter.number,
    Device.status,
    Device.status_since,
    Device.seen_at,
    Device.restarts_asked,
    Device.enrolled_at,
    Device.supplies,
)


def _devices(*more: Any) -> Select[Any]:
    return (
        select(*more, *_DEVICE_COLUMNS)
        .select_from(Device)
        .join(Branch, Branch.id == Device.branch_id)
        .join(Hall, Hall.id == Device.hall_id)
        .outerjoin(Counter, Counter.id == Device.counter_id)
        .where(Device.revoked_at.is_(None))
    )


_BY_TOKEN = Prepared(_devices().where(Device.token_hash == bindparam("token")))
_STEERS = exists().where(
    UserRole.user_id == User.id,
    UserRole.role == Role.SUPERVISOR,
    or_(UserRole.branch_id == Device.branch_id, UserRole.branch_id.is_(None)),
)
_SERVES = exists().where(
    UserRole.user_id == User.id,
    # A prepared statement has a fixed number of values.
    or_(*(UserRole.role == role for role in roles_with(Permission.SERVE))),
    or_(UserRole.branch_id == Device.branch_id, UserRole.branch_id.is_(None)),
)
_CLERK = Prepared(
    _devices(ClerkSession.id, User.id, User.login, User.name, _STEERS)
    .join(ClerkSession, ClerkSession.device_id == Device.id)
    .join(User, User.id == ClerkSession.clerk_id)
    .where(
        ClerkSession.token_hash == bindparam("token"),
        ClerkSession.ended_at.is_(None),
        ClerkSession.expires_at > bindparam("now"),
        User.disabled_at.is_(None),
        _SERVES,
    )
)


_INTEGRATOR = Prepared(
    select(Integrator.id, Integrator.name, Integrator.scopes, Integrator.branch_id, Integrator.seen_at).where(
        Integrator.token_hash == bindparam("token"),
        Integrator.revoked_at.is_(None),
        or_(Integrator.expires_at.is_(None), Integrator.expires_at > bindparam("now")),
    )
)


def device_by_token(place: Place, token_hash: bytes) -> DeviceRow | None:
    """Find the device that a token belongs to, unless it was revoked."""
    row = _BY_TOKEN.first(place, {"token": token_hash})
    return DeviceRow(*row) if row else None


def device_by_id(session: Session, device_id: int) -> DeviceRow | None:
    """Find an enrolled device, unless it was revoked."""
    row = session.execute(_devices().where(Device.id == device_id)).first()
    return DeviceRow(*row) if row else None


def clerk_by_token(place: Place, token_hash: bytes, now: datetime) -> ClerkRow | None:
    """Find the clerk of a session that is neither ended nor expired, who may still serve at a device's branch."""
    row = _CLERK.first(place, {"token": token_hash, "now": now})
    return ClerkRow(row[0], row[1], row[2], row[3], row[4], DeviceRow(*row[5:])) if row else None


def listeners(
    session: Session, hashes: Collection[bytes], now: datetime
) -> Mapping[bytes, frozenset[int | None]]:
    """Tell in one statement where the tokens of devices, clerks and the staff's browsers may listen.

    Each has the branches whose events it may hear, None for all; a token that is no longer good is left out.
    """
    asked = list(hashes)
    devices = select(Device.token_hash, Device.branch_id).where(
        Device.token_hash.in_(asked), Device.revoked_at.is_(None)
    )
    clerks = (
        select(ClerkSession.token_hash, Device.branch_id)
        .join(Device, Device.id == ClerkSession.device_id)
        .join(User, User.id == ClerkSession.clerk_id)
        .where(
            ClerkSession.token_hash.in_(asked),
            ClerkSession.ended_at.is_(None),
            ClerkSession.expires_at > now,
            User.disabled_at.is_(None),
            Device.revoked_at.is_(None),
            _SERVES,
        )
    )
    browsers = (
        select(StaffSession.token_hash, UserRole.branch_id)
        .join(User, User.id == StaffSession.user_id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            StaffSession.token_hash.in_(asked),
            StaffSession.ended_at.is_(None),
            StaffSession.expires_at > now,
            User.disabled_at.is_(None),
            UserRole.role.in_(roles_with(Permission.SEE_HALL)),
        )
    )
    found: dict[bytes, set[int | None]] = defaultdict(set)
    told: Any = session.execute(union_all(devices, clerks, browsers))
    for token, branch_id in told:
        found[token].add(branch_id)
    return {token: frozenset(branch_ids) for token, branch_ids in found.items()}


def note_seen(session: Session, hashes: Collection[bytes], now: datetime) -> None:
    """Keep that the devices with these tokens are there."""
    session.execute(
        update(Device)
        .where(Device.token_hash.in_(list(hashes)))
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


def integrator_by_token(place: Place, token_hash: bytes, now: datetime) -> IntegratorRow | None:
    """Find the integrator that a token belongs to, unless it was revoked or its time is over."""
    row = _INTEGRATOR.first(place, {"token": token_hash, "now": now})
    return IntegratorRow(row[0], row[1], tuple(row[2]), row[3], row[4]) if row else None


def devices_of(session: Session, *branch_ids: int) -> list[DeviceRow]:
    """List the enrolled devices of some branches."""
    wanted = _devices().where(Device.branch_id.in_(branch_ids), Device.token_hash.is_not(None))
    return [DeviceRow(*row) for row in session.execute(wanted)]


_TRIES = Prepared(
    select(Device.wrong_tries, Device.paused_until).where(Device.id == bindparam("row")).with_for_update()
)


def wrong_tries(session: Session, device_id: int) -> tuple[int, datetime | None]:
    """Read (and on PostgreSQL lock) a device's wrong codes and until when it pauses."""
    row = _TRIES.first(session, {"row": device_id})
    return (0, None) if row is None else (row[0], row[1])


def set_wrong_tries(session: Session, device_id: int, count: int, paused_until: datetime | None) -> None:
    """Keep a device's wrong codes."""
    session.execute(
        update(Device)
        .where(Device.id == device_id)
        .values(wrong_tries=count, paused_until=paused_until)
        .execution_options(synchronize_session=False)
    )
