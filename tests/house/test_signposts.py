"""Every path, link and command that the pages name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tracked import ROOT, tracked_files

PAGES = [file for file in tracked_files() if file.suffix == ".md"]
# What appears when a program runs, or is a placeholder.
MADE_LATER = ("demo-data/", "DIR/", "out/", ".venv/")
# Modules that a sentence names without their folder, because it has just named it.
SHORT = {"flow.py", "board.py", "desk.py", "draw.py", "line.py"}
ENDINGS = "py|toml|md|sh|in|txt|conf|yaml|html|po"
_PATH = re.compile(r"(?<![\w/.:$-])((?:[\w.-]+/)+[\w.-]*\w|[\w-]+\.(?:" + ENDINGS + r"))(?![\w/{*])")
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")
_COMMAND = re.compile(r"(?:\./|(?<=`)|(?<=^))numerek ([a-z]+)", re.M)


def paths_in(text: str) -> set[str]:
    """Find the paths of the project in backticks: those whose first folder is one of ours, and single files."""
    tops = {file.parts[0] for file in tracked_files()}
    quoted = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))
    found = {path for each in quoted for path in _PATH.findall(each) if " " not in each}
    return {
        path
        for path in found
        if (path.partition("/")[0] in tops or "/" not in path) and not path.startswith(MADE_LATER)
    }


def named_tests(text: str) -> set[str]:
    """Find the tests that an example runs."""
    return set(re.findall(r"(?<![\w/])tests/[\w/]+(?:\.py)?", text))


def subcommands() -> set[str]:
    """Read the words that the script takes."""
    script = (ROOT / "numerek").read_text()
    body = script.partition("case $command in\n")[2].partition("esac")[0]
    return {word.strip() for each in re.findall(r"(?m)^    ([a-z |-]+)\)", body) for word in each.split("|")}


def is_there(path: str, page: Path) -> bool:
    return (ROOT / path).exists() or (ROOT / page.parent / path).exists()


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    text = (ROOT / page).read_text("utf-8")
    named = (paths_in(text) - SHORT) | named_tests(text)
    known = {file.name for file in tracked_files()}
    gone = [path for path in named if not is_there(path, page) and ("/" in path or path not in known)]
    assert sorted(gone) == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = _LINK.findall((ROOT / page).read_text("utf-8"))
    assert [link for link in links if not (ROOT / page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_command_that_a_page_names_is_one(page: Path) -> None:
    assert set(_COMMAND.findall((ROOT / page).read_text("utf-8"))) - subcommands() == set()


def test_what_is_gone_would_be_found() -> None:
    assert paths_in("see `server/nowhere.py` and `nothing.toml`") == {"server/nowhere.py", "nothing.toml"}
    assert _COMMAND.findall("run `./numerek sing`, `numerek dance`") == ["sing", "dance"]
    assert {"dev", "demo", "kiosk", "setup"} <= subcommands()
    assert named_tests("pytest tests/nowhere/test_x.py") == {"tests/nowhere/test_x.py"}
