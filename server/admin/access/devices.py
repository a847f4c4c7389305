"""`admin device`: places for kiosks, boards and counter clients, and their one-time codes."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.admin.failures import OperatorMistake
from server.admin.installation import branch_of, opened
from server.admin.listing import print_columns
from server.services.access import devices
from server.services.office.settings import BranchView
from server.store.tables import Branch, Counter, Device, Hall
from wire.settings import ServerSettings
from wire.vocabulary import DeviceRole


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    device = commands.add_parser("device", help="kiosks, boards and counter clients: add, list, revoke")
    actions = device.add_subparsers(required=True, metavar="add | list | revoke")
    add = actions.add_parser("add", help="make a place for a device and print its one-time code")
    add.add_argument("role", choices=[str(role) for role in DeviceRole])
    add.add_argument("--branch", required=True, metavar="CODE")
    add.add_argument("--hall", required=True, metavar="CODE")
    add.add_argument("--counter", type=int, metavar="N", help="the counter's number, for a counter client")
    add.add_argument("--name", help="what staff call it (default: such as Kiosk A1)")
    add.set_defaults(run=_add)
    actions.add_parser("list", help="all devices and what they last said").set_defaults(run=_list)
    revoke = actions.add_parser("revoke", help="refuse a device from its next request on")
    revoke.add_argument("id", type=int, metavar="ID", help="as `device list` shows it")
    revoke.set_defaults(run=_revoke)


def _add(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    role = DeviceRole(chosen.role)
    if (role is DeviceRole.COUNTER) != (chosen.counter is not None):
        raise OperatorMistake("a counter client needs --counter N; kiosks and boards take none.")
    with opened(settings) as place:
        context = place.context()
        branch = branch_of(context, chosen.branch)
        name = chosen.name or place.store.read(lambda session: _next_name(session, branch, chosen))
        new = devices.NewDevice(role, name, chosen.hall, chosen.counter)
        code = place.write(lambda session: devices.prepare_enrolment(session, context, branch, new))
        until = (context.now + devices.ENROLMENT_LENGTH).astimezone(branch.policy.zone)
    print(f"Enrolment code of {name}, good once, until {until:%Y-%m-%d %H:%M}:")
    print(f"\n    {code}\n")
    print(
        f'On its machine set server_url = "{settings.public_url}" in [{role}] of config.toml, then run once:'
    )
    print(f"\n    ./numerek {role} --enrol {code}")


def _next_name(session: Session, branch: BranchView, chosen: argparse.Namespace) -> str:
    """Name a device by its role and place: Counter 7, or Kiosk A2 for the second one of hall A."""
    if chosen.counter is not None:
        return f"Counter {chosen.counter}"
    hall = branch.halls.get(chosen.hall)
    kin = select(func.count()).where(
        Device.hall_id == (hall.id if hall else None), Device.role == chosen.role
    )
    return f"{chosen.role.capitalize()} {chosen.hall}{session.execute(kin).scalar_one() + 1}"


def _list(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        rows = place.store.read(_rows)
    head = ("id", "name", "role", "branch", "hall", "counter", "state", "last report", "since")
    print_columns(head, rows)


def _rows(session: Session) -> list[tuple[Any, ...]]:
    found = session.execute(
        select(Device, Branch.code, Hall.code, Counter.number)
        .join(Branch, Branch.id == Device.branch_id)
        .join(Hall, Hall.id == Device.hall_id)
        .outerjoin(Counter, Counter.id == Device.counter_id)
        .order_by(Device.id)
    )
    return [
        (device.id, device.name, device.role, branch, hall, counter, _state(device), *_said(device))
        for device, branch, hall, counter in found
    ]


def _state(device: Device) -> str:
    if device.revoked_at is not None:
        return "revoked"
    return "enrolled" if device.token_hash is not None else "waits for its code"


def _said(device: Device) -> tuple[str, str]:
    said = ", ".join(f"{part} {state}" for part, state in sorted(device.status.items()))
    return said, f"{device.status_since:%Y-%m-%d %H:%M}Z" if device.status_since else ""


def _revoke(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        place.write(lambda session: devices.revoke(session, context, chosen.id))
    print(f"numerek: device {chosen.id} is refused from its next request on")
