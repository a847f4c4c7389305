"""The kiosk mode: visitors' keys, menus and closes do nothing; letters and digits still arrive."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from terminal.kiosk_mode import STAFF_KEYS, KioskMode
from terminal.launch import QuitOnSignals

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def window(qtbot):
    """Give a window with a field, in kiosk mode."""
    window = QWidget()
    qtbot.addWidget(window)
    window.field = QLineEdit()
    QVBoxLayout(window).addWidget(window.field)
    window.mode = KioskMode(window)
    window.field.setFocus()
    yield window
    window.mode.leave()


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
    handle = window.windowHandle()
    for key in "482":
        QTest.keyClick(handle, key)
    alt_gr = Qt.KeyboardModifier.GroupSwitchModifier
    QApplication.sendEvent(handle, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Z, alt_gr, "ż"))
    QTest.keyClick(handle, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(handle, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(handle, Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier)
    assert window.field.text() == "482ż"
    assert not window.field.hasSelectedText()


def test_the_staffs_keys_end_the_program(qapp, window):
    modifiers = (
        Qt.KeyboardModifier.ControlModifier
        | Qt.KeyboardModifier.AltModifier
        | Qt.KeyboardModifier.ShiftModifier
    )
    QTimer.singleShot(0, lambda: QTest.keyClick(window.windowHandle(), Qt.Key.Key_Q, modifiers))
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
    QTest.keyClick(window.windowHandle(), STAFF_KEYS.key(), STAFF_KEYS.keyboardModifiers())
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


@pytest.mark.parametrize("is_held", [True, False])
def test_no_menu_opens(qtbot, window, is_held):
    window.activateWindow()
    qtbot.waitUntil(window.field.hasFocus)
    handle, at = window.windowHandle(), window.field.geometry().center()
    if not is_held:
        handle.removeEventFilter(window.mode)
    by_key = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(handle, QContextMenuEvent(by_key, at, window.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert (menu is None) is is_held
    if menu is not None:
        menu.close()


@pytest.mark.parametrize("is_held", [True, False])
@pytest.mark.parametrize("keys", ["F5", "Ctrl+P"])
def test_no_shortcut_is_heard(window, keys, is_held):
    heard = []
    pressed = QKeySequence(keys)
    QShortcut(pressed, window).activated.connect(lambda: heard.append(keys))
    if not is_held:
        window.windowHandle().removeEventFilter(window.mode)
    QTest.keyClick(window.windowHandle(), pressed[0].key(), pressed[0].keyboardModifiers())
    assert heard == ([] if is_held else [keys])


def test_a_page_says_nothing_in_a_window_of_its_own():
    """What hangs over a widget is shown by the widget: the mode of the kiosk does not see it come."""
    folders = ("kiosk", "display_board", "terminal")
    sources = [file.read_text() for folder in folders for file in (ROOT / folder).rglob("*.py")]
    assert not [word for word in ("setToolTip(", "setWhatsThis(") for text in sources if word in text]


@pytest.mark.parametrize("is_held", [True, False])
def test_nothing_is_dropped(qtbot, is_held):
    window = QLineEdit()
    qtbot.addWidget(window)
    mode = KioskMode(window)
    handle = window.windowHandle()
    if not is_held:
        mode.leave()
    data, at = QMimeData(), QPointF(5, 5)
    data.setText("dropped")
    actions, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    entering = QDragEnterEvent(at.toPoint(), actions, data, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(handle, entering)
    QApplication.sendEvent(handle, QDropEvent(at, actions, data, left, Qt.KeyboardModifier.NoModifier))
    assert window.text() == ("" if is_held else "dropped")
    if is_held:
        mode.leave()


def test_leaving_gives_the_pointer_and_the_window_back(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    KioskMode(window).leave()
    assert QApplication.overrideCursor() is None
    assert window.close()
