"""Which picture, video or text stands on a board now; pure.

The rows of `board.media` come one after the other, each in its hours. What does not play is left out.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import time
from pathlib import Path

from display_board.hours import is_within
from wire.settings import MediaPiece

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".svg"})
VIDEOS = frozenset({".mp4", ".webm", ".mkv", ".mov", ".m4v", ".avi", ".ogv"})


def is_on(piece: MediaPiece, hour: time) -> bool:
    """Say whether it is a piece's hour on the wall clock."""
    return is_within(hour, piece.from_, piece.until)


def following(
    pieces: Sequence[MediaPiece], place: int, hour: time, broken: Container[int] = ()
) -> int | None:
    """Give the place of the piece that follows `place` (-1: the first) at an hour; None: nothing is on now."""
    order = [*range(place + 1, len(pieces)), *range(place + 1)]
    return next((each for each in order if each not in broken and is_on(pieces[each], hour)), None)


def is_video(file: Path) -> bool:
    """Say whether a file is played, by the end of its name; all else is read as a picture."""
    return file.suffix.lower() in VIDEOS
