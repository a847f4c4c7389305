"""The pictures of the staff's docs show what the pages show today, and docs name those that are there."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import pytest

from deploy.pictures.looks import differences, is_drawn_here, written
from deploy.pictures.shots import LANGUAGES, SHOTS, take_all
from tests.server_admin.pages import DOCS

AGAIN = "make the pictures again: ./numerek pictures (and look at them)"
NAMES = {shot.name for shot in SHOTS}
_MOST, _LARGEST = 25, 80_000
PAGE = "42 130 346 22 span Kto czeka\n420 130 47 22 a Pokaż\n"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Take all pictures as they are today."""
    folder = tmp_path_factory.mktemp("pictures")
    take_all(folder)
    return folder


@pytest.mark.timeout(400)
def test_the_pages_look_as_their_pictures_say(taken: Path) -> None:
    changed = {}
    for language in LANGUAGES:
        for name in sorted(NAMES):
            kept, fresh = DOCS / "pictures" / language / f"{name}.txt", taken / language / f"{name}.txt"
            before = kept.read_text("utf-8") if kept.exists() else ""
            if found := differences(before, fresh.read_text("utf-8"), places=is_drawn_here()):
                changed[f"{language}/{name}"] = found
    assert changed == {}, AGAIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_docs_show_all_pictures_and_no_other(language: str) -> None:
    pages = [file.read_text("utf-8") for file in (DOCS / language).glob("*.md")]
    shown = re.findall(r"!\[[^\]]+\]\(\.\./pictures/([^)]+)\)", "".join(pages))
    assert sorted(shown) == sorted(f"{language}/{name}.png" for name in NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_are_few_and_small(language: str) -> None:
    files = {file.name: file.stat().st_size for file in (DOCS / "pictures" / language).iterdir()}
    assert set(files) == {f"{name}.{kind}" for name in NAMES for kind in ("png", "txt")}, AGAIN
    assert len(NAMES) < _MOST
    assert {name: size for name, size in files.items() if size > _LARGEST} == {}


def test_what_another_release_of_fonts_moves_is_no_difference() -> None:
    assert differences(PAGE, PAGE.replace("420 130", "432 135")) == []


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (PAGE.replace("Pokaż", "Zobacz"), "'a Pokaż' is now 'a Zobacz'"),
        (PAGE.replace("420 130", "420 330"), "'a Pokaż' moved"),
        (PAGE.splitlines()[0] + "\n", "'a Pokaż' is now 'nothing'"),
        (PAGE + "1 2 30 40 p Nowe\n", "'nothing' is now 'p Nowe'"),
        ("", "'span Kto czeka' is now 'nothing'"),
    ],
)
def test_a_change_of_words_and_of_places_is_noticed(now: str, told: str) -> None:
    assert told in differences(PAGE, now)[0]


def test_on_another_system_words_are_compared_and_no_places() -> None:
    assert differences(PAGE, PAGE.replace("420 130", "42 160"), places=False) == []
    assert differences(PAGE, PAGE.replace("Pokaż", "Zobacz"), places=False) != []


@pytest.mark.parametrize(("version", "is_here"), [("12", True), ("13", False)])
def test_the_system_of_the_pictures_is_known(
    version: str, is_here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "debian", "VERSION_ID": version})
    assert is_drawn_here() is is_here


def test_codes_that_differ_each_time_are_masked() -> None:
    found = [["p", 1.2, 2, 3, 4, "Kod 482 910 378"], ["a", 1, 2, 3, 4, "http://127.0.0.1:8080/x"]]
    assert written(found) == "1 2 3 4 p Kod 000 000 000\n1 2 3 4 a http://127.0.0.1/x\n"
