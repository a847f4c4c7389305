"""A line to PostgreSQL that is cut at a word: what was sent has arrived, the answer has not."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url


class CuttingProxy:
    """Passes on what both sides say, until some words came one after the other on one line.

    The last of them still arrives. `words` empty: nothing is cut.
    """

    def __init__(self, folder: Path, url: str) -> None:
        """Listen in a folder for those who want the PostgreSQL of a URL."""
        self.url = make_url(url).set(query={"host": str(folder)}).render_as_string(hide_password=False)
        self.words: tuple[bytes, ...] = ()
        self.cuts = 0
        self._there = f"{make_url(url).query['host']}/.s.PGSQL.5432"
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen(64)
        self._threads = [threading.Thread(target=self._take, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Take no more, once all who came have gone."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(10)

    def _take(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._pass_on, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._there)
            is_cut = threading.Event()
            answers = threading.Thread(target=_answer, args=(server, client, is_cut), daemon=True)
            answers.start()
            came = 0
            while said := _heard(client):
                if came < len(self.words) and self.words[came] in said:
                    came += 1
                    if came == len(self.words):
                        self.words = ()
                        self.cuts += 1
                        is_cut.set()
                with suppress(OSError):
                    server.sendall(said)
            _hang_up(server)
            answers.join(10)


def _answer(server: socket.socket, client: socket.socket, is_cut: threading.Event) -> None:
    """Pass on what the server says; its answer to what was cut means that it did that."""
    while (said := _heard(server)) and not is_cut.is_set():
        with suppress(OSError):
            client.sendall(said)
    _hang_up(client)


def _hang_up(side: socket.socket) -> None:
    with suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)


def _heard(side: socket.socket) -> bytes:
    try:
        return side.recv(65_536)
    except OSError:
        return b""
