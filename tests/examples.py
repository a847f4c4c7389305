"""How many examples a property is tried with: as many as the test says, ten times as many with --long."""

from __future__ import annotations

import os

LONG = "NUMEREK_LONG_TESTS"


def examples(usual: int) -> int:
    """Scale the number of examples of a property; the workers of a run inherit the environment."""
    return usual * 10 if os.environ.get(LONG) else usual
