"""The program's heartbeat for systemd: sent by the event loop itself, so that one that hangs is started again."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from wire.systemd import beat_seconds, tell


class Heartbeat(QObject):
    """Tells systemd that the program is ready once its event loop runs, and from then on that it still does.

    Where the unit wants no beats, or nobody listens, it does nothing.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        seconds = beat_seconds()
        # The first beat at once: READY=1 of a program that replaced itself does not start systemd's count anew.
        words = ("READY=1",) if seconds is None else ("READY=1", "WATCHDOG=1")
        QTimer.singleShot(0, self, lambda: tell(*words))
        if seconds is not None:
            beat = QTimer(self, interval=int(seconds * 1000))
            beat.timeout.connect(lambda: tell("WATCHDOG=1"))
            beat.start()
