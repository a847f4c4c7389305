"""A clerk calls from a kiosk's own line while the server is away: a real kiosk's, over the network."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from counter_client import kiosk_lines
from counter_client.alone import MOST_FAILED, NO_ANSWER
from counter_client.presenter import Presenter
from counter_client.state import Key
from kiosk.alone import line_server
from kiosk.alone.journal import JournalFailed
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
from wire.messages import Problem

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
KEY = Qt.Key


def new_kiosk(folder: Path, earlier: timedelta = timedelta(0)) -> Standby:
    """Make a kiosk that no server hears, where NX01 to NX03 wait."""
    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    clock = ServerClock()
    clock.heard(now)
    standby = Standby(Client("http://127.0.0.1:9", TOKEN, clock), folder / "kiosk.token")
    facts = {"day": now.date(), "made_at": now, "valid_until": now + timedelta(hours=8)}
    standby._listed(signed(listed(line_key=LINE_KEY, **facts)))
    standby.device = DEVICE
    for _ in range(3):
        standby.journal.add(now.date(), entry(at=now - earlier, series="NX", service="N"), 1)
    return standby


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a kiosk time to answer on a busy machine, where a test does not ask for less."""
    monkeypatch.setattr(kiosk_lines, "PATIENCE_S", 20.0)


@pytest.fixture
def kiosk(qapp: QApplication, tmp_path: Path) -> Iterator[Standby]:
    """NX01 to NX03 wait at a kiosk that no server hears."""
    standby = new_kiosk(tmp_path)
    yield standby
    standby.stop()


@pytest.fixture
def server(kiosk: Standby) -> Iterator[LineServer]:
    server = LineServer(OwnLine(kiosk), 0)
    yield server
    server.close()


def signed_in(program: Program) -> Program:
    """Sign the clerk in, and wait for the day's key."""
    program.sign_in()
    program.presenter._lines.look()
    program.until(lambda: program.presenter._lines._key is not None)
    return program


@pytest.fixture
def program(
    office: Office, qtbot, qapp: QApplication, memory: QSettings, server: LineServer
) -> Iterator[Program]:
    """A clerk is at work, and has the day's key."""
    qapp.setFont(Theme().font(16))
    program = signed_in(Program(office, qtbot, memory, (f"http://127.0.0.1:{server.port}",)))
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
    assert "Brak połączenia z serwerem. Kolejka: Biletomat" in words(program)
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
    assert ends == [("NX01", True, None), ("NX02", True, True), ("NX03", False, None)]
    assert office.commands == [], "the server was told nothing"


@pytest.mark.parametrize("wish", [b"call_next", b"finish"])
def test_an_answer_that_is_lost_calls_nobody_else(
    program: Program, office: Office, kiosk: Standby, monkeypatch: pytest.MonkeyPatch, wish: bytes
) -> None:
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    answered, lost = line_server.answer_to, []

    def loses_one(line: OwnLine, body: bytes) -> tuple[HTTPStatus, str]:
        told = answered(line, body)
        if wish not in body or len(lost) >= 1:
            return told
        lost.append(body)
        return HTTPStatus.CONFLICT, "{}"

    monkeypatch.setattr(line_server, "answer_to", loses_one)
    program.presenter._lines._timer.stop()  # what was done is asked at once, not only by the next look
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) == "NX01")
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) is None)
    assert len(lost) == 1
    assert program.desk.said is None, "what was asked for is done: it is not at the server"
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) == "NX02")
    assert [each.number for each in kiosk.of_today() if each.made.called_at] == ["NX01", "NX02"]


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
    assert "Połączenie wróciło. Kolejka: Biletomat" in words(program)
    kiosk.journal.asked(kiosk.own_line()[0].key)  # the kiosk has begun to send
    program.presenter._lines.look()
    program.until(lambda: program.desk.alone is None)
    assert "przekazuje NX01 serwerowi" in words(program)


def test_a_finish_that_comes_too_late_is_told_of(program: Program, office: Office, kiosk: Standby) -> None:
    called_alone(program, office)
    program.presenter._lines._timer.stop()
    program.until(lambda: not program.presenter._lines._sendings)
    kiosk.journal.asked(kiosk.own_line()[0].key)  # the kiosk heard the server first
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) is None)
    assert "przekazuje NX01 serwerowi" in words(program)
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) == "NX02")
    assert "NX01" not in words(program), "it was read"


