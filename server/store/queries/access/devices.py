"""Devices as they come and go: which there are, and the one-time code that enrols one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.store.tables import Branch, Counter, Device, Enrolment, Hall


@dataclass(frozen=True, slots=True)
class DeviceShown:
    """A device as those see it who set the office up."""

    id: int
    name: str
    role: str
    branch: str
    hall: str
    counter: int | None
    is_enrolled: bool
    is_revoked: bool
    status: dict[str, Any]
    status_since: datetime | None
    seen_at: datetime | None
    supplies: dict[str, Any] = field(default_factory=dict)


def listed(session: Session, branch_id: int | None, *, revoked: bool = False) -> list[DeviceShown]:
    """List the devices of a branch, or of all; those that were revoked only when asked for."""
    query = (
        select(
            Device.id,
            Device.name,
            Device.role,
            Branch.code,
            Hall.code,
            Counter.number,
            Device.token_hash.is_not(None),
            Device.revoked_at.is_not(None),
            Device.status,
            Device.status_since,
            Device.seen_at,
            Device.supplies,
        )
        .join(Branch, Branch.id == Device.branch_id)
        .join(Hall, Hall.id == Device.hall_id)
        .outerjoin(Counter, Counter.id == Device.counter_id)
        .order_by(Branch.code, Hall.code, Device.role, Device.name)
    )
    if branch_id is not None:
        query = query.where(Device.branch_id == branch_id)
    if not revoked:
        query = query.where(Device.revoked_at.is_(None))
    return [DeviceShown(*row) for row in session.execute(query)]


def count(session: Session, hall_id: int | None, role: str) -> int:
    """Count the devices of a role that a hall has had."""
    query = select(func.count()).where(Device.hall_id == hall_id, Device.role == role)
    return int(session.execute(query).scalar_one())


def forget_codes(session: Session, device_id: int) -> None:
    """Make the codes of a device worthless that nobody used."""
    session.execute(delete(Enrolment).where(Enrolment.device_id == device_id, Enrolment.used_at.is_(None)))


def enrolment(session: Session, hashes: Collection[bytes], now: datetime) -> Enrolment | None:
    """Read and lock the enrolment of a code that is neither used nor too old."""
    return session.execute(
        select(Enrolment)
        .where(Enrolment.code_hash.in_(hashes), Enrolment.used_at.is_(None), Enrolment.expires_at > now)
        .with_for_update()
    ).scalar_one_or_none()
