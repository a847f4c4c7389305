"""Devices: enrolled by a one-time code, heard about their state, revoked."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.services.access import brake
from server.services.access.offline_letters import give_letter
from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import BranchView
from server.store.facts import NewFact, note
from server.store.keyring import new_token, token_hash
from server.store.queries.access import clerk_sessions
from server.store.queries.access import devices as rows
from server.store.queries.access.principals import DeviceRow, device_by_token
from server.store.store import Store
from server.store.tables import Device, Enrolment
from wire.vocabulary import DeviceRole, FactType

ENROLMENT_LENGTH = timedelta(hours=24)
FINE = frozenset({"ready", "ok", "printing", "paper_low"})
NO_STATES = frozenset({"version", "offline_entries"})
"""What a device says of itself beside how its parts are."""
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
# A television's remote has digits only; they are fewer bits, and open what hangs on the wall anyway.
_BOARD_ALPHABET = "0123456789"
_CLOCK_TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A place for a program: its role, hall and, for a counter client, its counter."""

    role: DeviceRole
    name: str
    hall: str
    counter: int | None = None


@dataclass(frozen=True, slots=True)
class NewCode:
    """A one-time code, told once, and the device that it enrols until an instant."""

    name: str
    role: DeviceRole
    code: str
    until: datetime


def add(
    session: Session,
    context: Context,
    branch: BranchView,
    role: DeviceRole,
    hall: str,
    counter: int | None = None,
    name: str | None = None,
) -> NewCode:
    """Make a device and its code; without a name it is called by its role and place: Kiosk A2, Counter 7.

    Raises RuleBroken 404 for a hall or counter that is not there, 422 for a counter that is missing or too much.
    """
    named = name or _next_name(session, branch, role, hall, counter)
    code = prepare_enrolment(session, context, branch, NewDevice(role, named, hall, counter))
    return NewCode(named, role, code, context.now + ENROLMENT_LENGTH)


def _next_name(session: Session, branch: BranchView, role: DeviceRole, hall: str, counter: int | None) -> str:
    if counter is not None:
        return f"Counter {counter}"
    place = branch.halls.get(hall)
    return f"{role.capitalize()} {hall}{rows.count(session, place.id if place else None, role) + 1}"


def renew_code(session: Session, context: Context, branch_id: int, device_id: int) -> NewCode:
    """Make a new code for a device of the branch: its token of now works until the code is used.

    Raises RuleBroken 404 for another branch's device and for one that was revoked.
    """
    device = _of_branch(session, device_id, branch_id)
    rows.forget_codes(session, device_id)
    code = _new_code(session, context, device)
    return NewCode(device.name, DeviceRole(device.role), code, context.now + ENROLMENT_LENGTH)


def listed(session: Session, branch_id: int | None = None) -> list[rows.DeviceShown]:
    """List the devices of a branch (of all, without one) that were not revoked, by hall and name."""
    return sorted(rows.listed(session, branch_id), key=_in_the_hall)


def _in_the_hall(device: rows.DeviceShown) -> tuple[str, str, str, str, list[int]]:
    """Order by hall and name, so that 2 stands before 10."""
    letters = re.sub(r"[0-9]+", "", device.name)
    numbers = [int(each) for each in re.findall(r"[0-9]+", device.name)]
    return device.branch, device.hall, device.role, letters, numbers


def prepare_enrolment(session: Session, context: Context, branch: BranchView, new: NewDevice) -> str:
    """Make a device and the one-time code that enrols it; the code is told once. Raises RuleBroken."""
    hall = branch.halls.get(new.hall)
    if hall is None:
        raise not_found("hall")
    if (new.role is DeviceRole.COUNTER) != (new.counter is not None):
        raise RuleBroken(422, "counter_missing" if new.counter is None else "counter_not_expected")
    counter = branch.counters.get(new.counter) if new.counter is not None else None
    if new.counter is not None and counter is None:
        raise not_found("counter")
    device = Device(
        branch_id=branch.id,
        hall_id=hall.id,
        counter_id=counter.id if counter else None,
        role=new.role,
        name=new.name,
        status={},
    )
    session.add(device)
    session.flush()
    return _new_code(session, context, device)


def _new_code(session: Session, context: Context, device: Device) -> str:
    alphabet = _BOARD_ALPHABET if device.role == DeviceRole.BOARD else _ALPHABET
    code = "".join(secrets.choice(alphabet) for _ in range(12))
    session.add(
        Enrolment(
            device_id=device.id,
            code_hash=context.keys.lookup("enrolment", code),
            expires_at=context.now + ENROLMENT_LENGTH,
        )
    )
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def try_code(store: Store, context: Context, source: str) -> None:
    """Count a try of an enrolment code from an address; others' tries are their own (ASVS 2.4.1).

    Raises RuleBroken 429 `slow_down` while this address has to wait.
    """
    slowed = store.write(lambda session: brake.admit(session, context, _tries_of(source)))
    if slowed is not None:
        raise slowed


def _tries_of(source: str) -> str:
    return f"enrolment:{brake.counted_source(source)}"


