"""The clerks' list: what the server does not know, on paper, when staff ask and by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QObject, Signal

from kiosk.alone.clerks_list import ClerksList
from kiosk.alone.standby import Standby
from kiosk.staff_entries import add_entries
from kiosk.visit.events import Answered
from printers import PrinterState, Slip
from printers.alone_list import AloneRow, alone_list_slips
from printers.slip import MOST_ROWS
from terminal.texts import Texts
from tests.kiosk.alone.samples import HOUR, MADE, shows, walks_in
from tests.kiosk.alone.test_standby import Machine, ready
from wire import messages as wire

WARSAW = ZoneInfo("Europe/Warsaw")


class Sheets(QObject):
    """Stands for the kiosk's paper."""

    state_changed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.state = PrinterState.READY
        self.slips: list[Slip] = []

    def become(self, state: PrinterState) -> None:
        """Change how the printer is."""
        self.state = state
        self.state_changed.emit(state.value)

    def print(self, ask: int, slip: Slip) -> None:
        """Take a slip; no visitor waits for it."""
        assert ask == 0
        self.slips.append(slip)

    def numbers(self) -> list[list[str]]:
        """List the numbers on each slip."""
        return [[label for label, _ in slip.rows[1:]] for slip in self.slips]


@pytest.fixture
def standby(qapp, tmp_path: Path) -> Iterator[Standby]:
    made = ready(Machine(tmp_path))
    yield made
    made.stop()  # else it looks after its journal in another test


@pytest.fixture
def sheets(qapp) -> Sheets:
    return Sheets()


def give(standby: Standby, *questions) -> None:
    for question in questions:
        assert isinstance(standby.desk.answer(question, None), Answered)
        standby.gave.emit()


def test_the_list_has_numbers_and_hours_and_nothing_that_the_server_knows(
    standby: Standby, sheets: Sheets, texts: Texts
) -> None:
    texts.use_zone("Europe/Warsaw")
    clerks = ClerksList(standby, sheets, texts, 0, lambda: True)
    assert clerks.print_all() == 0
    assert sheets.slips == []
    give(standby, walks_in(), shows(1), walks_in())
    first = standby.journal.pending()[0]
    standby.journal.taken(first.key, wire.EntryTaken(number=first.number), MADE)
    assert clerks.print_all() == 2
    (slip,) = sheets.slips
    assert (slip.number, slip.office, slip.service) == (
        "09:00",
        "Urząd Wojewódzki",
        "Bilety wydane bez połączenia",
    )
    assert slip.rows == (("", "Wydano (Wizyta)"), ("PX01", "09:00 (09:40)"), ("NX02", "09:00"))


def test_it_comes_by_itself_after_so_many_tickets_once_nobody_is_there(
    standby: Standby, sheets: Sheets, texts: Texts
) -> None:
    is_idle = [True]
    clerks = ClerksList(standby, sheets, texts, 2, lambda: is_idle[0])
    give(standby, walks_in())
    clerks.look()
    assert sheets.slips == []
    is_idle[0] = False
    give(standby, walks_in(), walks_in())
    clerks.look()
    assert sheets.slips == [], "a visitor is at the kiosk"
    is_idle[0] = True
    clerks.look()
    clerks.look()
    assert sheets.numbers() == [["NX01", "NX02", "NX03"]]
    give(standby, walks_in(), walks_in())
    clerks.look()
    assert sheets.numbers()[1:] == [["NX04", "NX05"]], "each ticket once"


def test_a_list_that_no_printer_can_print_waits_for_one_and_staff_are_told_so(
    standby: Standby, sheets: Sheets, texts: Texts
) -> None:
    clerks = ClerksList(standby, sheets, texts, 2, lambda: True)
    menu = SimpleNamespace(entries=[])
    add_entries(menu, sheets, clerks, None, None, lambda: None)
    by_hand = next(entry for entry in menu.entries if entry.name == "staff_menu.alone_list")
    sheets.become(PrinterState.PAPER_OUT)
    give(standby, walks_in(), walks_in())
    clerks.look()
    assert by_hand.do() == "state.paper_out"
    assert texts.say("pl", "staff_menu.state.paper_out") == "brak papieru"
    assert sheets.slips == []
    sheets.become(PrinterState.READY)
    clerks.look()
    assert sheets.numbers() == [["NX01", "NX02"]]
    assert by_hand.do() == "list_sent"


def test_after_a_restart_what_the_server_does_not_know_is_due_again(
    standby: Standby, sheets: Sheets, texts: Texts
) -> None:
    give(standby, walks_in(), walks_in())
    clerks = ClerksList(standby, sheets, texts, 3, lambda: True)
    clerks.look()
    assert sheets.slips == []
    give(standby, walks_in())
    clerks.look()
    assert sheets.numbers() == [["NX01", "NX02", "NX03"]]


def test_without_a_number_of_tickets_it_never_comes_by_itself(
    standby: Standby, sheets: Sheets, texts: Texts
) -> None:
    clerks = ClerksList(standby, sheets, texts, 0, lambda: True)
    give(standby, walks_in())
    clerks.look()
    assert sheets.slips == []


def test_a_long_list_takes_several_slips() -> None:
    rows = [AloneRow(f"PX{number:02d}", MADE, HOUR) for number in range(1, 2 * MOST_ROWS)]
    slips = alone_list_slips(rows, "Urząd", MADE + timedelta(hours=1), "pl", WARSAW)
    assert [slip.lines for slip in slips] == [("1 / 3",), ("2 / 3",), ("3 / 3",)]
    assert [label for slip in slips for label, _ in slip.rows[1:]] == [row.number for row in rows]
    assert alone_list_slips([], "Urząd", MADE, "pl", WARSAW) == []
