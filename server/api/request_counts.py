"""How many requests were answered, by the part of the server and the kind of answer."""

from __future__ import annotations

import threading
from collections import Counter

_lock = threading.Lock()
_counts: Counter[tuple[str, str, str]] = Counter()


def count(application: str, method: str, status: int) -> None:
    """Count an answer: of which application, by the request's method, and as 2xx to 5xx."""
    key = (application, method, f"{status // 100}xx")
    with _lock:
        _counts[key] += 1


def counts() -> dict[tuple[str, str, str], int]:
    """Return the counts since the server's start."""
    with _lock:
        return dict(_counts)
