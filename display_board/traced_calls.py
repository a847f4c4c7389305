"""Which calls that the server traces are on their way to the eye: heard, then in the picture, then painted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from wire.messages import MOST_SHOWN


class TracedCalls:
    """Remembers the traceparents of calls until they are painted; of too many the oldest are forgotten."""

    def __init__(self) -> None:
        self._heard: dict[int, str] = {}
        self._in_the_picture: deque[str] = deque(maxlen=MOST_SHOWN)

    def heard(self, call: int, traceparent: str) -> None:
        """Remember a call that came with a traceparent."""
        self._heard[call] = traceparent
        while len(self._heard) > MOST_SHOWN:
            del self._heard[next(iter(self._heard))]

    def look(self, is_shown: Callable[[int], bool]) -> None:
        """Take which calls stand in the picture that is painted next."""
        for call in [call for call in self._heard if is_shown(call)]:
            self._in_the_picture.append(self._heard.pop(call))

    def painted(self) -> list[str]:
        """Give the traceparents of what is painted now, each once."""
        painted = [*self._in_the_picture]
        self._in_the_picture.clear()
        return painted
