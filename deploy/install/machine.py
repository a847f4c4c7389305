"""The system that steps are done on: this machine, or a folder that holds one (for trials and images)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path("/")
LAST_LINES = 15
PACKAGED = ".packaged"
"""The file in the folder of programs that says that they are a Debian package."""


class StepFailed(Exception):
    """A step could not be done; the text names the place and the reason."""


@dataclass(frozen=True)
class Machine:
    """A system below `root`, and the folder of programs (`source`) from which it is made."""

    root: Path
    source: Path

    @property
    def is_here(self) -> bool:
        """Whether it is the machine on which this runs, so that programs can be started in it."""
        return self.root == HERE

    @property
    def is_packaged(self) -> bool:
        """Whether apt brings the programs, so that they are neither copied nor set up."""
        return (self.source / PACKAGED).exists()

    def place(self, path: Path) -> Path:
        """Give the path of this process to a path of the system."""
        return self.root / path.relative_to("/")

    def run(self, *words: str, cwd: Path | None = None, shown: bool = False) -> str:
        """Run a command; return what it said. Raises StepFailed with its last lines."""
        # What this process was started with would hide a program's own modules from it.
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        try:
            done = subprocess.run(
                words, cwd=cwd, env=environ, text=True, check=False, stdin=subprocess.DEVNULL,
                stdout=None if shown else subprocess.PIPE, stderr=None if shown else subprocess.STDOUT,
            )  # fmt: skip
        except OSError as error:
            raise StepFailed(f"{words[0]}: {error.strerror}") from None
        if done.returncode:
            said = "\n".join((done.stdout or "").rstrip().splitlines()[-LAST_LINES:])
            raise StepFailed(
                f"`{' '.join(words)}` ended with {done.returncode}" + (f":\n{said}" if said else "")
            )
        return done.stdout or ""

    def as_account(self, account: str, config: Path, cwd: Path, words: Sequence[str], *, shown: bool) -> None:
        """Run a program of ours as another account, without a screen. Raises StepFailed."""
        environ = (f"NUMEREK_CONFIG={config}", "QT_QPA_PLATFORM=offscreen")
        python = str(cwd / ".venv/bin/python")
        self.run("runuser", "-u", account, "--", "env", *environ, python, *words, cwd=cwd, shown=shown)

    def systemctl(self, *words: str) -> None:
        """Let systemd change its links; in a folder it changes those of the folder. Raises StepFailed."""
        self.run("systemctl", *([] if self.is_here else [f"--root={self.root}"]), "--quiet", *words)

    def runs_systemd(self) -> bool:
        """Whether units can be started now: neither in a folder nor in a container without systemd."""
        return self.is_here and Path("/run/systemd/system").is_dir()

    def put(self, text: bytes, target: Path) -> None:
        """Write a file that everybody reads; one that is there keeps owner and rights. Never half; StepFailed."""
        file = self.place(target)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh = file.with_name(file.name + ".new")
            fresh.unlink(missing_ok=True)
            fresh.touch(0o600)  # it may hold a password
            fresh.write_bytes(text)
            before = file.stat() if file.exists() else None
            if before is not None and os.geteuid() == 0:
                os.chown(fresh, before.st_uid, before.st_gid)
            fresh.chmod(before.st_mode & 0o777 if before is not None else 0o644)
            fresh.replace(file)
        except OSError as error:
            raise StepFailed(f"{file}: {error.strerror}") from None

    def remove(self, target: Path) -> None:
        """Remove a file or a folder with all in it, if it is there. Raises StepFailed."""
        file = self.place(target)
        try:
            if file.is_dir() and not file.is_symlink():
                shutil.rmtree(file)
            else:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise StepFailed(f"{error.filename or file}: {error.strerror}") from None

    def ids_of(self, account: str) -> tuple[int, int]:
        """Look an account up in the system's own list. Raises StepFailed."""
        try:
            lines = self.place(Path("/etc/passwd")).read_text("utf-8").splitlines()
        except OSError as error:
            raise StepFailed(f"{error.filename}: {error.strerror}") from None
        for line in lines:
            name, _, user, group, *_ = line.split(":")
            if name == account:
                return int(user), int(group)
        raise StepFailed(f"{self.place(Path('/etc/passwd'))} has no account {account}")

    def give(self, folder: Path, owner: str) -> None:
        """Make a folder that only its owner reads; a trial without root leaves the owner. Raises StepFailed."""
        file, ids = self.place(folder), self.ids_of(owner)
        try:
            file.mkdir(parents=True, exist_ok=True)
            file.chmod(0o700)
            if os.geteuid() == 0:
                os.chown(file, *ids)
        except OSError as error:
            raise StepFailed(f"{file}: {error.strerror}") from None
