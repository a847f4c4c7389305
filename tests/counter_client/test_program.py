"""The program as an operator starts it: `python -m counter_client`."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from counter_client.shell import TEXTS
from counter_client.slips import DeskPrinter, slip_of
from terminal.texts import Texts
from tests.counter_client import samples
from tests.counter_client.office import Office
from wire.messages import SlipSettings
from wire.settings import PrinterSettings
from wire.vocabulary import TicketStatus

ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path, office: Office, *arguments: str) -> subprocess.Popen[str]:
    """Start the program with a config of its own."""
    (folder / "config.toml").write_text(
        f'[counter]\nserver_url = "{office.server.url}"\ntoken_file = "counter.token"\n', encoding="utf-8"
    )
    # As from a script with `&`, which hands on an ignored SIGINT.
    command = ["env", "--ignore-signal=INT", sys.executable, "-m", "counter_client"]
    command += ["--config", str(folder / "config.toml"), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_asks_the_server_who_it_is_and_ends_in_order(
    tmp_path: Path, office: Office, number: signal.Signals
):
    (tmp_path / "counter.token").write_text("device", encoding="ascii")
    program = start(tmp_path, office)
    try:
        assert office.was_asked.wait(20)
        program.send_signal(number)
        assert program.wait(10) == 0
    finally:
        program.kill()
        _, said = program.communicate()
    assert "Traceback" not in said
    assert QSettings(str(tmp_path / "counter.ini"), QSettings.Format.IniFormat).contains("geometry")


def test_without_a_token_it_says_how_to_enrol(tmp_path: Path, office: Office):
    program = start(tmp_path, office)
    _, said = program.communicate(timeout=20)
    assert program.returncode == 1
    assert "--enrol CODE" in said


def test_a_walk_in_slip_carries_the_number_and_the_phone_s_address():
    ticket = samples.ticket(TicketStatus.WAITING, 47, language="xx", people_ahead=3)
    slip = slip_of(ticket, samples.device(), Texts(TEXTS), "pl")
    assert (slip.number, slip.qr, slip.service) == ("P047", ticket.track_url, "Paszport – wniosek")
    assert ("Przed Tobą", "3") in slip.rows, "in the clerk's language where the ticket's has no words"
    spoken = slip_of(ticket.model_copy(update={"language": "ka"}), samples.device(), Texts(TEXTS), "pl")
    assert ("თქვენამდე", "3") in spoken.rows
    office = samples.device()
    ruled = SlipSettings(footer={"pl": "Toalety: parter"}, qr=False, rows=["issued"])
    settings = office.settings.model_copy(update={"slip": ruled})
    slip = slip_of(ticket, office.model_copy(update={"settings": settings}), Texts(TEXTS), "pl")
    assert (slip.qr, slip.lines, len(slip.rows)) == ("", ("Toalety: parter",), 1), (
        "as the office rules its slips"
    )


def test_the_desk_printer_tells_the_end_of_a_slip(qtbot: QtBot, tmp_path: Path):
    target = tmp_path / "paper.bin"
    target.touch()
    printer = DeskPrinter(PrinterSettings(device=f"file:{target}", completion="none"))
    slip = slip_of(samples.ticket(TicketStatus.WAITING, 47), samples.device(), Texts(TEXTS), "pl")
    with qtbot.waitSignal(printer.ended, timeout=10_000) as ended:
        printer.print(slip)
    printer.close()
    assert ended.args == ["P047", True]
    assert len(target.read_bytes()) > 1000
