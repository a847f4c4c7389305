"""What a program of others may be permitted."""

from __future__ import annotations

from enum import StrEnum


class IntegratorScope(StrEnum):
    """What a program of others may do."""

    RESERVATIONS_READ = "reservations.read"
    RESERVATIONS_WRITE = "reservations.write"
    QUEUE_READ = "queue.read"
    FACTS = "facts"
