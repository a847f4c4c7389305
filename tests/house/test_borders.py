"""No room of the house imports what its border keeps out."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.house.borders import BORDERS, BRAIN, BRAINS, ROOMS, border_of, crosses, imports_of, within
from tests.house.tracked import ROOT, module_name, parsed, tracked_modules

Imports = Mapping[str, list[tuple[int, str]]]


def all_imports() -> Imports:
    return {
        module_name(file): list(
            imports_of(parsed(file), module_name(file), is_package=file.name == "__init__.py")
        )
        for file in tracked_modules()
    }


def crossings(imports: Imports) -> list[str]:
    found = []
    for module, names in imports.items():
        if (place := border_of(module)) is not None:
            found += [f"{module}:{line} imports {name}" for line, name in names if crosses(*place, name)]
    return found


def brain_crossings(imports: Imports) -> list[str]:
    found = []
    for head in BRAINS:
        room = head.partition(".")[0]
        waiting, seen = [head], set()
        while waiting:
            module = waiting.pop()
            seen.add(module)
            for line, name in imports.get(module, []):
                own = max((known for known in imports if within(name, known)), key=len, default="")
                if within(own, room) and own != room:
                    waiting += {own} - seen
                elif crosses(head, BRAIN, name):
                    found.append(f"{module}:{line}, needed by {head}, imports {name}")
    return found


def imports_in(module: str, source: str) -> Imports:
    return {module: list(imports_of(ast.parse(source), module))}


def test_no_room_imports_across_its_border() -> None:
    assert crossings(all_imports()) == []


def test_the_brains_and_all_they_need_know_only_wire() -> None:
    assert brain_crossings(all_imports()) == []


@pytest.mark.parametrize("brain", BRAINS)
def test_a_brain_starts_without_qt(brain: str) -> None:
    look = f"import sys, {brain}; print([n for n in ('PySide6', 'terminal', 'printers') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_every_room_has_its_border() -> None:
    assert set(ROOMS) <= set(BORDERS)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("wire.messages", "import server.store"),
        ("wire.messages", "from flask import Flask"),
        ("printers.spooler", "from wire.codes import BookingCode"),
        ("printers.spooler", "def late():\n    from PySide6 import QtCore"),
        ("server.domain.queue.order", "from wire import messages"),
        ("server.domain.queue.order", "import sqlalchemy"),
        ("server.domain.queue.order", "import logging"),
        ("server.domain.queue.order", "from time import time"),
        ("server.domain.queue.order", "from ...store import tables"),
        ("server.services.call", "from sqlalchemy import select"),
        ("server.services.call", "from sqlalchemy.orm import Session, aliased"),
        ("server.services.call", "from flask import request"),
        ("server.store.write", "from server.services import call"),
        ("server.store.write", "import server.services.call as call"),
        ("server.api.tickets", "from sqlalchemy.orm import Session"),
        ("server.api.tickets", "from printers import layout"),
        ("server.staff.slip", "from printers import spooler"),
        ("server.app", "from kiosk import flow"),
        ("terminal.client", "from server.app import create_app"),
        ("terminal.client", "import printers"),
        ("kiosk.presenter", "import importlib\nimportlib.import_module('server.domain.queue.check_in')"),
        ("kiosk.presenter", "from server.domain import check_in"),
        ("kiosk.presenter", "from counter_client import desk"),
        ("kiosk.offline", "from server.store import store"),
        ("display_board.presenter", "from printers import layout"),
        ("counter_client.presenter", "import serial"),
    ],
)
def test_a_crossing_is_found(module: str, source: str) -> None:
    assert len(crossings(imports_in(module, source))) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("wire.messages", "import pydantic, re\nfrom wire.vocabulary import TicketStatus"),
        (
            "server.domain.queue.order",
            "from server.domain import hours\nfrom wire.vocabulary import Priority",
        ),
        ("server.services.call", "from sqlalchemy.orm import Session"),
        ("server.staff.slip", "from printers.layout import lay_out"),
        ("kiosk.offline", "from server.domain import check_in"),
        ("tests.journeys.test_day", "import server, kiosk, sqlalchemy"),
    ],
)
def test_what_is_allowed_is_not_flagged(module: str, source: str) -> None:
    assert crossings(imports_in(module, source)) == []


def test_a_brain_that_reaches_qt_through_its_own_room_is_found() -> None:
    imports = {
        "kiosk.flow": [(1, "kiosk.visit.steps.rest")],
        "kiosk.visit.steps": [(3, "PySide6.QtCore"), (4, "kiosk.flow.advance")],
    }
    assert brain_crossings(imports) == ["kiosk.visit.steps:3, needed by kiosk.flow, imports PySide6.QtCore"]
