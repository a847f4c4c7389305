"""`numerek install ROLE --server URL [--enrol CODE]`, `renew ROLE` and `uninstall ROLE [--purge]`."""

from __future__ import annotations

import argparse
import os
import pwd
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from deploy.install import record as records
from deploy.install.doing import do, is_enabled
from deploy.install.machine import HERE, Machine, StepFailed
from deploy.install.plan import ROLES, Order, next_steps, plan, units_of
from deploy.install.record import Record
from deploy.install.steps import Command, Config, Enable, Packages, Step
from deploy.install.undoing import UNDONE, undo

SOURCE = Path(__file__).resolve().parents[2]


def main(argv: Sequence[str] | None = None) -> int:
    """Do what is asked; return 0, 1 with a sentence that names the place, or 2 for a wrong command."""
    chosen = _parser().parse_args(argv)
    os.umask(0o022)  # accounts of programs read what is put here
    root: Path = chosen.root.resolve()
    if root == HERE and os.geteuid() != 0 and not chosen.dry_run:
        return _fail(f"{chosen.command} changes the whole machine, which only root may: sudo ./numerek …")
    machine = Machine(root, SOURCE)
    return {"install": _install, "renew": _renew, "uninstall": _uninstall}[chosen.command](chosen, machine)


def _install(chosen: argparse.Namespace, machine: Machine) -> int:
    order = _order(chosen)
    if order.role == "counter" and not _is_account(order.clerk, machine):
        return _fail("whose desk is it? Name the clerk's account: --user NAME")
    steps = plan(order, packaged=machine.is_packaged)
    if chosen.dry_run:
        return _tell(steps)
    kept = records.read(machine.root, order.role) or Record(order.role, order.server_url)
    kept.server_url, kept.clerk = order.server_url, order.clerk
    kept.office = str(order.office) if order.office else kept.office
    if failed := _carry_out(steps, machine, kept):
        return failed
    for left in next_steps(order):
        _say(f"next: {left}")
    return 0


def _renew(chosen: argparse.Namespace, machine: Machine) -> int:
    """Bring units and files of a role to the version that is there now, and start it again."""
    kept = records.read(machine.root, chosen.role)
    if kept is None:
        return _none(chosen.role)
    # The file of the office was read once; settings, key, database and token are there, and the operator's by
    # now; apt may be at work itself.
    steps = plan(replace(kept.order(), office=None), packaged=machine.is_packaged)
    steps = tuple(step for step in steps if not isinstance(step, Packages | Command | Config | Enable))
    if units := tuple(unit for unit in units_of(kept.role) if is_enabled(unit, machine)):
        steps += (Enable(units),)
    return _tell(steps) if chosen.dry_run else _carry_out(steps, machine, kept)


def _carry_out(steps: Sequence[Step], machine: Machine, kept: Record) -> int:
    for number, step in enumerate(steps):
        _say(f"{number + 1}/{len(steps)} {step}")
        try:
            records.write(machine.root, kept)
            added = do(step, machine, kept)
            records.write(machine.root, kept)
        except (StepFailed, OSError) as failed:
            done = "; ".join(str(each) for each in steps[:number]) or "nothing"
            return _fail(
                f"{step}: {failed}\nDone before: {done}.\nThe same command goes on from here once it is mended; "
                f"`numerek uninstall {kept.role}` takes back what is done."
            )
        if added:
            _say(f"    {added}")
    return 0


def _tell(steps: Sequence[Step]) -> int:
    print("\n".join(f"{number:2}. {step}" for number, step in enumerate(steps, 1)))
    return 0


def _uninstall(chosen: argparse.Namespace, machine: Machine) -> int:
    kept = records.read(machine.root, chosen.role)
    if kept is None:
        return _none(chosen.role)
    is_last = not records.others(machine.root, chosen.role)
    planned = plan(kept.order(), packaged=machine.is_packaged)
    steps = [step for step in reversed(planned) if isinstance(step, UNDONE)]
    for step in steps:
        if chosen.dry_run:
            print(f"back: {step}")
            continue
        try:
            said = undo(step, machine, kept, purge=chosen.purge, is_last=is_last)
        except (StepFailed, OSError) as failed:
            return _fail(f"back: {step}: {failed}\nThe same command goes on once that is mended.")
        _say(f"back: {step}" + (f"\n    {said}" if said else ""))
    if not chosen.dry_run:
        records.forget(machine.root, chosen.role)
        if machine.runs_systemd():
            machine.systemctl("daemon-reload")
    return 0


def _order(chosen: argparse.Namespace) -> Order:
    clerk = (chosen.user or os.environ.get("SUDO_USER", "")) if chosen.role == "counter" else ""
    office = chosen.office.resolve() if chosen.office else None
    return Order(chosen.role, chosen.server.rstrip("/"), chosen.enrol, clerk, office)


def _is_account(name: str, machine: Machine) -> bool:
    try:
        return bool(pwd.getpwnam(name) if machine.is_here else machine.ids_of(name))
    except (KeyError, StepFailed):
        return False


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError(f"{text!r} is no address such as https://numerek.example.org")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="numerek", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    install = commands.add_parser("install", help="make this machine a server, a kiosk, a board or a counter")
    install.add_argument("role", choices=ROLES)
    install.add_argument(
        "--server", required=True, type=_web_address, metavar="URL", help="the server's public address"
    )
    install.add_argument("--enrol", metavar="CODE", help="the one-time code of the page Devices")
    install.add_argument("--user", metavar="NAME", help="counter: the clerk's account, else who called sudo")
    install.add_argument("--office", type=Path, metavar="FILE", help="server: the office (docs/office.md)")
    uninstall = commands.add_parser("uninstall", help="take back what install did; data and settings stay")
    uninstall.add_argument("role", choices=ROLES)
    uninstall.add_argument("--purge", action="store_true", help="data, settings, key and account too")
    renew = commands.add_parser("renew", help="what is installed here, in the version of these programs")
    renew.add_argument("role", choices=ROLES)
    for command in (install, renew, uninstall):
        command.add_argument("--dry-run", action="store_true", help="only list the steps")
        command.add_argument(
            "--root", type=Path, default=HERE, metavar="DIR", help="a system in a folder, for trials"
        )
    return parser


def _say(text: str) -> None:
    print(f"numerek: {text}", file=sys.stderr, flush=True)


def _none(role: str) -> int:
    return _fail(f"there is no {role} here that this command installed")


def _fail(text: str) -> int:
    _say(text)
    return 1


if __name__ == "__main__":
    sys.exit(main())
