"""Hours of the wall clock from one until another; pure."""

from __future__ import annotations

from datetime import time


def is_within(hour: time, since: time, until: time) -> bool:
    """Say whether an hour lies from one until another; over midnight too, and always where both are the same."""
    return since <= hour < until if since < until else hour >= since or hour < until
