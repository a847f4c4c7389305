"""The lines on which the virtual printer listens: a TCP port, or a PTY in place of a serial line."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import socket
import threading
import time
import tty
from pathlib import Path
from typing import Any

from printers.virtual.machine import Machine


class VirtualPrinter:
    """A network printer on `host`:`port` (0: any free one) that prints to `folder`.

    Further arguments are those of Machine. A dead printer closes its connections and takes no new ones.
    """

    def __init__(
        self, port: int = 0, folder: Path | None = None, *, host: str = "127.0.0.1", **of_machine: Any
    ) -> None:
        self._server = socket.create_server((host, port))
        self.machine = Machine(folder=folder, **of_machine)
        self.port: int = self._server.getsockname()[1]
        self.address = f"tcp://{host}:{self.port}"
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        threading.Thread(target=self._accept, name="virtual printer port", daemon=True).start()

    def wait(self) -> None:
        """Wait until the printer is closed."""
        self._closed.wait()

    def pull_cable(self) -> None:
        """Cut every connection; new ones are taken."""
        with self._lock:
            lines, self._lines = self._lines, set()
        for line in lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop listening and printing."""
        self._closed.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.machine.close()
        self.pull_cable()

    def __enter__(self) -> VirtualPrinter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            if self.machine.condition.dead:
                line.close()
                continue
            threading.Thread(
                target=self._serve, args=(line,), name="virtual printer line", daemon=True
            ).start()

    def _serve(self, line: socket.socket) -> None:
        def reply(data: bytes) -> None:
            with contextlib.suppress(OSError):
                line.sendall(data)

        def is_torn() -> bool:
            return line not in self._lines

        with self._lock:
            self._lines.add(line)
        self.machine.attach(reply)
        try:
            while (data := line.recv(4096)) and self.machine.receive(data, reply, is_torn):
                pass
        except OSError:
            pass
        finally:
            self.machine.detach(reply)
            with self._lock:
                self._lines.discard(line)
            line.close()
        if self.machine.condition.dead:
            self.pull_cable()


class PtyPort:
    """A PTY behind which the machine sits; `address` opens it as a serial line.

    With `baud` it takes bytes as slowly as a line of that speed brings them (ten bits each).
    """

    def __init__(self, machine: Machine, baud: int = 0) -> None:
        self.machine = machine
        self._bytes_per_second = baud / 10
        self._outer, self._inner = pty.openpty()
        tty.setraw(self._inner)
        self.address = f"serial://{os.ttyname(self._inner)}?baud=115200"
        self._stop_read, self._stop_write = os.pipe()
        self._unplugged = False
        self._thread = threading.Thread(target=self._serve, name="virtual printer pty", daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """Take the line away, as when an adapter is pulled."""
        if self._unplugged:
            return
        self._unplugged = True
        os.write(self._stop_write, b"x")
        self._thread.join(2)
        for descriptor in (self._outer, self._inner, self._stop_read, self._stop_write):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _serve(self) -> None:
        def reply(data: bytes) -> None:
            with contextlib.suppress(OSError):
                os.write(self._outer, data)

        at_once = max(1, round(self._bytes_per_second / 50)) if self._bytes_per_second else 4096
        self.machine.attach(reply)
        try:
            while self._stop_read not in select.select((self._outer, self._stop_read), (), ())[0]:
                began = time.monotonic()
                data = os.read(self._outer, at_once)
                if self._bytes_per_second:
                    time.sleep(max(0.0, began + len(data) / self._bytes_per_second - time.monotonic()))
                if not self.machine.receive(data, reply):
                    return
        except OSError:
            pass
        finally:
            self.machine.detach(reply)
