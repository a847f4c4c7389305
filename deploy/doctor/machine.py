"""Checks the machine: Python, libraries, Debian's packages, typefaces, screen, clock."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from deploy.doctor.finding import Finding, broken, note, ok
from deploy.web.assemble import FILES

ROOT = Path(__file__).resolve().parents[2]
LISTS = ROOT / "deploy" / "requirements"
TYPEFACES = {"Inter": "fonts-inter", "Noto Sans": "fonts-noto-core", "Noto Sans Georgian": "fonts-noto-core"}


def look_at_python() -> Finding:
    """Check the version that the programs run on."""
    name = "Python " + ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info < (3, 14):
        return ok(name)
    return broken(
        f"{name} does not fit: 3.11, 3.12 or 3.13 is needed", "apt-get install python3 python3-venv"
    )


def look_at_libraries() -> Finding:
    """Compare the installed Python libraries with the pinned ones."""
    if sys.prefix == sys.base_prefix:
        return broken("the programs are not set up yet: there is no .venv", "./numerek setup")
    pinned = re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", (LISTS / "requirements.txt").read_text())
    wrong = [name for name, wanted in pinned if _installed(name) != wanted]
    if wrong:
        return broken(
            f"Python libraries missing or of another version: {', '.join(wrong)}", "./numerek setup"
        )
    return ok(f"{len(pinned)} Python libraries")


def look_at_web_assets(site: Path) -> Finding:
    """Check that the set-up fetched the stylesheets and scripts of the pages."""
    missing = [name for name in FILES if not (site / name).is_file()]
    if missing:
        return broken(
            f"stylesheets and scripts of the pages missing: {', '.join(missing)}", "./numerek setup"
        )
    return ok("stylesheets and scripts of the pages")


def look_at_packages() -> Finding:
    """Ask dpkg for the Debian packages of apt.txt."""
    lines = (LISTS / "apt.txt").read_text().splitlines()
    wanted = [name for line in lines if (name := line.partition("#")[0].strip())]
    if shutil.which("dpkg-query") is None:
        return note("this is not Debian: whether the system's packages are there cannot be told")
    # All of them: asked by name, dpkg does not tell of one that another provides.
    listed = told("dpkg-query", "-W", "-f=${db:Status-Status} ${Package} ${Provides}\n")
    there = {
        word.rstrip(",")
        for line in listed.splitlines()
        if line.startswith("installed ")
        for word in line.split()
    }
    missing = [name for name in wanted if name not in there]
    if missing:
        return broken(
            f"Debian packages missing: {' '.join(missing)}", f"as root: apt-get install {' '.join(missing)}"
        )
    return ok(f"{len(wanted)} Debian packages")


def look_at_typefaces() -> Iterator[Finding]:
    """Ask fontconfig for the typefaces of the screens and slips."""
    if shutil.which("fc-list") is None:
        yield broken("fc-list is missing: typefaces cannot be found", "as root: apt-get install fontconfig")
        return
    families = {
        name.strip() for line in told("fc-list", ":", "family").splitlines() for name in line.split(",")
    }
    for name, package in TYPEFACES.items():
        if name not in families:
            yield broken(f"typeface {name} is missing", f"as root: apt-get install {package}")
            return
    yield ok("typefaces")


def look_at_screen(environ: Mapping[str, str]) -> Finding:
    """Say whether there is a display for the three windows."""
    if environ.get("WAYLAND_DISPLAY") or environ.get("DISPLAY"):
        return ok("a display for the windows")
    return note(
        "no display here: the server runs, the demo runs offscreen; kiosk, board and counter need a screen",
        "start them from a graphical session, or install deploy/systemd/numerek-kiosk.service",
    )


def look_at_clock() -> Finding:
    """Ask systemd whether the clock is kept right: a kiosk shows the server's time, the server this one's."""
    if shutil.which("timedatectl") is None:
        return note("whether the clock is kept right cannot be told here (no timedatectl)")
    if told("timedatectl", "show", "--property=NTPSynchronized", "--value").strip() == "yes":
        return ok("the clock is kept right")
    return note("the clock is not kept right by a time server", "as root: apt-get install systemd-timesyncd")


def look_at_disk(folder: Path) -> Finding:
    """Check that there is room and the right to write where the data is kept."""
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free
    if not os.access(place, os.W_OK):
        tell = broken if place == folder else note
        return tell(
            f"{place} cannot be written", f"give it to the account that runs the programs: chown … {place}"
        )
    if free < 200_000_000:
        return broken(
            f"{place}: only {free // 1_000_000} MB free",
            "make room: the server stops writing when it is full",
        )
    if free < 2_000_000_000:
        return note(f"{place}: {free // 1_000_000} MB free", "make room soon")
    return ok(f"{free // 1_000_000_000} GB free for {folder}")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def told(*command: str) -> str:
    """Run a program for what it prints; nothing when it fails or takes longer than ten seconds."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
