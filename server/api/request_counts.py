"""Requests that were answered: how many, how fast, and refused for what; all labels are from bounded sets."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

from server.store.durations import Durations

Asked = tuple[str, str, str]
"""The part of the server, the method, and the pattern of the address (empty: no such address)."""
MOST_REASONS = 300
"""Reasons are codes of the programs; should one ever be made of what somebody sent, the rest is `other`."""
SENT_AWAY = "sent_away"
"""How a 503 is counted that a server gives on purpose, to bear what it has taken on."""
_ON_PURPOSE = frozenset({"overloaded", "too_many_streams", "busy", "paper_busy", "command_under_way"})
_OTHER = "other"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_lock = threading.Lock()
_counts: Counter[tuple[str, str, str, str]] = Counter()
_refusals: Counter[tuple[str, str]] = Counter()
_durations: dict[Asked, Durations] = {}


def count(
    application: str,
    method: str,
    route: str | None,
    status: int,
    seconds: float | None,
    reason: str | None = None,
) -> None:
    """Count an answer, by its time if that is known, from 400 on by the reason that was told.

    It counts as 2xx to 5xx, or as sent away.
    """
    asked = (application, method if method in _METHODS else _OTHER, route or "")
    answer = SENT_AWAY if status == 503 and reason in _ON_PURPOSE else f"{status // 100}xx"
    with _lock:
        _counts[(*asked, answer)] += 1
        if reason is not None and status >= 400:
            refusal = (application, reason)
            is_known = refusal in _refusals or len(_refusals) < MOST_REASONS
            _refusals[refusal if is_known else (application, _OTHER)] += 1
        taken = _durations.get(asked)
        if taken is None:
            taken = _durations[asked] = Durations()
    if seconds is not None:
        taken.add(seconds)


def counts() -> dict[tuple[str, str, str, str], int]:
    """Return the counts since the server's start."""
    with _lock:
        return dict(_counts)


def refusals() -> dict[tuple[str, str], int]:
    """Return how often each part of the server refused for each reason."""
    with _lock:
        return dict(_refusals)


def durations() -> Mapping[Asked, Durations]:
    """Return how long the answers took."""
    with _lock:
        return dict(_durations)
