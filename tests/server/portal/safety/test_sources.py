"""What the sources of the server never do, and how long hostile text keeps it busy (quality.md, Safe 1)."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from server.adapters.mail import envelope_address
from server.adapters.visit_wording import plain
from server.domain.booking import answers, details, people
from server.domain.booking.details import Days
from server.domain.booking.policy import BookingPolicy
from server.domain.guard.agents import agent_of
from server.domain.release.draw import read_line
from server.portal.booking.details_forms import international
from server.services.access import passwords
from server.services.accounts.address import address_of
from server.services.ports import NotDelivered
from wire.codes import MalformedCode, parse_scan

ROOT = Path(__file__).parents[4]
ROOMS = ("server", "wire")
FORBIDDEN_MODULES = frozenset({"pickle", "marshal", "shelve", "dill", "random", "yaml", "telnetlib", "xml"})
FORBIDDEN_CALLS = frozenset({"eval", "exec", "system", "popen", "render_template_string", "from_string"})
DAYS = Days(date(2026, 11, 23), date(2026, 12, 1))


def sources() -> Iterator[tuple[str, ast.AST]]:
    """Read all modules of the server."""
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text())


def crimes(name: str, tree: ast.AST) -> list[str]:
    """List what a module does that none does."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names if each.name.partition(".")[0] in FORBIDDEN_MODULES]
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in FORBIDDEN_MODULES:
            found.append(node.module or "")
        if isinstance(node, ast.Call):
            called = node.func
            word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            found += [word] if word in FORBIDDEN_CALLS else []
            found += [
                f"{each.arg}=True" for each in node.keywords if each.arg == "shell" and _is_true(each.value)
            ]
    return [f"{name}: {each}" for each in found]


def _is_true(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Constant) and node.value is False)


def test_no_source_pickles_evaluates_asks_a_shell_or_draws_lots_that_can_be_guessed() -> None:
    assert [each for name, tree in sources() for each in crimes(name, tree)] == []


@pytest.mark.parametrize(
    "source",
    ["import pickle", "from random import choice", "eval('1')", "os.system('x')", "run('x', shell=True)"],
)
def test_control_each_of_these_is_found(source: str) -> None:
    assert len(crimes("x", ast.parse(source))) == 1


def test_no_template_switches_the_writing_of_text_off() -> None:
    off = re.compile(r"\|\s*safe\b|autoescape\s+false")
    files = [
        file for room in ROOMS for file in (ROOT / room).rglob("*") if file.suffix in (".html", ".txt", ".j2")
    ]
    assert len(files) > 40
    assert [file.name for file in files if "templates" in file.parts and off.search(file.read_text())] == []


def _details(text: str) -> None:
    said = dict.fromkeys(
        ("name", "document", "email", "phone", "language", "activation", "birth_date", "legal_stay_until"),
        text,
    )
    details.check({**said, "children": [{"name": text, "birth_year": text}]}, BookingPolicy(), DAYS)


def _scan(text: str) -> None:
    with suppress(MalformedCode):
        parse_scan(text)


def _envelope(text: str) -> None:
    with suppress(NotDelivered):
        envelope_address(text)


READERS: tuple[Callable[[str], object], ...] = (
    *(_details, _scan, _envelope, plain, read_line, agent_of, address_of, international, people.clean),
    *(people.name_problem, people.document_problem, passwords.weakness),
    lambda text: answers.check((), {"x": text}, DAYS.today),
)
HOSTILE = (
    *(
        "a" * 100_000,
        "1" * 99_999 + "a",
        "a@" * 50_000,
        "a." * 50_000 + "@",
        "@" + "-" * 99_999,
        "\n" * 100_000,
    ),
    *(" " * 99_999 + "x", "+48" + "1-" * 50_000, "e\u0301" * 50_000, "\u0344" * 50_000, "ﷺ" * 30_000),
    *(
        "a@" + "a-" * 49_999,
        "a@" + "a.a" * 33_000 + "!",
        '"' * 100_000,
        "\\" * 100_000,
        "NQ1:" + "A" * 99_000,
    ),
    *("Mozilla/" * 12_000, "(" * 100_000, "x\u200d" * 50_000, "ж" * 100_000),
)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:8]))
def test_no_reader_of_what_people_type_is_kept_busy(text: str) -> None:
    for reader in READERS:
        quickest = min(_seconds(reader, text) for _ in range(2))
        assert quickest < 0.05, (reader, quickest)


def _seconds(reader: Callable[[str], object], text: str) -> float:
    begun = time.perf_counter()
    reader(text)
    return time.perf_counter() - begun
