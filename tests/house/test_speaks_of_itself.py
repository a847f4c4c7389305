"""The project speaks of itself only: no path of one machine, no host of a package registry."""

from __future__ import annotations

import re

import pytest

from tests.house.tracked import ROOT, tracked_files

FOREIGN = re.compile(
    r"""(?<![\w.$}~-])/(?:work|root|home/\w+|Users/\w+)(?=[/"'\s`]|$)"""
    r"""|https?://[\w.-]+(?::\d+)?/(?:[\w-]+/)*simple\b|^\s*deb\s+https?://"""
)


def foreign_words(text: str) -> list[str]:
    return [f"line {text.count(chr(10), 0, m.start()) + 1}: {m[0]}" for m in FOREIGN.finditer(text)]


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = {}
    for file in tracked_files():
        raw = (ROOT / file).read_bytes()
        if b"\0" not in raw and file.name != "test_speaks_of_itself.py":
            found[str(file)] = foreign_words(raw.decode("utf-8"))
    assert {file: words for file, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "text",
    [
        "cd /work/main",
        'open("/root/.cache")',
        "/home/anna/x",
        "https://packages.example.org/simple",
        "deb http://mirror.example.org stable main",
    ],
)
def test_a_foreign_word_is_found(text: str) -> None:
    assert len(foreign_words(text)) == 1


@pytest.mark.parametrize("text", ["$dir/work/x", "server/root.py", "https://example.org/workers", "../home/"])
def test_an_ordinary_path_is_not_flagged(text: str) -> None:
    assert foreign_words(text) == []
