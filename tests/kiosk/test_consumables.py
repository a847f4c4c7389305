"""Paper is counted slip by slip, outlives a restart, and begins anew with a new roll."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kiosk.consumables import Consumables, Roll
from kiosk.device_report import paper_report
from kiosk.slips import Paper
from printers import PrinterSettings, PrinterState
from printers.encode import encode, width_dots
from printers.length import slip_millimetres
from printers.virtual import Machine, VirtualPrinter
from tests.printers.samples import SLIPS


def counted(file: Path, printers: int = 1) -> Consumables:
    return Consumables(file, roll_metres=80, warning_metres=10, printers=printers)


def left(paper: Consumables) -> int | None:
    return paper.supplies()[0].metres_left


def test_what_is_left_is_told_in_metres_and_slips_and_warned_before_the_end(tmp_path: Path) -> None:
    paper = counted(tmp_path / "kiosk.paper")
    assert (left(paper), paper.words()) == (80, {"roll": "ok"})
    for _ in range(499):
        paper.printed(0, 140.0)
    assert (left(paper), paper.words()) == (10, {"roll": "ok"})
    paper.printed(0, 140.0)
    (supply,) = paper.supplies()
    assert (supply.slips, supply.metres_left, supply.slips_left) == (500, 10, 71)
    assert paper.words() == {"roll": "ending"}
    for _ in range(100):
        paper.printed(0, 140.0)
    assert left(paper) == 0, "never less than nothing"


def test_the_count_outlives_a_restart_and_a_second_printer_has_its_own(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.paper"
    paper = counted(file, printers=2)
    paper.printed(0, 10_000.0)
    paper.printed(1, 75_000.0)
    again = counted(file, printers=2)
    assert [each.metres_left for each in again.supplies()] == [70, 5]
    assert again.words() == {"roll": "ok", "second_roll": "ending"}
    assert counted(file).words() == {"roll": "ok"}, "the second printer was taken away"


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"metres": 3}]', "\x00"])
def test_a_broken_file_is_counted_anew(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "kiosk.paper"
    file.write_text(text)
    with caplog.at_level(logging.WARNING):
        assert left(counted(file)) == 80


def test_a_disk_that_takes_nothing_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    paper = counted(tmp_path / "no" / "kiosk.paper")
    paper.printed(0, 1_000.0)
    assert left(paper) == 79
    assert "cannot be kept" in caplog.text


def test_a_printed_slip_is_counted_and_an_ending_roll_reported_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    paper_left = counted(tmp_path / "kiosk.paper")
    paper_left.printed(0, 69_950.0)
    with VirtualPrinter() as printer:
        paper = Paper(PrinterSettings(printer.address, poll_seconds=0.05), None, paper_left)
        qtbot.waitUntil(lambda: paper.state.can_print)
        reports: list[dict] = []
        paper.state_changed.connect(lambda _: reports.append(paper_report(paper)))
        paper.print(1, SLIPS["pl"])
        # Also for a visitor who has gone.
        paper.forget()
        qtbot.waitUntil(lambda: any(report["roll"] == "ending" for report in reports))
        assert [supply.slips for supply in reports[-1]["supplies"]] == [2]
        printer.machine.set(paper="out")
        qtbot.waitUntil(lambda: reports[-1]["printer"] == "paper_out")
        printer.machine.set(paper="in")
        qtbot.waitUntil(lambda: reports[-1]["roll"] == "ok")
        paper.close()


READY, LOW, OUT = PrinterState.READY, PrinterState.PAPER_LOW, PrinterState.PAPER_OUT


@pytest.mark.parametrize(
    ("states", "is_new"),
    [
        ([LOW, READY], True),
        ([OUT, READY], True),
        ([LOW, OUT, PrinterState.COVER_OPEN, READY], True),
        ([OUT, PrinterState.DISCONNECTED, READY], True),
        ([OUT, LOW], False),
        ([PrinterState.COVER_OPEN, READY], False),
        ([PrinterState.DISCONNECTED, READY], False),
        ([LOW], False),
    ],
)
def test_a_new_roll_is_in_when_a_printer_without_paper_is_well_again(
    tmp_path: Path, states: list[PrinterState], is_new: bool
) -> None:
    for restarts in (False, True):
        paper = counted(file := tmp_path / f"{restarts}.paper")
        paper.printed(0, 50_000.0)
        for state in states:
            paper.became((state,))
            paper = counted(file) if restarts else paper
        assert left(paper) == (80 if is_new else 30)


def test_a_roll_that_staff_told_of_counts_once(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.paper"
    paper = counted(file)
    paper.printed(0, 50_000.0)
    paper.told([3])
    assert left(paper) == 30, "what was told before this kiosk counted says nothing"
    paper.told([4])
    assert left(paper) == 80
    paper.printed(0, 20_000.0)
    paper.told([4])
    assert left(counted(file)) == 60
    for told in ([2], []):
        paper.told(told)
        assert left(paper) == 60, "a server whose backup was restored, or that says nothing, knows of fewer"
    paper.told([1])
    assert left(paper) == 80


def test_without_a_length_only_slips_are_told(tmp_path: Path) -> None:
    paper = Consumables(tmp_path / "kiosk.paper", roll_metres=0, warning_metres=10)
    paper.printed(0, 140.0)
    assert paper.words() == {}
    assert paper.supplies()[0].model_dump() == {"slips": 1, "metres_left": None, "slips_left": None}


def test_recent_slips_count_for_how_many_are_left() -> None:
    roll = Roll()
    for _ in range(60):
        roll = roll.printed(200.0)
    assert roll.slip_mm == pytest.approx(200.0, abs=1.0)


@pytest.mark.parametrize("language", ["pl", "ka"])
def test_a_slips_length_is_what_a_printer_feeds_for_it(language: str) -> None:
    settings = PrinterSettings("virtual:")
    data = encode(SLIPS[language], settings)
    machine = Machine()
    machine.receive(data, lambda _: None)
    (slip,) = machine.wait_for_slips(1, 30)
    machine.close()
    length = slip_millimetres(data, width_dots(settings))
    assert length == pytest.approx(slip.height / 8, abs=0.2)
    assert 90 < length < 180
    assert slip_millimetres(data[: len(data) // 2], width_dots(settings)) < length
