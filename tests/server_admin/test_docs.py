"""The pages for people who install and run it say what the programs do: nothing more, nothing less."""

from __future__ import annotations

import re
import shlex

import pytest

import server.app  # noqa: F401 - it registers the routes
from printers.devices import _MODULES
from printers.status import PrinterState
from server.admin import states
from server.admin.__main__ import _parser
from server.api.routes import ROUTES
from tests.server_admin.pages import DOCS, rows, text
from wire.settings import setting_names

PAGES = sorted(str(file.relative_to(DOCS)) for file in DOCS.rglob("*.md") if "adr" not in file.parts)


def test_the_page_of_states_is_fresh() -> None:
    assert text("states.md") == states.page(), "run: ./numerek admin states > docs/states.md"


def test_every_route_stands_there_and_no_other() -> None:
    paths = [(each.method, re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", each.path)) for each in ROUTES]
    routes = {f"{method} {path}" for method, path in paths}
    page = text("api.md").partition("## Routes")[2].partition("##")[0]
    told = set(re.findall(r"^\| `((?:GET|POST|DELETE) [^`]+)`", page, re.MULTILINE))
    assert told == routes | {"GET /stream"}


@pytest.mark.parametrize("page", PAGES)
def test_every_administrators_command_that_stands_there_can_be_given(page: str) -> None:
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", text(page), re.MULTILINE | re.DOTALL):
        for line in re.findall(r"^(?:\S*/numerek admin|admin) (.*)$", block, re.MULTILINE):
            _parser().parse_args(shlex.split(line, comments=True))


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_stands_there_is_there(page: str) -> None:
    for name in re.findall(r"(?:docs|deploy|server)/[\w./-]+\.\w+", text(page)):
        assert (DOCS.parent / name).exists(), name


def test_every_state_of_a_printer_and_every_way_to_one_is_explained() -> None:
    page = text("printers-and-scanners.md")
    told = rows(page)
    assert {str(state) for state in PrinterState} <= set(told)
    assert all(f"{scheme}:" in page for scheme in (*_MODULES, "virtual"))


def test_the_settings_that_stand_there_exist() -> None:
    known = set(setting_names())
    for page in DOCS.glob("*.md"):
        for block in re.findall(r"^```toml\n(\[\w+\].*?)^```", text(page.name), re.MULTILINE | re.DOTALL):
            for table, lines in re.findall(r"^\[([\w.]+)\]\n((?:(?!\[).*\n)*)", block, re.MULTILINE):
                named = re.findall(r"^(\w+) =", lines, re.MULTILINE)
                assert {f"{table}.{name}" for name in named} <= known
