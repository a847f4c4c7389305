"""Serial scanners (RS-232 and USB virtual ports): bounded lines, and patience when the cable is pulled."""

from __future__ import annotations

import termios
import threading
import time

import serial
from PySide6.QtCore import QObject, Qt, Signal

from kiosk.scanners.scanner import MAX_TEXT, Scanner, ScannerState
from wire.codes import QR_PREFIX

# A port vanishes in three ways: SerialException (an OSError), a bare OSError, and termios.error, neither.
PORT_ERRORS = (serial.SerialException, OSError, termios.error)
_READ_TIMEOUT_S = 0.25
_STALE_LINE_S = 1.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 1.5


class LineBuffer:
    """Cut bytes into lines at CR, LF, ETX or EOT; one that is too long is kept a character longer than may be.

    So neither that nor a line that is not ASCII (whose bytes are replaced) can pass for a code.
    """

    def __init__(self, longest: int = MAX_TEXT) -> None:
        self._longest = longest
        self._line = bytearray()
        self._last_at = 0.0

    def feed(self, data: bytes, now: float) -> list[str]:
        """Return the lines that became complete; `now` in seconds, a started line goes stale after one second."""
        if now - self._last_at > _STALE_LINE_S:
            self._line.clear()
        self._last_at = now
        lines = []
        for byte in data:
            if byte not in b"\r\n\x03\x04":
                if len(self._line) <= self._longest:
                    self._line.append(byte)
                continue
            if self._line:
                lines.append(self._line.decode("ascii", "replace"))
            self._line.clear()
        return lines


def without_noise(line: str) -> str:
    """Return a line from where the last QR of ours begins in it: what stands before is noise, or half a scan."""
    return "".join(line.rpartition(QR_PREFIX)[1:])


class SerialScanner(Scanner):
    """Read a serial scanner in a thread of its own and reconnect for ever, with growing pauses."""

    _line_read = Signal(str)
    _port_changed = Signal(str)

    def __init__(self, path: str, baud: int = 9600, parent: QObject | None = None) -> None:
        super().__init__("serial", parent)
        self._path = path
        self._baud = baud
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None
        self._line_read.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._port_changed.connect(self._on_port_changed, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin to look for the port; the state is lost until it is open."""
        if self._thread is not None:
            return
        self._become(ScannerState.LOST)
        self._halt = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._halt,), name="serial scanner", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port and end the thread."""
        self._halt.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)
            self._thread = None
        super().stop()

    def _deliver(self, text: str) -> None:
        super()._deliver(text if self.is_tried_out else without_noise(text))

    def _on_port_changed(self, state: str) -> None:
        if self.state is not ScannerState.OFF:
            self._become(ScannerState(state))

    def _run(self, halt: threading.Event) -> None:
        wait_s = _FIRST_WAIT_S
        while not halt.is_set():
            try:
                with serial.Serial(self._path, self._baud, timeout=_READ_TIMEOUT_S, exclusive=True) as port:
                    wait_s = _FIRST_WAIT_S
                    port.reset_input_buffer()
                    self._port_changed.emit(ScannerState.READY.value)
                    self._read_lines(port, halt)
            except PORT_ERRORS:
                self._port_changed.emit(ScannerState.LOST.value)
                halt.wait(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    def _read_lines(self, port: serial.Serial, halt: threading.Event) -> None:
        lines = LineBuffer()
        while not halt.is_set():
            data = port.read(max(1, min(port.in_waiting, 4096)))
            for line in lines.feed(data, time.monotonic()) if data else ():
                if not halt.is_set():
                    self._line_read.emit(line)