@pytest.mark.usefixtures("short_patience")
def test_a_call_that_was_not_answered_is_looked_for_though_the_server_is_back(
    program: Program, office: Office, kiosk: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands at the kiosk as this counter's; a kiosk that stays silent is given up like any other."""
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    lines = program.presenter._lines
    lines._timer.stop()
    program.presenter._device_timer.stop()
    program.until(lambda: not lines._sendings)
    answered, wishes = line_server.answer_to, []

    def is_silent(line: OwnLine, body: bytes) -> tuple[HTTPStatus, str]:
        wishes.append(answered(line, body))
        return HTTPStatus.CONFLICT, "{}"

    with monkeypatch.context() as silent:
        silent.setattr(line_server, "answer_to", is_silent)
        press(program, KEY.Key_F8)
        program.until(lambda: len(wishes) == 2 and not lines._sendings)
        program.presenter._link(True)
        looks_in_vain(program, 1)
        assert program.desk.alone is not None
        assert lines.press(Key.MAIN, program.desk.changed_at_ms)
        assert lines._pressed is None, "nobody else is called meanwhile, here or there"
    lines.look()
    program.until(lambda: in_hand(program) == "NX01")
    with monkeypatch.context() as silent:
        silent.setattr(line_server, "answer_to", is_silent)
        press(program, KEY.Key_F8)
        program.until(lambda: not lines._sendings)
        looks_in_vain(program, MOST_FAILED)
    assert program.desk.alone is None


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
    assert not program.desk.alone.troubles, "the first one is the kiosk's"
    program.until(lambda: len(kept) > 1 and set(program.desk.alone.troubles.values()) == {NO_ANSWER})


def test_with_the_server_back_keys_are_the_servers_at_once(program: Program, office: Office) -> None:
    presenter, lines = program.presenter, program.presenter._lines
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    lines._timer.stop()
    presenter._device_timer.stop()
    presenter.desk = replace(program.desk, connected=True)
    assert not lines.press(Key.MAIN, program.desk.changed_at_ms), "also before the line is closed"
    presenter.desk = replace(program.desk, connected=False)
    presenter._link(True)
    assert program.desk.alone is None, "no look of the timer is waited for"
    presenter._link(False)
    program.until(lambda: program.desk.alone is not None)
    called_from_here(program)
    presenter.desk = replace(program.desk, connected=True)
    assert lines.press(Key.FINISH, program.desk.changed_at_ms), "control: while a number is in hand"
    program.until(lambda: program.desk.alone is None)


@pytest.mark.usefixtures("short_patience")
@pytest.mark.parametrize("is_refused", [False, True])
def test_what_a_kiosk_tells_late_opens_no_line(
    program: Program, office: Office, kiosk: Standby, is_refused: bool
) -> None:
    presenter, lines = program.presenter, program.presenter._lines
    if is_refused:
        kiosk._client.clock.heard(datetime.now(UTC) + timedelta(minutes=5))
    lines._timer.stop()
    presenter._device_timer.stop()
    for is_late in (False, True):
        presenter.desk = replace(program.desk, connected=False)
        lines.look()
        presenter.desk = replace(program.desk, connected=is_late)
        program.until(lambda: not lines._sendings)
        assert (program.desk.alone is None) is is_late
        lines._close()


def called_from_here(program: Program) -> None:
    """Let the clerk call NX01, the server being away."""
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) == "NX01")


def called_alone(program: Program, office: Office) -> None:
    """Let the office go away, and the clerk call NX01."""
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    called_from_here(program)


def test_a_key_pressed_twice_calls_and_does_not_finish(program: Program, office: Office) -> None:
    presenter, lines = program.presenter, program.presenter._lines
    called_alone(program, office)
    lines._timer.stop()
    presenter.desk = replace(program.desk, settle_ms=350, key_pause_ms=700)
    at_ms = program.desk.acted_at_ms
    assert at_ms == program.desk.changed_at_ms
    for after_ms in (0, 150, 699):
        assert lines.press(Key.MAIN, at_ms + after_ms), "it is the line's, and dropped"
        assert lines._pressed is None
    assert lines.press(Key.FINISH, at_ms + 349)
    assert lines._pressed is None, "another key waits until the number is seen"
    assert lines.press(Key.FINISH, at_ms + 350)
    assert lines._pressed is Key.FINISH
    program.until(lambda: in_hand(program) is None)


def test_a_press_that_goes_to_the_line_does_not_call_from_it_too(program: Program, office: Office) -> None:
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.current is not None and program.desk.is_ready)
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    lines = program.presenter._lines
    program.presenter.desk = replace(program.desk, key_pause_ms=700)
    at_ms = program.desk.changed_at_ms + 1_000
    assert lines.press(Key.MAIN, at_ms)
    at_ms = program.desk.acted_at_ms
    lines.press(Key.MAIN, at_ms + 699)
    assert lines._pressed is None
    lines.press(Key.MAIN, at_ms + 700)
    assert lines._pressed is Key.MAIN
    program.until(lambda: in_hand(program) == "NX01")


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kiosk_lines, "PATIENCE_S", 0.3)


