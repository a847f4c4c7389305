"""Each layer of the server is cut by the same subjects: who knows one layer finds their way in all."""

from __future__ import annotations

from pathlib import Path

from tests.house.tracked import tracked_files

SUBJECTS = frozenset(
    {
        *("queue", "booking", "release", "accounts", "office", "access", "messages", "privacy", "guard"),
        # What anybody can check of all the others: no other subject's rules decide it.
        "audit",
        # What managers read of all of them together, from sums that belong to none of them.
        "statistics",
    }
)
LAYERS = ("domain", "services", "store/queries", "store/tables", "api", "portal", "staff", "admin")
LOOSE = {"__init__.py", "__main__.py", "app.py", "clock.py", "run.py"}

# A folder in a layer that is no subject, and why.
OTHERS = {
    "admin/backups": "backups are of the whole database, whatever its subjects",
    "staff/static": "what browsers get beside the pages",
    "staff/templates": "the pages' templates, cut by the same subjects",
    "portal/static": "what browsers get beside the pages",
    "portal/templates": "the pages' templates, cut by the same subjects",
}


def folders_of(layer: str, files: tuple[Path, ...]) -> set[str]:
    """List the folders that a layer holds directly."""
    root = Path("server") / layer
    inside = [file.relative_to(root) for file in files if file.is_relative_to(root)]
    return {file.parts[0] for file in inside if len(file.parts) > 1}


def strangers(files: tuple[Path, ...]) -> list[str]:
    """Find folders that are neither a subject nor named with a reason."""
    found = [
        f"{layer}/{folder}" for layer in LAYERS for folder in sorted(folders_of(layer, files) - SUBJECTS)
    ]
    return [each for each in found if each not in OTHERS]


def test_every_layer_is_cut_by_the_same_subjects() -> None:
    assert strangers(tracked_files()) == []


def test_the_templates_of_the_pages_are_cut_alike() -> None:
    for pages in ("portal", "staff"):
        assert folders_of(f"{pages}/templates", tracked_files()) - SUBJECTS == set()


def test_nothing_is_loose_in_the_server_but_its_root_its_start_and_its_clock() -> None:
    loose = {file.name for file in tracked_files() if file.parent == Path("server") and file.suffix == ".py"}
    assert loose == LOOSE


def test_a_reason_stands_for_a_folder_that_is_there() -> None:
    there = {f"{layer}/{folder}" for layer in LAYERS for folder in folders_of(layer, tracked_files())}
    assert set(OTHERS) <= there


def test_a_stranger_is_found() -> None:
    files = (*tracked_files(), Path("server/services/helpers_of_mine/x.py"))
    assert strangers(files) == ["services/helpers_of_mine"]
