"""Which modules are tried, and which tests must notice."""

from __future__ import annotations

from pathlib import Path

_SETTINGS = ("tests/server_admin/test_bounds.py", "tests/server_admin/test_defaults.py")

# Modules by pattern with their tests; the first pattern that fits counts.
_SCOPE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("server/domain/booking/policy.py", ("tests/server/domain/booking/test_policy.py", *_SETTINGS)),
    ("server/domain/office/*.py", (*_SETTINGS, "tests/server/domain/office")),
    *(
        (f"server/domain/{subject}/*.py", (f"tests/server/domain/{subject}",))
        for subject in ("queue", "booking", "release", "messages", "privacy", "guard", "audit")
    ),
    ("kiosk/flow.py", ("tests/kiosk/test_flow*.py",)),
    ("kiosk/visit/*.py", ("tests/kiosk/test_flow*.py",)),
    ("display_board/board.py", ("tests/display_board/test_board*.py",)),
    ("display_board/announcements.py", ("tests/display_board/test_announcements.py",)),
    ("display_board/lines.py", ("tests/display_board/test_lines.py",)),
    *(
        (
            f"counter_client/{name}.py",
            tuple(
                f"tests/counter_client/test_{each}.py"
                for each in ("desk*", "commands", "deltas", "in_hand", "undo", "key_pause", "reopening")
            ),
        )
        for name in ("desk", "deltas", "commands", "state", "in_hand", "events")
    ),
    ("printers/status.py", ("tests/printers/test_status.py",)),
    *(
        (
            f"printers/{name}.py",
            tuple(f"tests/printers/test_{each}.py" for each in ("slip", "layout*", "encode")),
        )
        for name in ("slip", "elements", "typeset", "layout", "encode", "settings")
    ),
    ("printers/virtual/parser.py", ("tests/printers/test_encode.py", "tests/printers/test_virtual.py")),
    ("printers/virtual/paper.py", ("tests/printers/test_encode.py", "tests/printers/test_virtual.py")),
)


class NotInScope(ValueError):
    """A path that names no module whose faults are tried."""


def modules_below(root: Path, wanted: list[str]) -> list[Path]:
    """List the modules in scope, relative to the root: all, or those below the paths that are wanted."""
    found = {file.relative_to(root) for pattern, _ in _SCOPE for file in root.glob(pattern)}
    known = sorted(file for file in found if file.name != "__init__.py")
    for path in wanted:
        if not any(file.is_relative_to(path) for file in known):
            raise NotInScope(f"{path}: no module there is tried; see deploy/mutants/scope.py")
    return [file for file in known if not wanted or any(file.is_relative_to(path) for path in wanted)]


def tests_of(root: Path, module: Path) -> tuple[str, ...]:
    """List the files of tests that must notice a module's faults; those that bear its name come first."""
    patterns = next(tests for pattern, tests in _SCOPE if module.match(pattern))
    found: list[Path] = []
    for pattern in patterns:
        inside = root / pattern
        found += sorted(inside.glob("test_*.py") if inside.is_dir() else root.glob(pattern))
    ordered = sorted(found, key=lambda file: not file.stem.startswith(f"test_{module.stem}"))
    return tuple(str(file.relative_to(root)) for file in ordered)
