"""The files of the project, as git tracks them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked_files() -> tuple[Path, ...]:
    """List every tracked file that is there, relative to the root."""
    try:
        listed = subprocess.run(
            ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z"],
            capture_output=True,
            check=True,
            text=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git working tree: what is tracked cannot be told")
    return tuple(Path(name) for name in listed.split("\0") if name and (ROOT / name).exists())


def tracked_modules() -> list[Path]:
    """List the tracked Python files, without the migrations, which alembic writes."""
    return [file for file in tracked_files() if file.suffix == ".py" and "versions" not in file.parts]


@cache
def parsed(file: Path) -> ast.Module:
    """Parse a tracked Python file."""
    return ast.parse((ROOT / file).read_text(encoding="utf-8"), filename=str(file))


def module_name(file: Path) -> str:
    """Give the dotted name under which a Python file is imported."""
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
