"""A service manager that only listens: what systemd would hear from a program."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Listening:
    """Keeps every word; `environment` is what systemd gives the programs that it starts."""

    def __init__(self, channel: socket.socket, environment: dict[str, str]) -> None:
        self._channel, self.environment = channel, environment
        self.words: list[str] = []

    def heard(self) -> list[str]:
        """Return all words up to now."""
        while True:
            try:
                self.words += self._channel.recv(4096).decode().split("\n")
            except BlockingIOError:
                return self.words


@contextmanager
def listening(address: Path | str, watchdog_seconds: float | None = None) -> Iterator[Listening]:
    """Listen on a path, or on a name that begins with `@`; want beats where `watchdog_seconds` are given."""
    environment = {"NOTIFY_SOCKET": str(address)}
    if watchdog_seconds is not None:
        # The pid is that of the compositor, as in our units.
        environment |= {"WATCHDOG_USEC": str(int(watchdog_seconds * 1_000_000)), "WATCHDOG_PID": "1"}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)
        channel.bind(str(address).replace("@", "\0", 1) if str(address).startswith("@") else str(address))
        yield Listening(channel, environment)
