"""How much of a test's time a busy machine gave to others: a thread that wants to wake up often, and is late.

So a limit of time can be the promise itself, and still holds on a machine that stands still now and then.
"""

from __future__ import annotations

import threading
import time

_BEAT_SECONDS = 0.02


class Metronome:
    """Beats for the length of a with statement; `late` is by how many seconds its beats were late in all."""

    def __init__(self) -> None:
        self.late = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Metronome:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        is_over = False
        while not is_over:
            began = time.monotonic()
            is_over = self._ended.wait(_BEAT_SECONDS)
            if not is_over:
                self.late += max(0.0, time.monotonic() - began - _BEAT_SECONDS)
