"""How the code is kept: a sentence on every module, telling names, files that stay short."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.tracked import ROOT, parsed, tracked_files, tracked_modules

MOST_LINES = 350
MOST_LINES_OF_TESTS = 500
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "misc", "common"}
TOP_LEVEL = {
    *("kiosk", "display_board", "counter_client", "server", "printers", "wire", "terminal"),
    *("tests", "deploy", "docs", "bench", ".ci", "numerek"),
    *(
        "config.toml",
        "pyproject.toml",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "LICENSE",
    ),
    *(".gitignore", ".editorconfig", ".pre-commit-config.yaml", ".github"),
}


def lacks_a_sentence(tree: ast.Module) -> bool:
    said = (ast.get_docstring(tree) or "").split("\n\n")[0]
    return bool(tree.body) and re.search(r"[.?:;](\s*\([^()]*\))?\s*$", said) is None


def is_named_emptily(file: Path) -> bool:
    return any(EMPTY_NAMES & set(re.split(r"[_\W]+", part.lower())) for part in file.with_suffix("").parts)


def undocumented(tree: ast.Module) -> list[str]:
    """Find public functions of a module that nobody explains."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        f"{node.name} (line {node.lineno})"
        for node in tree.body
        if isinstance(node, kinds) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]


def test_every_module_says_what_it_is_for() -> None:
    silent = [str(file) for file in tracked_modules() if lacks_a_sentence(parsed(file))]
    assert silent == []


def test_every_public_function_of_a_room_says_what_it_does() -> None:
    rooms = [file for file in tracked_modules() if file.parts[0] not in ("tests", "bench")]
    silent = {str(file): names for file in rooms if (names := undocumented(parsed(file)))}
    assert silent == {}


def test_no_file_has_a_name_that_says_nothing() -> None:
    named = [file for file in tracked_files() if file.parts[0] != "docs"]  # where a manager is a reader
    assert [str(file) for file in named if is_named_emptily(file)] == []


def test_no_module_is_long_enough_to_hide_a_second_one() -> None:
    lengths = {str(file): len((ROOT / file).read_text().splitlines()) for file in tracked_modules()}
    most = {file: MOST_LINES_OF_TESTS if file.startswith("tests/") else MOST_LINES for file in lengths}
    assert {file: lines for file, lines in lengths.items() if lines > most[file]} == {}


def test_annotations_are_never_evaluated() -> None:
    evaluated = [
        str(file)
        for file in tracked_modules()
        if any(isinstance(node, ast.FunctionDef) for node in ast.walk(parsed(file)))
        and "from __future__ import annotations" not in (ROOT / file).read_text()
    ]
    assert evaluated == []


def test_the_top_of_the_house_holds_only_what_belongs_there() -> None:
    assert {file.parts[0] for file in tracked_files()} - TOP_LEVEL == set()


@pytest.mark.parametrize("name", ["server/utils.py", "kiosk/base_screen.py", "wire/common/codes.py"])
def test_an_empty_name_is_found(name: str) -> None:
    assert is_named_emptily(Path(name))


@pytest.mark.parametrize(
    "name", ["server/database.py", "wire/codes.py", "deploy/systemd/numerek-kiosk.service"]
)
def test_a_telling_name_is_not_flagged(name: str) -> None:
    assert not is_named_emptily(Path(name))


def test_silence_is_found() -> None:
    assert lacks_a_sentence(ast.parse("x = 1"))
    assert lacks_a_sentence(ast.parse('"""No full stop"""'))
    assert undocumented(ast.parse("def public() -> None: ...\ndef _own() -> None: ...")) == [
        "public (line 1)"
    ]
