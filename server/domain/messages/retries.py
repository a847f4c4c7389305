"""When a message that could not be handed over is tried again: pauses that grow, and an end."""

from __future__ import annotations

from datetime import timedelta

MOST_TRIES = 12
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
# A fifth to either side: messages that failed together do not come back together.
_JITTER = 0.2


def pause(tries: int, chance: float) -> timedelta | None:
    """Return the pause after so many tries (1 is the first), None when there were enough.

    `chance` is drawn evenly from 0 to 1, and spreads the pause.
    """
    if tries >= MOST_TRIES:
        return None
    length = _PAUSES[min(tries, len(_PAUSES)) - 1]
    return length * (1 - _JITTER + 2 * _JITTER * chance)
