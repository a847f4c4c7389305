"""All parts of a hall on one machine: a real server, a printer on a socket, and the three programs offscreen."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from deploy.demo.asking import ask, sign_in
from deploy.demo.children import Child, server_child
from deploy.demo.folder import DemoFolder, free_port
from deploy.demo.offscreen.evening import EarlierClock, is_late
from deploy.demo.offscreen.phone import Phone
from deploy.demo.offscreen.programs import Board, Counter, Kiosk
from printers.virtual import VirtualPrinter

READY_SECONDS = 30.0


class Stage:
    """Starts the server at once and each program when it is first asked for; `close` ends all of it."""

    def __init__(self, root: Path, clock: Path | None = None, idle_seconds: int = 60) -> None:
        """Lay out a fresh hall in a folder. Raises ChildFailed when the server does not start."""
        root.mkdir(parents=True, exist_ok=True)
        self.folder, self._clock = DemoFolder(root), clock
        self._open = ExitStack()
        self.booked_qr = ""
        """The QR that a visitor got on the web; empty while nobody has booked there."""
        if clock is None and is_late(datetime.now(UTC)):
            earlier = EarlierClock(root / "clock")
            self._clock = earlier.file
            self._open.callback(earlier.close)
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.server = self._start_server()
        self._open.callback(lambda: self.server.stop())
        self.printer = VirtualPrinter(folder=self.folder.slips)
        self.folder.prepare(self.base_url, self.printer.address, idle_seconds)
        self._open.callback(self.printer.close)

    @cached_property
    def phone(self) -> Phone:
        """Start a visitor's browser."""
        return self._opened(Phone(self.base_url, self.folder))

    @cached_property
    def kiosk(self) -> Kiosk:
        """Start the kiosk."""
        return self._opened(Kiosk(self.folder.config))

    @cached_property
    def board(self) -> Board:
        """Start the board."""
        return self._opened(Board(self.folder.config))

    @cached_property
    def counter(self) -> Counter:
        """Start the counter's program; nobody is signed in yet."""
        return self._opened(Counter(self.folder.config))

    @cached_property
    def told(self) -> dict[str, Any]:
        """Read demo.json."""
        return self.folder.told()

    def kill_server(self) -> None:
        """End the server as a power cut does."""
        self.server.kill()

    def restart_server(self) -> float:
        """Start the server again on the same port; return after how many seconds it was ready."""
        began = time.perf_counter()
        self.server = self._start_server()
        return time.perf_counter() - began

    def ask(self, method: str, path: str, token: str, body: Any = None) -> tuple[int, Any]:
        """Ask the server as some other device or clerk."""
        return ask(self.base_url, method, path, token, body)

    def kiosk_asks(self, path: str, body: Any) -> tuple[int, Any]:
        """Ask as a second kiosk would."""
        return self.ask("POST", path, self.told["device_tokens"]["kiosk"], body)

    def clerk_at(self, number: int) -> str:
        """Sign the clerk of another counter in; return the session's token."""
        place = [each["number"] for each in self.told["counters"]].index(number)
        return sign_in(self.base_url, self.told["counters"][place]["token"], self.told["clerks"][place])

    def close(self) -> None:
        """End programs, printer and server, each even where another cannot be ended."""
        self._open.close()

    def _opened(self, program: Any) -> Any:
        self._open.callback(program.stop)
        return program

    def _start_server(self) -> Child:
        server = server_child(self.folder.root, self.port, self.folder.log("server"), self._clock)
        server.wait_for(r"ready on (\S+)", READY_SECONDS)
        return server
