"""Server-sent events out of bytes, as the HTML standard reads them, with a bound on one event's size."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_EVENT_BYTES = 64 * 1024
LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")


class TooLong(ValueError):
    """An event larger than any that the server sends: what comes here is no stream of ours."""


@dataclass(frozen=True)
class Event:
    """One dispatched event; `id` is None when the event did not carry one, `traceparent` empty likewise."""

    type: str
    data: str
    id: str | None
    traceparent: str = ""


class Parser:
    """Take bytes as they come, cut anywhere; give whole events."""

    def __init__(self) -> None:
        self._rest = b""
        self._fields: dict[str, list[str]] = {}
        self._size = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Give the events that `chunk` completes. Raises TooLong."""
        *lines, self._rest = LINE_END.split(self._rest + chunk)
        events = [event for line in lines if (event := self._line(line)) is not None]
        if len(self._rest) > MAX_EVENT_BYTES:
            raise TooLong
        return events

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        self._size += len(line)
        if self._size > MAX_EVENT_BYTES:
            raise TooLong
        name, _, value = line.decode("utf-8", "replace").partition(":")
        if name in ("event", "data", "id", "traceparent"):
            self._fields.setdefault(name, []).append(value.removeprefix(" "))
        return None

    def _dispatch(self) -> Event | None:
        fields, self._fields, self._size = self._fields, {}, 0
        if "data" not in fields:
            return None
        return Event(
            type=fields.get("event", ["message"])[-1],
            data="\n".join(fields["data"]),
            id=fields["id"][-1] if "id" in fields else None,
            traceparent=fields.get("traceparent", [""])[-1],
        )