def enrol(
    session: Session, context: Context, code: str, source: str, role: DeviceRole | None = None
) -> tuple[DeviceRow, str] | None:
    """Turn a one-time code into a device and its token; None for a code that is unknown, used or too old.

    A right code forgets the wrong ones that came from the address `source` before (try_code).
    With a role, the code of a device of another role is as good as unknown, and stays good for that device.
    """
    digests = context.keys.lookups("enrolment", code.replace("-", "").replace(" ", "").upper())
    enrolment = rows.enrolment(session, digests, context.now)
    if enrolment is None or role not in (None, session.get_one(Device, enrolment.device_id).role):
        return None
    enrolment.used_at = context.now
    brake.forgive(session, context, _tries_of(source))
    token = give_token(session, context, enrolment.device_id)
    _give_letter(session, context, session.get_one(Device, enrolment.device_id))
    row = device_by_token(session, token_hash(token))
    if row is None:
        return None
    data = {"device": row.id, "role": row.role, "hall": row.hall}
    note(session, NewFact(FactType.DEVICE_ENROLLED, context.now, row.branch_id, data))
    return row, token


def _give_letter(session: Session, context: Context, device: Device) -> None:
    if device.role == DeviceRole.KIOSK and device.offline_letter is None:
        give_letter(session, context, device.branch_id, device.id)


def give_token(session: Session, context: Context, device_id: int) -> str:
    """Give a device a new bearer token; the one before is no longer good."""
    token = new_token("nd")
    device = session.get_one(Device, device_id)
    device.token_hash, device.enrolled_at = token_hash(token), context.now
    session.flush()
    return token


def _of_branch(session: Session, device_id: int, branch_id: int | None) -> Device:
    device = session.get(Device, device_id)
    if device is None or device.revoked_at is not None or branch_id not in (None, device.branch_id):
        raise not_found("device")
    return device


def revoke(session: Session, context: Context, device_id: int, branch_id: int | None = None) -> None:
    """Refuse a device from its next request on, and the clerk's session on it.

    Raises RuleBroken 404, with a branch also for another branch's.
    """
    device = _of_branch(session, device_id, branch_id)
    rows.forget_codes(session, device_id)
    device.revoked_at, device.token_hash = context.now, None
    clerk_sessions.end(session, context.now, device_id=device_id)
    note(session, NewFact(FactType.DEVICE_REVOKED, context.now, device.branch_id, {"device": device_id}))


def ask_to_restart(session: Session, context: Context, device_id: int, branch_id: int, by: int) -> None:
    """Let a program start again as soon as it looks and nobody stands before it.

    `by` is the colleague's id. Raises RuleBroken 404 for another branch's device and for one that was revoked.
    """
    device = _of_branch(session, device_id, branch_id)
    device.restarts_asked += 1
    data = {"device": device_id, "by": by}
    note(session, NewFact(FactType.DEVICE_RESTART_ASKED, context.now, branch_id, data))


def report_status(session: Session, context: Context, device: DeviceRow, status: dict[str, Any]) -> None:
    """Keep what a device says of itself; a change of state becomes a fact, so that staff see it at once.

    A kiosk that has no letter for its own numbers yet is given one.
    """
    row = session.get_one(Device, device.id, with_for_update=True)
    row.seen_at = context.now
    _give_letter(session, context, row)
    kept = dict(row.status)
    if "printer" in status:
        # A whole report of the paper: what is not told of is no longer there.
        for part in ("roll", "second_printer", "second_roll"):
            kept.pop(part, None)
    said = kept | status
    if said == row.status:
        return
    changed = {part: state for part, state in status.items() if row.status.get(part) != state}
    row.status = said
    row.status_since = context.now
    data = {"device": device.id, "hall": device.hall, "role": device.role} | changed
    note(session, NewFact(FactType.DEVICE_REPORTED, context.now, device.branch_id, data))


def keep_supplies(session: Session, device_id: int, printers: list[dict[str, Any]]) -> None:
    """Keep what a device's printers have left; that changes with each slip and is no fact."""
    row = session.get_one(Device, device_id, with_for_update=True)
    if row.supplies.get("printers") != printers:
        row.supplies = dict(row.supplies) | {"printers": printers}


def tell_new_roll(session: Session, device_id: int, branch_id: int, place: int) -> None:
    """Let a kiosk reckon with a new roll in its first printer (`place` 0) or second (1).

    Raises RuleBroken 404 for another branch's device, for one that was revoked and for a printer that it has not.
    """
    row = _of_branch(session, device_id, branch_id)
    if not 0 <= place < len(row.supplies.get("printers", ())):
        raise not_found("printer")
    counts = [*row.supplies.get("new_rolls", ()), 0, 0][:2]
    counts[place] += 1
    row.supplies = dict(row.supplies) | {"new_rolls": counts}


def status_words(context: Context, said: dict[str, Any]) -> dict[str, Any]:
    """Turn a device's report into what is kept: its clock only as right or wrong, since it always moves."""
    kept = {part: state for part, state in said.items() if state is not None and part != "clock"}
    if (clock := said.get("clock")) is not None:
        kept["clock"] = "ok" if abs(clock - context.now) <= _CLOCK_TOLERANCE else "wrong"
    return kept
