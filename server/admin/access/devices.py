"""`admin device`: places for kiosks, boards and counter clients, and their one-time codes."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy.orm import Session

from server.admin.failures import OperatorMistake
from server.admin.installation import branch_of, opened
from server.admin.listing import print_columns
from server.services.access import devices
from server.store.queries.access import devices as rows
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
        made = place.write(
            lambda session: devices.add(
                session, context, branch, role, chosen.hall, chosen.counter, chosen.name
            )
        )
        until = made.until.astimezone(branch.policy.zone)
    print(f"Enrolment code of {made.name}, good once, until {until:%Y-%m-%d %H:%M}:")
    print(f"\n    {made.code}\n")
    print(
        f'On its machine set server_url = "{settings.public_url}" in [{role}] of config.toml, then run once:'
    )
    print(f"\n    ./numerek {role} --enrol {made.code}")


def _list(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        rows = place.store.read(_rows)
    head = ("id", "name", "role", "branch", "hall", "counter", "state", "last report", "since")
    print_columns(head, rows)


def _rows(session: Session) -> list[tuple[Any, ...]]:
    found = sorted(rows.listed(session, None, revoked=True), key=lambda device: device.id)
    return [
        (*(each.id, each.name, each.role, each.branch, each.hall, each.counter), _state(each), *_said(each))
        for each in found
    ]


def _state(device: rows.DeviceShown) -> str:
    if device.is_revoked:
        return "revoked"
    return "enrolled" if device.is_enrolled else "waits for its code"


def _said(device: rows.DeviceShown) -> tuple[str, str]:
    said = ", ".join(f"{part} {state}" for part, state in sorted(device.status.items()))
    return said, f"{device.status_since:%Y-%m-%d %H:%M}Z" if device.status_since else ""


def _revoke(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        context = place.context()
        place.write(lambda session: devices.revoke(session, context, chosen.id))
    print(f"numerek: device {chosen.id} is refused from its next request on")
