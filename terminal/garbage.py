"""Python's garbage is collected in the thread of the windows, and nowhere else.

The collector runs in whichever thread happens to need memory. When that is a printer's or a camera's, the
windows, timers and connections that it finds are destroyed in a thread that is not theirs, and Qt does not
survive that.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

PAUSE_MS = 500
"""How long garbage may lie about."""


class GarbageCollector(QObject):
    """Collects in the event loop what Python would otherwise collect in any thread."""

    def __init__(self, parent: QObject) -> None:
        """Take over from Python's own collector, as often as its thresholds ask for it."""
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=PAUSE_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def spare_what_stands(self) -> None:
        """Never look again at what the program has built so far: a full round then takes no picture's time."""
        gc.collect()
        gc.freeze()

    def _collect(self) -> None:
        counts, thresholds = gc.get_count(), gc.get_threshold()
        # The oldest generation that is due takes the younger ones with it.
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return
