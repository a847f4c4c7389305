"""A key that is held down counts once, whether Qt calls the rest repetitions or not."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from terminal.held_keys import HeldKeys

PRESS, RELEASE = QEvent.Type.KeyPress, QEvent.Type.KeyRelease
F8, NINE = Qt.Key.Key_F8, Qt.Key.Key_9


class Window(QWidget):
    """A window that lists the keys that reach it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[int] = []
        self.field = QLineEdit(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.heard.append(event.key())


@pytest.fixture
def window(qtbot) -> Window:
    window = Window()
    qtbot.addWidget(window)
    HeldKeys(window)
    return window


def send(to: QWidget, kind: QEvent.Type, key: Qt.Key, at_ms: int, is_repeat: bool = False) -> None:
    text = "9" if key == NINE else ""
    event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text, is_repeat)
    event.setTimestamp(at_ms)
    QApplication.sendEvent(to, event)


def test_what_qt_calls_a_repetition_is_swallowed(window: Window) -> None:
    send(window, PRESS, F8, 1000)
    send(window, PRESS, F8, 1660, is_repeat=True)
    assert window.heard == [F8]


def test_a_press_in_the_instant_of_its_release_is_a_repetition(window: Window) -> None:
    send(window, PRESS, F8, 1000)
    for at_ms in (1660, 1700, 1740):
        send(window, RELEASE, F8, at_ms)
        send(window, PRESS, F8, at_ms)
    assert window.heard == [F8]
    send(window, RELEASE, F8, 1780)
    send(window, PRESS, F8, 1781)
    assert window.heard == [F8, F8]


def test_another_key_in_the_same_instant_is_heard(window: Window) -> None:
    send(window, RELEASE, F8, 1000)
    send(window, PRESS, NINE, 1000)
    assert window.heard == [NINE]


def test_presses_without_a_time_are_all_heard(window: Window) -> None:
    for _ in range(2):
        send(window, PRESS, F8, 0)
        send(window, RELEASE, F8, 0)
    assert window.heard == [F8, F8]


def test_a_text_field_takes_repetitions_itself(window: Window) -> None:
    send(window.field, PRESS, NINE, 1000)
    send(window.field, PRESS, NINE, 1660, is_repeat=True)
    assert window.field.text() == "99"
