"""The clerk's program against an office on loopback, by its keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel

from counter_client.desk import SLOW
from counter_client.state import DialogKind, Panel, Verify
from tests.counter_client import samples
from tests.counter_client.conftest import Program
from tests.counter_client.office import Office
from wire.vocabulary import CounterState, TicketStatus

# What the offscreen platform says of windows that other platforms can raise and fix in size.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

KEY = Qt.Key
NONE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def press(program: Program, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    """Press a key where the focus is."""
    window = program.shell.mini if program.shell.mini.isVisible() else program.shell.window
    QTest.keyClick(window.focusWidget() or window, key, modifier)


def call_next(program: Program) -> None:
    """Call the next visitor by F8."""
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.current is not None and program.desk.is_ready)


def test_a_visitor_is_called_verified_served_and_the_next_one_called(program: Program, office: Office):
    program.sign_in()
    call_next(program)
    assert program.desk.current.number == "P043"
    QTest.keyClicks(program.shell.window, samples.RIGHT_CODE)
    press(program, KEY.Key_Return)
    program.until(lambda: program.desk.current.reservation.confirmation_verified)
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.current.status is TicketStatus.SERVING and program.desk.is_ready)
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.current.number == "P044")
    assert [path for path, _, _ in office.commands] == [
        "/api/v1/counters/7/call-next",
        "/api/v1/tickets/43/verify-confirmation",
        "/api/v1/tickets/43/start",
        "/api/v1/counters/7/call-next",
    ]
    assert office.commands[-1][1] == {"finish_current": "served"}


def test_f8_twice_is_one_command(program: Program, office: Office):
    program.sign_in()
    office.gate.clear()
    press(program, KEY.Key_F8)
    press(program, KEY.Key_F8)
    program.until(lambda: len(office.commands) == 1)
    press(program, KEY.Key_F8)
    office.gate.set()
    program.until(lambda: program.desk.is_ready)
    assert len(office.commands) == 1


def test_a_slow_server_is_told_of_for_as_long_as_the_program_runs(program: Program, office: Office):
    program.sign_in()
    slow = program.presenter._slow
    slow.setInterval(20)
    office.gate.clear()
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.said == SLOW)
    office.gate.set()
    program.until(lambda: program.desk.current is not None and program.desk.is_ready)
    assert program.desk.said is None
    slow.setInterval(60_000)
    program.intents.ticked.emit("identity")
    assert not slow.isActive(), "the window does not wait for a tick"
    office.gate.clear()
    press(program, KEY.Key_F8)
    assert slow.isActive()
    program.presenter.stop()
    assert not slow.isActive()


def test_a_wrong_confirmation_is_told_in_words_beside_the_field(program: Program):
    program.sign_in()
    call_next(program)
    QTest.keyClicks(program.shell.window, samples.WRONG_CODE)
    press(program, KEY.Key_Return)
    program.until(lambda: program.desk.verify is Verify.MISMATCH)
    assert "innej rezerwacji" in shown_texts(program)


def test_an_outcome_is_chosen_by_one_digit_and_a_scan_chooses_nothing(program: Program, office: Office):
    program.sign_in()
    call_next(program)
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.current.status is TicketStatus.SERVING and program.desk.is_ready)
    press(program, KEY.Key_F10)
    assert program.shell.window.dialog.isVisible()
    QTest.keyClicks(program.shell.window.dialog, samples.RIGHT_CODE)
    burst_over = program.shell.window.dialog._alone
    program.until(lambda: not burst_over.isActive())
    assert program.desk.dialog is not None
    press(program, KEY.Key_4)
    program.until(lambda: program.desk.current is None)
    finished = {"outcome": "other", "missing": []}
    assert office.commands[-1][:2] == ("/api/v1/tickets/43/finish", finished)


def test_what_was_missing_is_picked_by_digits_and_enter_finishes(program: Program, office: Office):
    program.sign_in()
    call_next(program)
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.current.status is TicketStatus.SERVING and program.desk.is_ready)
    press(program, KEY.Key_F10)
    press(program, KEY.Key_2)
    program.until(lambda: program.desk.dialog.kind is DialogKind.MISSING)
    for key, picked in ((KEY.Key_3, {"photograph"}), (KEY.Key_1, {"photograph", "identity"})):
        press(program, key)
        program.until(lambda picked=picked: program.desk.dialog.picked == picked)
    press(program, KEY.Key_Down)
    press(program, KEY.Key_Space)
    program.until(lambda: program.desk.dialog.picked == {"photograph"})
    assert program.shell.window.dialog.lines[0].hasFocus(), "arrows and space do not lose their place"
    assert len(office.commands) == 2
    press(program, KEY.Key_Return)
    program.until(lambda: program.desk.current is None)
    finished = {"outcome": "without_documents", "missing": ["photograph"]}
    assert office.commands[-1][:2] == ("/api/v1/tickets/43/finish", finished)


def test_a_tick_goes_to_the_server(program: Program, office: Office):
    program.sign_in()
    call_next(program)
    box = program.shell.window.card.findChildren(QCheckBox)[1]
    box.click()
    assert box.isChecked()
    program.until(
        lambda: ("/api/v1/tickets/43/check", {"checked": ["payment"]}) in [c[:2] for c in office.commands]
    )
    program.until(lambda: program.desk.looking is None and program.desk.current.checked == ["payment"])


def test_a_wrong_password_is_told_and_the_login_kept(program: Program):
    program.sign_in(password="zle")
    program.until(lambda: program.desk.said is not None)
    assert "Login albo hasło" in shown_texts(program)
    assert program.shell.window.sign_in.login.text() == "a.nowak"


def test_facts_of_the_stream_bring_a_new_snapshot(program: Program, office: Office):
    program.sign_in()
    office.waiting.append(45)
    office.tell("ticket.issued", hall="A", number="P045", service="P")
    program.until(lambda: [row.id for row in program.desk.snapshot.waiting] == [43, 44, 32, 45])


def test_a_traced_fact_is_noted_when_the_window_shows_it(program: Program, office: Office, monkeypatch):
    program.sign_in()
    noted: list[tuple[list[str], list[int]]] = []

    def note(traceparents):
        noted.append(([*traceparents], [row.id for row in program.desk.snapshot.waiting]))

    monkeypatch.setattr(program.presenter._reports, "note", note)
    office.tell("ticket.recalled", "told by the fact alone", hall="A", counter=12)
    program.until(lambda: len(noted) == 1)
    office.waiting.append(45)
    office.tell("ticket.issued", "looked for", hall="A", number="P045", service="P")
    office.tell("ticket.recalled", hall="A", counter=12)
    program.until(lambda: len(noted) == 2)
    assert noted == [(["told by the fact alone"], [43, 44, 32]), (["looked for"], [43, 44, 32, 45])]


def test_buttons_wait_while_the_server_is_away_and_come_back_with_it(program: Program, office: Office):
    program.sign_in()
    call_next(program)
    office.server.stop()
    program.until(lambda: not program.desk.connected)
    press(program, KEY.Key_F8)
    assert "brak połączenia" in shown_texts(program)
    office.current = samples.ticket(TicketStatus.SERVING, 43)
    office.server.start()
    program.until(lambda: program.desk.is_ready)
    assert program.desk.current.status is TicketStatus.SERVING
    assert [path for path, _, _ in office.commands] == ["/api/v1/counters/7/call-next"]


def test_starting_before_the_server_is_calm(program: Program, office: Office):
    office.server.stop()
    program.presenter.start()
    program.qtbot.waitUntil(lambda: program.presenter._asking is None)
    assert "Łączę się z serwerem" in shown_texts(program)
    office.server.start()
    program.presenter._ask_device()
    program.until(lambda: program.desk.device is not None)
    assert "Stanowisko 7" in shown_texts(program)


def test_a_session_that_ends_leads_to_the_sign_in_and_the_ticket_is_there_again(
    program: Program, office: Office
):
    program.sign_in()
    call_next(program)
    office.is_session_valid = False
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.clerk is None)
    assert "Sesja wygasła" in shown_texts(program)
    program.sign_in()
    assert program.desk.current.number == "P043"


def test_a_revoked_device_is_told_in_a_sentence(program: Program, office: Office):
    program.sign_in()
    office.is_device_known = False
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.said is not None and program.desk.said.key == "device_revoked")
    assert "nie jest już zarejestrowane" in shown_texts(program)


def test_a_device_that_is_revoked_while_nobody_presses_a_key_is_told_too(program: Program, office: Office):
    program.sign_in()
    office.is_device_known = False
    office.server.drop()
    program.until(lambda: not program.desk.connected)
    program.presenter._ask_device()
    program.until(lambda: program.desk.said is not None and program.desk.said.key == "device_revoked")


def test_a_pause_and_a_return(program: Program, office: Office):
    program.sign_in()
    press(program, KEY.Key_F5)
    program.until(lambda: program.desk.is_ready and program.desk.snapshot.state is CounterState.PAUSED)
    press(program, KEY.Key_F8)
    program.until(lambda: program.desk.is_ready and program.desk.is_open)


def test_the_parked_list_is_reached_and_used_by_keys(program: Program, office: Office):
    program.sign_in()
    press(program, KEY.Key_F6)
    assert program.desk.panel is Panel.PARKED
    assert program.shell.window.side.rows.hasFocus() or not program.shell.window.isActiveWindow()
    QTest.keyClick(program.shell.window.side.rows, KEY.Key_Down)
    QTest.keyClick(program.shell.window.side.rows, KEY.Key_Return)
    program.until(lambda: len(office.commands) == 1)
    assert office.commands[0][:2] == ("/api/v1/tickets/30/call", {"reason": "parked"})
    program.until(lambda: program.desk.under_way is None)


def test_the_mini_bar_is_low_stays_on_top_and_is_remembered(
    program: Program, memory: QSettings, office: Office
):
    program.sign_in()
    press(program, KEY.Key_M, CONTROL)
    mini = program.shell.mini
    assert mini.isVisible()
    assert not program.shell.window.isVisible()
    assert mini.height() <= 64
    assert mini.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    call_next(program)
    press(program, KEY.Key_Escape)
    program.until(lambda: program.desk.current is None and program.desk.is_ready)
    assert memory.value("mini") in (True, "true")
    press(program, KEY.Key_M, CONTROL)
    assert program.shell.window.isVisible()


def test_a_confirmation_is_scanned_into_the_mini_bar(program: Program, office: Office):
    program.sign_in()
    call_next(program)
    press(program, KEY.Key_M, CONTROL)
    for character in samples.RIGHT_CODE:
        QTest.keyClicks(program.shell.mini.focusWidget() or program.shell.mini, character)
    assert program.shell.mini.height() <= 64
    press(program, KEY.Key_Return)
    program.until(lambda: program.desk.current.reservation.confirmation_verified)
    assert not program.shell.mini.field.isVisible()


def test_a_held_key_counts_once(program: Program, office: Office):
    program.sign_in()
    window = program.shell.window
    held = QKeyEvent(QKeyEvent.Type.KeyPress, KEY.Key_F8, NONE, "", True)
    QApplication.sendEvent(window, held)
    assert program.desk.under_way is None
    QApplication.sendEvent(program.shell.mini, held)
    assert program.desk.under_way is None


def shown_texts(program: Program) -> str:
    """Join what the large window's labels say."""
    labels = program.shell.window.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())
