"""A listener of the event stream: a plain socket connection that reads what the server sends."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One event of the stream."""

    id: int | None
    event: str
    data: dict[str, Any]


class Listener:
    """Reads a stream event by event; every read ends after so many seconds."""

    def __init__(self, port: int, token: str | None, topics: str = "hall:A", **headers: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        path = sent.pop("path", f"/api/v1/stream?topics={topics}")
        self._connection.request("GET", path, headers=sent)
        self.response = self._connection.getresponse()

    @property
    def status(self) -> int:
        """Return the status of the answer."""
        return self.response.status

    def problem(self) -> dict[str, Any]:
        """Read the refusal."""
        found: dict[str, Any] = json.loads(self.response.read())
        return found

    def next(self) -> Heard:
        """Read one event, pings too. Raises TimeoutError, or EOFError at the end of the stream."""
        fields: dict[str, str] = {}
        while True:
            line = self.response.readline()
            if not line:
                raise EOFError
            text = line.decode().rstrip("\n")
            if not text and fields:
                number = int(fields["id"]) if "id" in fields else None
                return Heard(number, fields["event"], json.loads(fields["data"]))
            if text:
                name, _, value = text.partition(": ")
                fields[name] = value

    def facts(self, count: int) -> list[Heard]:
        """Read so many facts and pass pings over."""
        found: list[Heard] = []
        while len(found) < count:
            heard = self.next()
            if heard.event != "ping":
                found.append(heard)
        return found

    def close(self) -> None:
        """Hang up."""
        self.response.close()
        self._connection.close()
