"""Plays past days in a child process: what takes seconds of a processor takes none of the server's threads."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence

from server.adapters.press import Press
from server.domain.queue.what_if_answer import Answer, read_answer
from server.domain.queue.what_if_day import Changes, Day
from server.services.ports import NotWritten

_COMMAND = [sys.executable, "-m", "server.adapters.day_process"]
_SECONDS = 15.0
_AT_ONCE = 3
_KEPT = 64


class DayPlayer:
    """Answers one question at a time; more than two others that wait are sent away. Each is played once."""

    def __init__(self, press: Press | None = None) -> None:
        self._press = press or Press(_COMMAND, _SECONDS)
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, Answer] = OrderedDict()

    def answer(self, asked: Sequence[tuple[Day, Changes]]) -> Answer:
        """Play some days with and without the changes of each. Raises NotWritten."""
        from server.adapters.day_process import QUESTIONS

        text = QUESTIONS.dump_json(list(asked)).decode()
        key = hashlib.sha256(text.encode()).digest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        if not self._places.acquire(blocking=False):
            raise NotWritten("busy")
        try:
            found = read_answer(json.loads(self._press.print(text)))
        finally:
            self._places.release()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    @property
    def is_full(self) -> bool:
        """Say whether a further question would be sent away."""
        free = self._places.acquire(blocking=False)
        if free:
            self._places.release()
        return not free

    def stop(self) -> None:
        """End the process."""
        self._press.stop()
