"""A clerk calls from a kiosk's own line while the server is away: a real kiosk's, over the network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from counter_client.presenter import Presenter
from counter_client.state import Key
from kiosk.alone import line_server
from kiosk.alone.line_server import LineServer
from kiosk.alone.own_line import OwnLine
from kiosk.alone.standby import Standby
from terminal.client import Client
from terminal.clock import ServerClock
from terminal.theme import Theme
from tests.counter_client.conftest import Program
from tests.counter_client.office import LINE_KEY, Office
from tests.kiosk.alone.samples import TOKEN, entry, listed, signed
from tests.kiosk.test_presenter import DEVICE

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
KEY = Qt.Key


@pytest.fixture
def kiosk(qapp: QApplication, tmp_path: Path) -> Iterator[Standby]:
    """NX01 to NX03 wait at a kiosk that no server hears."""
    now = datetime.now(UTC)
    clock = ServerClock()
    clock.heard(now)
    standby = Standby(Client("http://127.0.0.1:9", TOKEN, clock), tmp_path / "kiosk.token")
    facts = {"day": now.date(), "made_at": now, "valid_until": now + timedelta(hours=8)}
    standby._listed(signed(listed(line_key=LINE_KEY, **facts)))
    standby.device = DEVICE
    for _ in range(3):
        standby.journal.add(now.date(), entry(at=now, series="NX", service="N"), 1)
    yield standby
    standby.stop()


@pytest.fixture
def server(kiosk: Standby) -> Iterator[LineServer]:
    server = LineServer(OwnLine(kiosk), 0)
    yield server
    server.close()


@pytest.fixture
def program(
    office: Office, qtbot, qapp: QApplication, memory: QSettings, server: LineServer
) -> Iterator[Program]:
    """A clerk is at work, and has the day's key."""
    qapp.setFont(Theme().font(16))
    program = Program(office, qtbot, memory, (f"http://127.0.0.1:{server.port}",))
    program.sign_in()
    program.presenter._lines.look()
    program.until(lambda: program.presenter._lines._key is not None)
    yield program
    program.close()


def press(program: Program, key: Qt.Key) -> None:
    window = program.shell.window
    QTest.keyClick(window.focusWidget() or window, key)


def words(program: Program) -> str:
    return " ".join(label.text() for label in program.shell.window.findChildren(QLabel) if label.isVisible())


def in_hand(program: Program) -> str | None:
    line = program.desk.alone
    return line.in_hand[1].number if line is not None and line.in_hand is not None else None


def test_a_clerk_calls_finishes_and_gives_up_numbers_of_the_kiosk(
    program: Program, office: Office, kiosk: Standby
) -> None:
    assert program.desk.alone is None
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    assert "Brak połączenia z urzędem: kolejka – Kiosk" in words(program)
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) == "NX01")
    assert "NX01" in words(program)
    assert kiosk.calls() == (("NX01", 7),)
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) is None)
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) == "NX02")
    press(program, KEY.Key_F11)
    program.until(lambda: in_hand(program) is None)
    ends = [(each.number, each.made.ended_at is not None, each.made.no_show) for each in kiosk.of_today()]
    assert ends == [("NX01", True, False), ("NX02", True, True), ("NX03", False, False)]
    assert office.commands == [], "the server was told nothing"


def test_an_answer_that_is_lost_calls_nobody_else(
    program: Program, office: Office, kiosk: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    answered, lost = line_server.answer_to, []

    def loses_calls(line: OwnLine, body: bytes) -> tuple[HTTPStatus, str]:
        told = answered(line, body)
        if b"call_next" not in body or len(lost) >= 1:
            return told
        lost.append(body)
        return HTTPStatus.CONFLICT, "{}"

    monkeypatch.setattr(line_server, "answer_to", loses_calls)
    program.presenter._lines._timer.stop()  # a look would tell who was called
    press(program, KEY.Key_F8)
    program.until(lambda: bool(lost) and program.desk.alone is not None and program.desk.alone.no_answer)
    assert "nikt nie zostanie wezwany dwa razy" in words(program)
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) == "NX01")
    assert [each.number for each in kiosk.of_today() if each.made.called_at] == ["NX01"]


def test_a_ticket_of_the_servers_is_left_in_hand(program: Program, office: Office, kiosk: Standby) -> None:
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.current is not None and program.desk.is_ready)
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    assert "P043" in words(program)
    assert "naciśnij F8" in words(program)
    press(program, KEY.Key_F11)
    assert kiosk.calls() == ()
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.alone is not None and program.desk.alone.is_open)
    assert kiosk.calls() == (), "the first press only goes there"
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) == "NX01")
    assert program.desk.current is not None


def test_with_the_server_back_the_line_stays_while_a_number_is_in_hand(
    program: Program, office: Office, kiosk: Standby
) -> None:
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) == "NX01")
    program.presenter._device_timer.stop()
    program.presenter._link(True)
    program.presenter._lines.look()
    assert program.desk.alone is not None
    kiosk.journal.asked(kiosk.own_line()[0].key)  # the kiosk has begun to send
    program.presenter._lines.look()
    program.until(lambda: in_hand(program) is None)
    program.presenter._link(True)
    program.presenter._lines.look()
    program.until(lambda: program.desk.alone is None)


def test_who_is_no_kiosk_of_the_branch_is_not_believed(
    program: Program, office: Office, kiosk: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that sends again what a kiosk once told."""
    kept: list[tuple[HTTPStatus, str]] = []
    answered = line_server.answer_to

    def the_same_again(line: OwnLine, body: bytes) -> tuple[HTTPStatus, str]:
        kept.append(kept[0] if kept else answered(line, body))
        return kept[-1]

    monkeypatch.setattr(line_server, "answer_to", the_same_again)
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    assert not program.desk.alone.no_answer, "the first one is the kiosk's"
    program.until(lambda: len(kept) > 1 and program.desk.alone.no_answer)


def test_without_addresses_nothing_is_asked(office: Office, qtbot, qapp: QApplication) -> None:
    presenter = Presenter(Client(office.server.url, "device", ServerClock()))
    assert not presenter._lines._timer.isActive()
    assert not presenter._lines.press(Key.MAIN)
