"""The version before this one, taken from the history, as a real server on a schema of its own time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.house.tracked import ROOT
from tests.server.chaos.running import Served, free_port

MIGRATIONS = "server/store/migrations/versions"
# Runs with the modules of that version: nothing of this one may be in it.
_FILL = """
import json, sys
from pathlib import Path
from deploy.demo.sample import fill
from server.app import build_runtime
from server.clock import SystemClock
from server.store.key_file import create_key_file
from server.store.open_store import open_store
from wire.settings import load_settings
settings = load_settings(Path(sys.argv[1]), {}).server
create_key_file(settings.secrets_file)
store, keys = open_store(settings)
runtime = build_runtime(store, SystemClock(), keys, "https://numerek.test")
print(json.dumps(fill(runtime, "https://numerek.test", past=False), default=str))
store.close()
"""


def version_before() -> str:
    """Name the commit of the last release, else the one before the newest migration; skips without a history."""
    tag = _git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^")
    added = _git("log", "-1", "--diff-filter=A", "--format=%H", "--", MIGRATIONS)
    before = tag or (_git("rev-parse", "--verify", f"{added}^") if added else "")
    if not before:
        pytest.skip("the clone has no history: there is no version before this one")
    return before


def unpack(commit: str, folder: Path) -> Path:
    """Put the programs of a commit into a folder."""
    folder.mkdir()
    archive = subprocess.Popen(
        ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "archive", commit], stdout=subprocess.PIPE
    )
    with archive:
        subprocess.run(["tar", "-x", "-C", str(folder)], stdin=archive.stdout, check=True)
    assert archive.returncode == 0
    return folder


class Office:
    """The sample office on PostgreSQL, served by programs of whichever version."""

    def __init__(self, folder: Path, url: str, programs: Path) -> None:
        """Fill an empty database with the programs of a version."""
        self.folder, self.url = folder, url
        words = [*_with(programs), "-c", _FILL, str(self._config(0))]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        self.told: dict[str, Any] = json.loads(done.stdout)

    @property
    def kiosk(self) -> str:
        """Return the kiosk's token."""
        return str(self.told["device_tokens"]["kiosk"])

    def server(self, programs: Path, port: int | None = None) -> Served:
        """Return a server of a version, on a port of its own or the one given; not started yet."""
        port = port or free_port()
        command = [*_with(programs), "-m", "server", "--config", str(self._config(port))]
        return Served(command, port, self.folder / f"{port}.log")

    def _config(self, port: int) -> Path:
        file = self.folder / f"{port}.toml"
        file.write_text(
            f'[server]\nport = {port}\ndata_dir = "{self.folder}"\nsecrets_file = "{self.folder}/key"\n'
            f'database_url = "{self.url}"\n[log]\nlevel = "warning"\n'
        )
        return file


def _with(programs: Path) -> list[str]:
    return ["env", f"PYTHONPATH={programs}", "PYTHONSAFEPATH=1", sys.executable]


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), *words],
        capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"},
    )  # fmt: skip
    return done.stdout.strip() if done.returncode == 0 else ""
