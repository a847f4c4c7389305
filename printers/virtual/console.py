"""One line a command: how a person, or a test from outside, tells the virtual printer what to suffer from."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable
from typing import Any

from printers.virtual.ports import VirtualPrinter

HELP = (
    "paper in|low|out · cover open|closed · offline · online · error on|off · silent · answer · "
    "delay SECONDS · slow DOTS_PER_SECOND · left DOTS · die BYTES · revive · unplug · state"
)

_FIXED: dict[str, dict[str, Any]] = {
    "paper in": {"paper": "in", "paper_left": None},
    "paper low": {"paper": "low"},
    "paper out": {"paper": "out"},
    "cover open": {"cover_open": True},
    "cover closed": {"cover_open": False},
    "offline": {"offline": True},
    "online": {"offline": False},
    "error on": {"error": True},
    "error off": {"error": False},
    "silent": {"answering": False},
    "answer": {"answering": True, "answer_delay": 0.0},
    "revive": {"dead": False, "dies_after": None},
}


def obey(printer: VirtualPrinter, line: str) -> str:
    """Do what the line says; return the answer, a sentence of help for a line that says nothing known."""
    words = " ".join(line.split()).lower()
    machine = printer.machine
    name, _, number = words.partition(" ")
    try:
        if words in _FIXED:
            machine.set(**_FIXED[words])
        elif words == "unplug":
            printer.pull_cable()
        elif name in _NUMBERS:
            machine.set(**_NUMBERS[name](printer, float(number)))
        elif words != "state":
            return HELP
    except (ValueError, OverflowError):
        return f"{name} wants a number"
    return f"{machine.condition} slips={len(machine.slips)}"


_NUMBERS: dict[str, Callable[[VirtualPrinter, float], dict[str, Any]]] = {
    "delay": lambda _, number: {"answer_delay": max(0.0, number)},
    "slow": lambda _, number: {"dots_per_second": max(0, int(number))},
    "left": lambda _, number: {"paper_left": max(1, int(number))},
    "die": lambda printer, number: {"dies_after": printer.machine.received + max(0, int(number))},
}


class _Lines(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            answer = obey(self.server.printer, line.decode("utf-8", "replace"))  # type: ignore[attr-defined]
            self.wfile.write(answer.encode() + b"\n")


class ControlPort(socketserver.ThreadingTCPServer):
    """Takes the lines on 127.0.0.1:`port` (0: any free one)."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, printer: VirtualPrinter, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Lines)
        self.printer = printer
        self.port: int = self.server_address[1]
        threading.Thread(target=self.serve_forever, name="virtual printer control", daemon=True).start()

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """Report nothing: a person closed the terminal."""

    def close(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()
