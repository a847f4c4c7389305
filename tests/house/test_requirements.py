"""What is installed is pinned, hashed, explained, and asked for without an address."""

from __future__ import annotations

import json
import re
from itertools import combinations

import pytest

from tests.house.tracked import ROOT

LISTS = ROOT / "deploy/requirements"
WEB = ROOT / "deploy/web"
LOCKED = ("requirements.txt", "requirements-test.txt", "requirements-traces.txt")
ASKED = ("requirements.in", "requirements-test.in", "requirements-traces.in")
APT = ("apt.txt", "apt-build.txt", "apt-cluster.txt", "apt-screen.txt", "apt-test.txt")


def wanted(name: str) -> list[str]:
    """List the libraries that a list of ours asks for, by their normal names."""
    lines = [line.split("#")[0].strip() for line in (LISTS / name).read_text().splitlines()]
    return [normal(re.split(r"[\[=<>~ ]", line)[0]) for line in lines if line and not line.startswith("-")]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(text: str) -> dict[str, str]:
    """Read a locked list: each library with the rest of its entry; raises ValueError for a loose one."""
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", text).strip())
    found = {}
    for entry in entries:
        match = re.fullmatch(
            r"([\w.-]+)==(\S+)((?: ; [^\\\n]+)?(?: \\\n\s+--hash=sha256:[0-9a-f]{64})+)", entry.strip()
        )
        if match is None:
            raise ValueError(f"not pinned and hashed: {entry.splitlines()[0]}")
        found[normal(match[1])] = match[2] + match[3]
    return found


@pytest.mark.parametrize("name", LOCKED)
def test_every_library_is_pinned_and_hashed(name: str) -> None:
    assert len(locked((LISTS / name).read_text())) > 10


@pytest.mark.parametrize(("asked", "lock"), list(zip(ASKED, LOCKED, strict=True)))
def test_what_is_asked_for_is_locked(asked: str, lock: str) -> None:
    assert set(wanted(asked)) - set(locked((LISTS / lock).read_text())) == set()


@pytest.mark.parametrize(("one", "other"), list(combinations(LOCKED, 2)))
def test_the_locks_agree_on_versions_and_hashes(one: str, other: str) -> None:
    here, there = (locked((LISTS / name).read_text()) for name in (one, other))
    assert {
        name: (here[name], there[name]) for name in here.keys() & there.keys() if here[name] != there[name]
    } == {}


@pytest.mark.parametrize("name", [*LOCKED, *ASKED, *APT])
def test_no_list_names_an_address(name: str) -> None:
    text = (LISTS / name).read_text()
    assert "://" not in text
    assert re.search(r"(?m)^\s*--?(index|extra-index|find-links|trusted-host|i |f )", text) is None


@pytest.mark.parametrize("name", ASKED)
def test_every_library_has_its_line_in_the_docs(name: str) -> None:
    told = {
        normal(word)
        for word in re.findall(r"(?m)^\| `([^`]+)` \|", (ROOT / "docs/dependencies.md").read_text())
    }
    assert set(wanted(name)) - told == set()


def test_the_docs_name_no_library_that_is_gone() -> None:
    told = re.findall(r"(?m)^\| `([^`]+)` \|", (ROOT / "docs/dependencies.md").read_text())
    asked = {library for name in ASKED for library in wanted(name)}
    assert [name for name in told if normal(name) not in asked] == []


def npm(name: str) -> dict[str, dict[str, str]]:
    return {
        place: entry for place, entry in json.loads((WEB / name).read_text())["packages"].items() if place
    }


def test_every_npm_package_is_pinned_and_hashed() -> None:
    loose = [
        place
        for place, entry in npm("package-lock.json").items()
        if not (entry["version"][:1].isdigit() and entry.get("integrity", "").startswith("sha512-"))
    ]
    assert loose == []


def test_what_is_asked_of_npm_is_locked_as_asked() -> None:
    asked = json.loads((WEB / "package.json").read_text())["dependencies"]
    lock = npm("package-lock.json")
    assert asked == {name: lock[f"node_modules/{name}"]["version"] for name in asked}


def test_every_npm_package_has_its_line_in_the_docs() -> None:
    told = re.findall(r"(?m)^\| npm `([^`]+)` \|", (ROOT / "docs/dependencies.md").read_text())
    assert set(told) == {place.removeprefix("node_modules/") for place in npm("package-lock.json")}


@pytest.mark.parametrize("name", ["package.json", "package-lock.json"])
def test_no_list_of_npm_names_an_address(name: str) -> None:
    text = (WEB / name).read_text()
    assert "://" not in text
    assert "resolved" not in text


@pytest.mark.parametrize("text", ["flask\n", "flask==3.1\n", "flask>=3 \\\n    --hash=sha256:" + "0" * 64])
def test_a_loose_library_is_found(text: str) -> None:
    with pytest.raises(ValueError, match="flask"):
        locked(text)
