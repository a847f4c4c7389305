"""When counters were open: somebody was signed in there, and the counter neither paused nor closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody was signed in at a counter."""

    counter_id: int
    clerk_id: int | None
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A counter opened; or it paused, closed, or was left."""

    counter_id: int
    at: datetime
    is_open: bool


def open_times(presences: Iterable[Presence], changes: Iterable[Change]) -> list[Presence]:
    """Cut presences to the times in which their counters were open.

    A counter without any change was open as long as somebody was there; before its first change it was the
    opposite of what it became.
    """
    by_counter: dict[int, list[Change]] = {}
    for change in sorted(changes, key=lambda each: each.at):
        by_counter.setdefault(change.counter_id, []).append(change)
    return [
        part for presence in presences for part in _cut(presence, by_counter.get(presence.counter_id, ()))
    ]


def _cut(presence: Presence, changes: Sequence[Change]) -> Iterator[Presence]:
    begins_at, is_open = presence.begins_at, not changes or not changes[0].is_open
    for change in changes:
        at = min(max(change.at, begins_at), presence.ends_at)
        if is_open and at > begins_at:
            yield replace(presence, begins_at=begins_at, ends_at=at)
        begins_at, is_open = at, change.is_open
    if is_open and presence.ends_at > begins_at:
        yield replace(presence, begins_at=begins_at)
