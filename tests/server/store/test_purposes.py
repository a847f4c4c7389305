"""Whatever is derived from the key file stands in docs/operations.md with what would become of it."""

from __future__ import annotations

import re

from tests.house.tracked import ROOT

_NAMED = re.compile(
    r"""(?x)
    (?: (?:lookups?|lookup_at|derived|derived_at|secrets?_of)\(\s*f?"
      | _spent\(session,[^"\n]*"           # a call that gives the keys first
      | PURPOSE\ =\ "            # a name of its own
      | _hash":\ \("             # by the column that holds it
    ) ([^"{]+)"""
)


def purposes_in(text: str) -> set[str]:
    """List the purposes that a module names."""
    return {name.strip() for name in _NAMED.findall(text)}


def test_every_purpose_of_the_key_is_in_the_docs() -> None:
    found = set[str]()
    for file in (ROOT / "server").rglob("*.py"):
        found |= purposes_in(file.read_text("utf-8"))
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    table = page.partition("### What hangs on the key file")[2].partition("\n## ")[0]
    cells = re.findall(r"(?m)^\| ([^|]+) \|", table)
    told = {name for cell in cells for name in re.findall(r"`([a-z][a-z ]+)`", cell)}
    assert told == found


def test_a_purpose_is_found_however_it_is_written() -> None:
    text = (
        'keys.lookup(\n    "a b", x); keys.derived(f"c d {y}"); secrets_of("e"); keys.lookup_at(f"f {z}", w)'
    )
    assert purposes_in(text) == {"a b", "c d", "e", "f"}
    text = '_PURPOSE = "g"; _spent(session, keys, "h i", x); {"j_hash": ("j", x)}; keys.all_derived("k")'
    assert purposes_in(text) == {"g", "h i", "j", "k"}
