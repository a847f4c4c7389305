"""The one-time code that opens the staff's menu of a kiosk: by time, over a secret that the kiosk keeps too."""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp
from sqlalchemy.orm import Session

from server.services.context import Context, not_found
from server.store.facts import NewFact, note
from server.store.queries.access.principals import DeviceRow, device_by_id
from wire.staff_code import STEP_SECONDS
from wire.vocabulary import DeviceRole, FactType


@dataclass(frozen=True, slots=True)
class StaffCode:
    """The code of a kiosk at this moment; it counts until an instant, unless it was used."""

    device: str
    code: str
    until: datetime


def secret_of(context: Context, device: DeviceRow) -> str | None:
    """Return the secret of a kiosk in base32, another one after each enrolment; None for other devices."""
    if device.role != DeviceRole.KIOSK:
        return None
    # The key of the day: a kiosk that was not asked since the change has the same as the page.
    began_at = context.branch(device.branch_id).policy.business_day_began_at(context.now)
    enrolled = device.enrolled_at.astimezone(UTC).isoformat() if device.enrolled_at else ""
    secret = context.keys.derived_at(f"staff menu of kiosk {device.id}, {enrolled}", began_at)
    return b32encode(secret[:20]).decode()


def code_of(session: Session, context: Context, branch_id: int, device_id: int) -> StaffCode:
    """Return the code of this moment. Raises RuleBroken 404 for all but a kiosk of the branch."""
    device = device_by_id(session, device_id)
    secret = secret_of(context, device) if device and device.branch_id == branch_id else None
    if device is None or secret is None:
        raise not_found("device")
    step = int(context.now.timestamp()) // STEP_SECONDS
    until = datetime.fromtimestamp((step + 2) * STEP_SECONDS, UTC)
    return StaffCode(device.name, pyotp.TOTP(secret, interval=STEP_SECONDS).at(context.now), until)


def opened(session: Session, context: Context, device: DeviceRow, at: datetime) -> None:
    """Note that staff opened the menu of a kiosk, which may have been a while ago."""
    data = {"device": device.id, "hall": device.hall, "role": device.role, "staff_menu": at.isoformat()}
    note(session, NewFact(FactType.DEVICE_REPORTED, context.now, device.branch_id, data))
