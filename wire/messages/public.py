"""Messages for everybody: what an office publishes of its queue, without anybody's data."""

from __future__ import annotations

from pydantic import AwareDatetime

from wire.messages.shapes import Letter, Message


class PublicLine(Message):
    """A service: its names by language, who waits, and in how many minutes a newcomer would be called."""

    letter: Letter
    names: dict[str, str]
    waiting: int
    waiting_booked: int
    waiting_walk_in: int
    counters_open: int
    walk_ins: bool
    last_called: str | None = None
    last_called_at: AwareDatetime | None = None
    wait_from_minutes: int | None = None
    wait_until_minutes: int | None = None


class PublicQueue(Message):
    """The queue of a branch, as it was at an instant."""

    branch: str
    name: str
    at: AwareDatetime
    expected_times_held_percent: int | None = None
    services: list[PublicLine]
