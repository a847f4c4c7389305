"""What a frame has shown, as the reader tells the screen."""

from __future__ import annotations

from enum import StrEnum


class Sight(StrEnum):
    """Nothing, something like a code, several of ours, a code of another kind, or ours."""

    NOTHING = "nothing"
    LIKE_ONE = "like_one"
    SEVERAL = "several"
    FOREIGN = "foreign"
    READ = "read"
