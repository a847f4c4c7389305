"""`numerek package --out DIR`: makes a release from the last commit and the locked libraries."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.package.debian import pack
from deploy.package.libraries import NotWhole, installed, locked
from deploy.package.tree import Source, fill
from wire.version import VERSION

PROJECT = Path(__file__).resolve().parents[2]
LOCK = Path("deploy/requirements/requirements.txt")


def main(argv: Sequence[str] | None = None) -> int:
    """Make the files of a release; return 0, or 1 with the reason."""
    parser = argparse.ArgumentParser(prog="numerek package", allow_abbrev=False)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files are put")
    chosen = parser.parse_args(argv)
    try:
        source = source_of(PROJECT, (PROJECT / LOCK).read_text())
        if source.git("status", "--porcelain"):
            _say("changes that are not committed are not in it")
        for file in make(source, chosen.out):
            _say(str(file))
    except (NotWhole, OSError, subprocess.CalledProcessError) as error:
        _say(str(error))
        return 1
    return 0


def source_of(project: Path, lock: str) -> Source:
    """Look the libraries of a locked list up in the environment in which this runs. Raises NotWhole."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    environment = Path(sys.prefix)
    site_packages = environment / f"lib/python{python}/site-packages"
    return Source(project, installed(locked(lock), site_packages), python, environment / "web/site")


def make(source: Source, out: Path) -> list[Path]:
    """Make the files of a release in the folder `out`. Raises NotWhole, OSError, CalledProcessError."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as folder:
        root = Path(folder) / "root"
        fill(root, source)
        return [pack(root, source, VERSION, out)]


def _say(text: str) -> None:
    print(f"numerek: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
