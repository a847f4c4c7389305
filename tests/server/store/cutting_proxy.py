"""A line to PostgreSQL that is cut at a word: what was sent has arrived, the answer has not."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url


class CuttingProxy:
    """Passes on what both sides say; once `cut_at` is set, the next words with it are the last that arrive."""

    def __init__(self, folder: Path, url: str) -> None:
        """Listen in a folder for those who want the PostgreSQL of a URL."""
        self.url = make_url(url).set(query={"host": str(folder)}).render_as_string(hide_password=False)
        self.cut_at: bytes | None = None
        self.cuts = 0
        self._there = f"{make_url(url).query['host']}/.s.PGSQL.5432"
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen(64)
        threading.Thread(target=self._take, daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._listening.close()

    def _take(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._there)
            line = _Line(client, server)
            threading.Thread(target=self._ask, args=(line,), daemon=True).start()
            threading.Thread(target=line.answer, daemon=True).start()

    def _ask(self, line: _Line) -> None:
        while said := _heard(line.client):
            if self.cut_at is not None and self.cut_at in said:
                self.cut_at = None
                self.cuts += 1
                line.is_cut.set()
            try:
                line.server.sendall(said)
            except OSError:
                break
        line.end()


class _Line:
    """One connection: a client, the server behind it, and whether the server's next answer is its end."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server, self.is_cut = client, server, threading.Event()

    def answer(self) -> None:
        """Pass on what the server says; its answer to what was cut means that it did that."""
        while (said := _heard(self.server)) and not self.is_cut.is_set():
            try:
                self.client.sendall(said)
            except OSError:
                break
        self.end()

    def end(self) -> None:
        """Hang up on both sides."""
        for side in (self.client, self.server):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)


def _heard(side: socket.socket) -> bytes:
    try:
        return side.recv(65_536)
    except OSError:
        return b""
