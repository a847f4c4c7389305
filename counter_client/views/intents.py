"""What a person can want from the window, as signals that every view shares."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Intents(QObject):
    """One object for all views, so that the presenter listens in one place."""

    pressed = Signal(object)
    picked = Signal(int)
    withdrawn = Signal(int)
    chose = Signal(int, str)
    scanned = Signal(str)
    ticked = Signal(str)
    sign_in = Signal(str, str)
    mini = Signal()
    contrast = Signal()
    language = Signal()
