"""`numerek pictures`: takes the pictures of the staff's docs anew, those whose pages have changed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from deploy.pictures.looks import differences, is_drawn_here
from deploy.pictures.shots import LANGUAGES, SHOTS, take_all

HOME = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def main(arguments: list[str]) -> int:
    """Take the pictures; return the exit code."""
    parser = argparse.ArgumentParser(prog="numerek pictures", description=__doc__)
    parser.add_argument("--all", action="store_true", help="also those whose pages look as they did")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        taken = Path(scratch)
        take_all(taken)
        for language in LANGUAGES:
            _bring(taken / language, HOME / language, everything=chosen.all)
    return 0


def _bring(taken: Path, home: Path, *, everything: bool) -> None:
    """Put new pictures in place, and take away those that nobody takes any more."""
    home.mkdir(parents=True, exist_ok=True)
    names = {shot.name for shot in SHOTS}
    for old in home.iterdir():
        if old.stem not in names:
            old.unlink()
    for name in sorted(names):
        picture, look = home / f"{name}.png", home / f"{name}.txt"
        fresh = (taken / look.name).read_text("utf-8")
        is_there = picture.exists() and look.exists()
        if (
            is_there
            and not everything
            and not differences(look.read_text("utf-8"), fresh, places=is_drawn_here())
        ):
            continue
        look.write_text(fresh, "utf-8")
        picture.write_bytes((taken / picture.name).read_bytes())
        print(f"{home.name}/{name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