def looks_in_vain(program: Program, times: int) -> None:
    """Let the program look at a kiosk that is gone."""
    lines = program.presenter._lines
    for _ in range(times):
        lines.look()
        program.until(lambda: not lines._sendings)


@pytest.mark.usefixtures("short_patience")
def test_a_finish_that_is_not_answered_may_be_pressed_once_more(
    program: Program, office: Office, server: LineServer
) -> None:
    called_alone(program, office)
    program.presenter._lines._timer.stop()
    server.close()
    looks_in_vain(program, 1)
    assert "NX01 pozostaje w obsłudze" in words(program)
    press(program, KEY.Key_F8)
    program.until(lambda: "Naciśnij jeszcze raz" in words(program))
    looks_in_vain(program, 1)
    assert "Naciśnij jeszcze raz" in words(program)


@pytest.mark.usefixtures("short_patience")
def test_a_dead_kiosk_does_not_keep_the_counter_once_the_server_is_back(
    program: Program, office: Office, server: LineServer
) -> None:
    called_alone(program, office)
    lines = program.presenter._lines
    lines._timer.stop()
    server.close()
    looks_in_vain(program, 4)
    assert in_hand(program) == "NX01", "while the server is away it is all that is known"
    program.presenter._device_timer.stop()
    program.presenter._link(True)
    looks_in_vain(program, MOST_FAILED - 1)
    assert in_hand(program) == "NX01", "it may be a short trouble"
    looks_in_vain(program, 1)
    assert program.desk.alone is None
    assert "Niezakończone w biletomacie: NX01." in words(program)
    lines.look()
    assert program.desk.alone is None
    assert not lines._sendings


def test_a_call_on_its_way_is_waited_for_though_the_server_is_back(program: Program, office: Office) -> None:
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    lines = program.presenter._lines
    lines._timer.stop()
    program.presenter._device_timer.stop()
    lines.press(Key.MAIN, program.desk.changed_at_ms)
    program.presenter._link(True)
    lines.look()
    assert program.desk.alone is not None
    program.until(lambda: in_hand(program) == "NX01")


@pytest.mark.usefixtures("short_patience")
def test_a_kiosk_that_can_save_nothing_says_so(
    program: Program, office: Office, kiosk: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise JournalFailed("disk full")

    office.stop()
    program.until(lambda: program.desk.alone is not None)
    with monkeypatch.context() as broken:
        broken.setattr(kiosk.journal, "call", full)
        press(program, KEY.Key_F8)
        program.until(lambda: "nie może niczego zapisać" in words(program))
        looks_in_vain(program, 1)
        assert "nie może niczego zapisać" in words(program), "a look does not take it away"
    program.until(lambda: program.presenter._lines._pressed is None)
    press(program, KEY.Key_F8)
    program.until(lambda: in_hand(program) == "NX01")
    assert "nie może niczego zapisać" not in words(program)


def test_clocks_that_differ_are_told_of_once(
    program: Program, office: Office, kiosk: Standby, caplog: pytest.LogCaptureFixture
) -> None:
    kiosk._client.clock.heard(datetime.now(UTC) + timedelta(minutes=5))
    office.stop()
    program.until(lambda: program.desk.alone is not None)
    assert program.desk.alone.told == {}
    assert "różnią się o ponad dwie minuty" in words(program)
    looks_in_vain(program, 2)
    assert [each.message for each in caplog.records if each.name == kiosk_lines.__name__] == [
        f"The kiosk at {next(iter(program.desk.alone.troubles))} does not do what it is asked: too_old"
    ]
    press(program, KEY.Key_F8)
    assert program.presenter._lines._pressed is None, "there is nothing to call"
    kiosk._client.clock.heard(datetime.now(UTC))
    program.presenter._lines.look()
    program.until(lambda: bool(program.desk.alone.waiting))
    assert "różnią się" not in words(program)


@pytest.mark.parametrize(
    ("reason", "seconds", "has_key"), [("unexpected", 30, True), ("offline_off", 600, False)]
)
def test_a_fault_of_the_server_delays_the_next_key_by_seconds(
    program: Program, reason: str, seconds: float, has_key: bool
) -> None:
    lines, before = program.presenter._lines, time.monotonic()
    lines._not_learned(Problem(title="Not now", status=503, reason=reason))
    assert before + seconds <= lines._learn_at <= time.monotonic() + seconds
    assert (lines._key is not None) is has_key


def test_without_addresses_nothing_is_asked(office: Office, qtbot, qapp: QApplication) -> None:
    presenter = Presenter(Client(office.server.url, "device", ServerClock()))
    assert not presenter._lines._timer.isActive()
    assert not presenter._lines.press(Key.MAIN, 0)
