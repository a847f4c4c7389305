"""Does each kind of step; a second time it finds it done."""

from __future__ import annotations

import contextlib
import os
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from deploy.install.config_lines import with_values
from deploy.install.machine import Machine, StepFailed
from deploy.install.plan import CONFIG, PROGRAMS, SYSTEM_UNITS
from deploy.install.record import Record
from deploy.install.steps import (
    Account,
    Answers,
    Command,
    Config,
    Copy,
    Data,
    Enable,
    Mask,
    Packages,
    Programs,
    SetUp,
    Step,
    Stop,
)

# What runs the programs: neither tests nor data of whoever tried them in their folder.
PARTS = (
    *("server", "kiosk", "display_board", "counter_client", "terminal", "printers", "wire", "deploy", "docs"),
    *("numerek", "config.toml", "pyproject.toml", "README.md", "CHANGELOG.md"),
)
LISTS = Path("deploy/requirements")
ANSWER_SECONDS = 15.0
LEFT = "left: it needs the machine itself"


def do(step: Step, machine: Machine, record: Record) -> str:
    """Do a step and note in the record what was not there before; return what there is to add to its name.

    Raises StepFailed.
    """
    match step:
        case Packages() | Answers() | SetUp() | Command() if not machine.is_here:
            return LEFT
        case Packages():
            return _install(missing(step, machine), machine, record)
        case Answers():
            return _ask(step.url)
        case Stop():
            _stop(step, machine)
        case Programs():
            return _copy_programs(step, machine, record)
        case SetUp():
            machine.run(str(step.target / "numerek"), "setup", shown=True)
            # The program's account may not write there: what Python keeps of the modules is made now.
            machine.run(
                str(step.target / ".venv/bin/python"), "-m", "compileall", "-q", *PARTS[:7], cwd=step.target
            )
        case Account():
            _make_account(step, machine)
        case Data():
            machine.give(step.folder, step.owner)
        case Config():
            _write_config(step, machine)
        case Command():
            return _run(step, machine)
        case Copy():
            return _put(step, machine)
        case Mask():
            return _mask(step, machine, record)
        case Enable():
            return _enable(step, machine)
    return ""


def missing(step: Packages, machine: Machine) -> list[str]:
    """List the packages that are not installed. Raises StepFailed where there is no dpkg."""
    lines = [line for name in step.lists for line in (machine.source / LISTS / name).read_text().splitlines()]
    wanted = {name for line in lines if (name := line.partition("#")[0].strip())}
    shown = machine.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Provides}\n")
    there = (line.split() for line in shown.splitlines() if line.startswith("installed "))
    return sorted(wanted - {word.rstrip(",") for words in there for word in words})


def is_enabled(unit: str, machine: Machine) -> bool:
    """Say whether a unit starts with the machine; one whose file was lost does, too."""
    wants = machine.place(SYSTEM_UNITS).glob("*.wants")
    return any(os.path.lexists(folder / unit) for folder in wants)


def _install(names: list[str], machine: Machine, record: Record) -> str:
    if not names:
        return "all there"
    record.packages = sorted({*record.packages, *names})
    get = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600")
    with contextlib.suppress(StepFailed):  # without a network they may still lie in apt's own store
        machine.run(*get, "update")
    machine.run(*get, "-y", "install", "--no-install-recommends", *names)
    return f"{len(names)} installed"


def _ask(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS):
            pass
    except urllib.error.HTTPError:
        pass  # it answers
    except (OSError, ValueError) as error:
        raise StepFailed(f"{url} does not answer: {getattr(error, 'reason', error)}") from None
    return ""


def _put(step: Copy, machine: Machine) -> str:
    if step.is_edited and machine.place(step.target).exists():
        return "yours is kept"
    source = machine.source / step.source
    try:
        text = source.read_bytes()
    except OSError as error:
        raise StepFailed(f"{source}: {error.strerror}") from None
    machine.put(text, step.target)
    return ""


def _stop(step: Stop, machine: Machine) -> None:
    if machine.runs_systemd():
        there = [unit for unit in step.units if machine.place(SYSTEM_UNITS / unit).exists()]
        if there:
            machine.systemctl("stop", *there)


def _copy_programs(step: Programs, machine: Machine, record: Record) -> str:
    target = machine.place(step.target)
    if target.resolve() == machine.source:
        return "they are there already"
    record.copied = True
    parts = [part for part in PARTS if (machine.source / part).exists()]
    environment = machine.source / ".venv"
    if environment.is_dir() and not environment.is_symlink() and not (target / ".venv").exists():
        parts.append(".venv")
    fresh = target / ".new"
    try:
        target.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        for part in parts:
            _copy(machine.source / part, fresh / part)
        for part in parts:
            _remove(target / part)
            (fresh / part).rename(target / part)
        fresh.rmdir()
    except OSError as error:
        raise StepFailed(f"{error.filename or target}: {error.strerror or error}") from None
    return ""


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a folder so that every account reads it, whatever the rights of the source are."""
    if source.is_dir():
        left_out = shutil.ignore_patterns("__pycache__") if source.name != ".venv" else None
        shutil.copytree(source, target, symlinks=True, ignore=left_out)
    else:
        shutil.copy2(source, target)
    for file in (target, *target.rglob("*")):
        if not file.is_symlink():
            mode = file.stat().st_mode & 0o777
            file.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _make_account(step: Account, machine: Machine) -> None:
    where = () if machine.is_here else (f"--root={machine.root}",)
    line = f'u {step.name} - "Numerek" {step.home}'
    machine.run("systemd-sysusers", *where, "--inline", line)


def _write_config(step: Config, machine: Machine) -> None:
    file = machine.place(step.file)
    try:
        text = (file if file.exists() else machine.source / "config.toml").read_text("utf-8")
    except OSError as error:
        raise StepFailed(f"{error.filename}: {error.strerror}") from None
    machine.put(with_values(text, step.values).encode(), step.file)


def _run(step: Command, machine: Machine) -> str:
    if step.made is not None and step.made.exists():
        return f"not again: there is {step.made}"
    try:
        machine.as_account(step.account, CONFIG, PROGRAMS, step.words, shown=True)
    except StepFailed as failed:
        if step.is_needed:
            raise
        return str(failed)
    return ""


def _mask(step: Mask, machine: Machine, record: Record) -> str:
    link = machine.place(SYSTEM_UNITS / step.unit)
    if link.is_symlink() and str(link.readlink()) == "/dev/null":
        return "already"
    machine.systemctl("mask", step.unit)
    record.masked = sorted({*record.masked, step.unit})
    return ""


def _enable(step: Enable, machine: Machine) -> str:
    machine.systemctl("enable", *step.units)
    if not machine.runs_systemd():
        return "started with the machine"
    machine.systemctl("daemon-reload")
    machine.systemctl("restart", *step.units)
    return "started"
