"""The kiosk mode: visitors' keys, menus and closes do nothing; letters and digits still arrive."""

from __future__ import annotations

import os
import signal

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from terminal.kiosk_mode import STAFF_KEYS, KioskMode
from terminal.launch import QuitOnSignals

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture
def window(qtbot):
    """Give a window with a field, in kiosk mode."""
    window = QWidget()
    qtbot.addWidget(window)
    window.field = QLineEdit()
    QVBoxLayout(window).addWidget(window.field)
    mode = KioskMode(window)
    window.field.setFocus()
    yield window
    mode.leave()


def test_it_fills_the_screen_without_a_pointer(window):
    assert window.isFullScreen()
    assert window.windowFlags() & Qt.WindowType.FramelessWindowHint
    assert QApplication.overrideCursor().shape() == Qt.CursorShape.BlankCursor


def test_it_cannot_be_closed(window):
    assert not window.close()
    assert window.isVisible()


def test_it_comes_back_to_the_full_screen(qtbot, window):
    window.showMinimized()
    qtbot.waitUntil(window.isFullScreen)


def test_letters_arrive_and_commands_do_not(window):
    QTest.keyClicks(window.field, "482")
    alt_gr = Qt.KeyboardModifier.GroupSwitchModifier
    QApplication.sendEvent(window.field, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Z, alt_gr, "ż"))
    QTest.keyClick(window.field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.field, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.field, Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier)
    assert window.field.text() == "482ż"
    assert not window.field.hasSelectedText()


def test_the_staffs_keys_end_the_program(qapp, window):
    modifiers = (
        Qt.KeyboardModifier.ControlModifier
        | Qt.KeyboardModifier.AltModifier
        | Qt.KeyboardModifier.ShiftModifier
    )
    QTimer.singleShot(0, lambda: QTest.keyClick(window.field, Qt.Key.Key_Q, modifiers))
    too_late = QTimer(singleShot=True, interval=5000)
    too_late.timeout.connect(lambda: qapp.exit(1))
    too_late.start()
    assert qapp.exec() == 0


def test_a_locked_window_has_no_way_out_by_keys(qapp, qtbot, monkeypatch):
    told = []
    monkeypatch.setattr(QApplication, "exit", told.append)
    window = QWidget()
    qtbot.addWidget(window)
    mode = KioskMode(window, locked=True)
    QTest.keyClick(window, STAFF_KEYS.key(), STAFF_KEYS.keyboardModifiers())
    mode.leave()
    assert told == []


def test_a_signal_ends_the_program(qapp, window):
    signals = QuitOnSignals(qapp)
    QTimer.singleShot(0, lambda: os.kill(os.getpid(), signal.SIGTERM))
    too_late = QTimer(singleShot=True, interval=5000)
    too_late.timeout.connect(lambda: qapp.exit(1))
    too_late.start()
    assert qapp.exec() == 0
    signals.stop()


def test_no_menu_opens(window):
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), window.mapToGlobal(QPoint(5, 5)))
    QApplication.sendEvent(window.field, event)
    assert QApplication.activePopupWidget() is None


@pytest.mark.parametrize("is_held", [True, False])
def test_nothing_is_dropped(qtbot, is_held):
    window = QLineEdit()
    qtbot.addWidget(window)
    mode = KioskMode(window)
    if not is_held:
        mode.leave()
    data, at = QMimeData(), QPointF(5, 5)
    data.setText("dropped")
    actions, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    entering = QDragEnterEvent(at.toPoint(), actions, data, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, entering)
    QApplication.sendEvent(window, QDropEvent(at, actions, data, left, Qt.KeyboardModifier.NoModifier))
    assert window.text() == ("" if is_held else "dropped")
    if is_held:
        mode.leave()


def test_leaving_gives_the_pointer_and_the_window_back(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    KioskMode(window).leave()
    assert QApplication.overrideCursor() is None
    assert window.close()
