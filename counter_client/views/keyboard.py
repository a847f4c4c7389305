"""One hand on the F-keys: which key means what."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from counter_client.state import Key

PLAIN = {
    Qt.Key.Key_F1: Key.KEYS,
    Qt.Key.Key_F2: Key.NO_SHOWS,
    Qt.Key.Key_F3: Key.WAITING,
    Qt.Key.Key_F4: Key.ISSUE,
    Qt.Key.Key_F5: Key.PAUSE,
    Qt.Key.Key_F6: Key.PARKED,
    Qt.Key.Key_F7: Key.VERIFY,
    Qt.Key.Key_F8: Key.MAIN,
    Qt.Key.Key_F9: Key.RECALL,
    Qt.Key.Key_F10: Key.FINISH,
    Qt.Key.Key_F11: Key.NO_SHOW,
    Qt.Key.Key_F12: Key.PARK,
    Qt.Key.Key_Escape: Key.ESCAPE,
}
WITH_CONTROL = {
    Qt.Key.Key_F12: Key.TRANSFER,
    Qt.Key.Key_F8: Key.HELP,
    Qt.Key.Key_F7: Key.ANSWER,
    Qt.Key.Key_F11: Key.WITHDRAW,
    Qt.Key.Key_F5: Key.CLOSE,
    Qt.Key.Key_F6: Key.FINISHED,
    Qt.Key.Key_F1: Key.SIGN_OUT,
    Qt.Key.Key_Z: Key.UNDO,
}


def key_of(event: QKeyEvent) -> Key | None:
    """Read a key press; Alt and other company make it somebody else's."""
    if event.modifiers() == Qt.KeyboardModifier.ControlModifier:
        return WITH_CONTROL.get(Qt.Key(event.key()))
    if event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
        return PLAIN.get(Qt.Key(event.key()))
    return None


def is_mini(event: QKeyEvent) -> bool:
    """Tell whether this is Ctrl+M."""
    control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
    return control and event.key() == Qt.Key.Key_M
