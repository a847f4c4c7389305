"""The files of the Debian package in a folder: programs of the last commit, libraries, what browsers get."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from deploy.install.doing import PARTS
from deploy.install.machine import PACKAGED
from deploy.install.plan import PROGRAMS
from deploy.package.libraries import files, whole

DOCS = Path("usr/share/doc/numerek")


@dataclass(frozen=True)
class Source:
    """From what a package is made.

    `project` is a clone, of which the last commit counts; `libraries` are installed, for Python `python`
    ("3.11"); `site` is the folder of what browsers get.
    """

    project: Path
    libraries: Sequence[Distribution]
    python: str
    site: Path

    def git(self, *words: str) -> bytes:
        """Ask git; raises CalledProcessError."""
        command = ["git", "-c", f"safe.directory={self.project}", "-C", str(self.project), *words]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout

    def moment(self) -> int:
        """Tell when the last commit was made, in seconds since 1970: the time of every file."""
        return int(self.git("log", "-1", "--format=%ct"))


def fill(root: Path, source: Source) -> None:
    """Put all files of the package below `root`. Raises NotWhole."""
    home = root / PROGRAMS.relative_to("/")
    home.mkdir(parents=True)
    _programs(home, source)
    _environment(home / ".venv", source)
    (home / PACKAGED).write_text(
        "These programs are the Debian package numerek: apt brings another version.\n"
    )
    link = root / "usr/bin/numerek"
    link.parent.mkdir(parents=True)
    link.symlink_to(os.path.relpath(home / "numerek", link.parent))
    _documents(root / DOCS, source)
    _same_for_all(root, source.moment())


def _programs(home: Path, source: Source) -> None:
    tar = source.git("-c", "tar.umask=0022", "archive", "HEAD", "--", *PARTS)
    subprocess.run(["tar", "-x", "-C", str(home)], input=tar, check=True)


def _environment(venv: Path, source: Source) -> None:
    packages = venv / f"lib/python{source.python}/site-packages"
    packages.mkdir(parents=True)
    (venv / "bin").mkdir()
    (venv / "bin/python").symlink_to(f"/usr/bin/python{source.python}")
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    for library in source.libraries:
        for file in files(library):
            target = packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(whole(file))
            target.chmod(0o755 if os.access(str(file.locate()), os.X_OK) else 0o644)
    shutil.copytree(source.site, venv / "web/site")


def _documents(folder: Path, source: Source) -> None:
    folder.mkdir(parents=True)
    changes = source.git("show", "HEAD:CHANGELOG.md")
    (folder / "changelog.gz").write_bytes(gzip.compress(changes, mtime=0))
    (folder / "copyright").write_bytes(source.git("show", "HEAD:deploy/debian/copyright"))


def _same_for_all(root: Path, moment: int) -> None:
    """Give every file the rights and the time that it has in each copy."""
    for place in (root, *root.rglob("*")):
        if not place.is_symlink():
            place.chmod(0o755 if place.is_dir() or place.stat().st_mode & 0o100 else 0o644)
        os.utime(place, (moment, moment), follow_symlinks=False)
