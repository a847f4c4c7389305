"""A printer that takes all and never says a word, for kiosks whose slips nobody reads."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def swallowing_printer() -> Iterator[str]:
    """Listen as such a printer; give the table of config.toml with which a kiosk prints on it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_swallow, args=(listening,), daemon=True).start()
        port = listening.getsockname()[1]
        yield f'[kiosk.printer]\ndevice = "tcp://127.0.0.1:{port}"\ncompletion = "none"\n'


def _swallow(listening: socket.socket) -> None:
    while True:
        try:
            taken, _ = listening.accept()
        except OSError:
            return
        with taken:
            while taken.recv(65_536):
                pass
