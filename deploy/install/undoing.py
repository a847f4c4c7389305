"""Takes each kind of step back; what was not done or is gone already is no mistake."""

from __future__ import annotations

import os
from pathlib import Path

from deploy.install.machine import HERE, Machine, StepFailed
from deploy.install.plan import SYSTEM_UNITS
from deploy.install.record import Record
from deploy.install.steps import Account, Config, Copy, Data, Enable, Mask, Packages, Programs, Step

UNDONE = (Enable, Mask, Copy, Data, Account, Config, Programs, Packages)
"""The kinds of steps of which there is something to take back."""


def undo(step: Step, machine: Machine, record: Record, *, purge: bool, is_last: bool) -> str:
    """Take a step back and say what of it stays and why; "" when nothing is to be said.

    With `purge` also data, settings (files that the operator changed are such) and account; what roles share
    only with the last of them (`is_last`).
    Raises StepFailed.
    """
    match step:
        case Enable():
            _stop(step, machine)
        case Mask(unit) if unit in record.masked:
            machine.systemctl("unmask", unit)
        case Copy(is_edited=True) if _is_changed(step, machine):
            return _drop(step.target, machine, purge, "settings")
        case Copy():
            machine.remove(step.target)
        case Data(folder):
            return _drop(folder, machine, purge, "data")
        case Account(name):
            return _drop_account(name, machine) if purge else f"account {name} stays, it owns the data"
        case Config(file) if is_last:
            said = _drop(file, machine, purge, "settings")
            _remove_if_empty(machine.place(file.parent))
            return said
        case Programs(target) if is_last:
            if not record.copied:
                return f"{target} stays: it was there before"
            machine.remove(target)
        case Packages() if record.packages and is_last:
            return _leave_packages(record.packages, machine)
    return ""


def _stop(step: Enable, machine: Machine) -> None:
    there = [unit for unit in step.units if machine.place(SYSTEM_UNITS / unit).exists()]
    if there:
        machine.systemctl("disable", *(["--now"] if machine.runs_systemd() else []), *there)


def _is_changed(step: Copy, machine: Machine) -> bool:
    """Whether an operator made something else of a file, as far as can be told."""
    try:
        return machine.place(step.target).read_bytes() != (machine.source / step.source).read_bytes()
    except OSError:
        return True


def _drop(place: Path, machine: Machine, purge: bool, what: str) -> str:
    if not purge and machine.place(place).exists():
        return f"{what} stay in {place}: `--purge` takes them away"
    machine.remove(place)
    return ""


def _drop_account(name: str, machine: Machine) -> str:
    try:
        machine.ids_of(name)
    except StepFailed:
        return ""
    machine.run("userdel", *(() if machine.root == HERE else ("--prefix", str(machine.root))), name)
    return ""


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _leave_packages(names: list[str], machine: Machine) -> str:
    if machine.is_here and "DPKG_MAINTSCRIPT_NAME" not in os.environ:  # apt itself is at work there
        machine.run("apt-mark", "auto", *names)
    return f"{len(names)} Debian packages stay: `apt-get autoremove` takes those away that nothing else needs"
