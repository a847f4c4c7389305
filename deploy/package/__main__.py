"""`numerek package --out DIR [--key FILE]`: makes a release of the last commit and the locked libraries."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.package import sbom
from deploy.package.debian import pack
from deploy.package.libraries import NotWhole, installed, locked
from deploy.package.sums import sign, write_sums
from deploy.package.tree import Source, fill
from wire.version import VERSION

PROJECT = Path(__file__).resolve().parents[2]
# With what traces need: where apt brings the programs there is no pip to add it with.
LOCKS = tuple(
    PROJECT / "deploy/requirements" / name for name in ("requirements.txt", "requirements-traces.txt")
)


def main(argv: Sequence[str] | None = None) -> int:
    """Make the files of a release; return 0, or 1 with the reason."""
    chosen = _parser().parse_args(argv)
    try:
        for file in sum_up(chosen.out, chosen.key) if chosen.sums else _made(chosen.out, chosen.key):
            _say(str(file))
    except (NotWhole, OSError, subprocess.CalledProcessError) as error:
        _say(str(error))
        return 1
    return 0


def _made(out: Path, key: Path | None) -> list[Path]:
    source = source_of(PROJECT, "\n".join(lock.read_text() for lock in LOCKS))
    if source.git("status", "--porcelain"):
        _say("changes that are not committed are not in it")
    return make(source, out, key)


def source_of(project: Path, lock: str) -> Source:
    """Look the libraries of locked lists up in the environment in which this runs. Raises NotWhole."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    environment = Path(sys.prefix)
    site_packages = environment / f"lib/python{python}/site-packages"
    return Source(project, installed(locked(lock), site_packages), python, environment / "web/site")


def make(source: Source, out: Path, key: Path | None = None) -> list[Path]:
    """Make the files of a release in the folder `out`; with a key they are signed.

    Raises NotWhole, OSError, CalledProcessError.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as folder:
        root = Path(folder) / "root"
        fill(root, source)
        package = pack(root, source, VERSION, out)
    listed = sbom.write(source, VERSION, package)
    return [package, listed, *sum_up(out, key)]


def sum_up(folder: Path, key: Path | None) -> list[Path]:
    """Write the checksums of a folder; with a key they are signed. Raises OSError, CalledProcessError."""
    sums = write_sums(folder)
    return [sums, *([sign(sums, key)] if key else [])]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="numerek package", allow_abbrev=False)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files are put")
    parser.add_argument("--sums", action="store_true", help="only the checksums of what lies there already")
    key = "a private key of SSH that signs the checksums"
    parser.add_argument("--key", type=Path, metavar="FILE", help=key)
    return parser


def _say(text: str) -> None:
    print(f"numerek: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
