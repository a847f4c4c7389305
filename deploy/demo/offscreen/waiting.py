"""Waiting for what is to be seen: Qt's events run meanwhile, and no wait is endless."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer

LOOK_MS = 3


class NotSeen(Exception):
    """What was to happen was not seen in time."""


def until(seen: Callable[[], object], what: str, seconds: float = 30.0) -> float:
    """Run Qt's events until `seen()` holds; return after how many milliseconds. Raises NotSeen."""
    began = time.perf_counter()
    loop = QEventLoop()
    look, patience = QTimer(interval=LOOK_MS), QTimer(singleShot=True, interval=round(seconds * 1000))
    look.timeout.connect(lambda: loop.quit() if seen() else None)
    patience.timeout.connect(loop.quit)
    if not seen():
        look.start()
        patience.start()
        loop.exec()
        look.stop()
        if not seen():
            raise NotSeen(f"{what}: not seen within {seconds:.0f} s")
    return (time.perf_counter() - began) * 1000


def pause(seconds: float) -> None:
    """Let Qt's events run for a while: where a program itself asks for time, as after a call."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
