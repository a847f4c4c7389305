"""Printers on a serial line (pyserial sets the line up; reads and writes wait with their own limits)."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import ParseResult

import serial

from printers.devices import LinkError, options
from printers.devices.descriptor import read_some, write_some

try:
    import termios

    # It is no OSError, and an unplugged adapter raises it.
    LINE_ERRORS: tuple[type[Exception], ...] = (OSError, ValueError, termios.error)
except ImportError:  # Windows
    LINE_ERRORS = (OSError, ValueError)

FLOWS = ("none", "rtscts", "dsrdtr", "xonxoff")


class SerialLink:
    """An open line."""

    answers = True

    def __init__(self, line: serial.Serial) -> None:
        self._line = line

    def write(self, data: bytes, seconds: float) -> int:
        return write_some(self._line.fileno(), data, seconds)

    def read(self, seconds: float) -> bytes:
        return read_some(self._line.fileno(), seconds)

    def finish(self) -> None:
        """Nothing to do: the bytes are on their way."""

    def close(self) -> None:
        # What the printer has not taken is thrown away, else closing waits for it.
        with contextlib.suppress(*LINE_ERRORS):
            self._line.reset_output_buffer()
        with contextlib.suppress(*LINE_ERRORS):
            self._line.close()


def open_at(parts: ParseResult, seconds: float) -> SerialLink:
    """Open the line with `baud` (19200) and `flow` (none, rtscts, dsrdtr, xonxoff); raise LinkError."""
    chosen = options(parts, {"baud": "19200", "flow": "none"})
    if not chosen["baud"].isdecimal() or chosen["flow"] not in FLOWS:
        raise LinkError(f"{parts.path}: baud is a number, flow one of {', '.join(FLOWS)}")
    flow: dict[str, Any] = {name: chosen["flow"] == name for name in FLOWS[1:]}
    if not hasattr(serial.Serial, "fileno"):
        raise LinkError(f"{parts.path}: serial printers need Linux or macOS; name this one by tcp://")
    try:
        line = serial.Serial(parts.path, int(chosen["baud"]), timeout=0, write_timeout=0, **flow)
        line.reset_input_buffer()
    except LINE_ERRORS as error:
        raise LinkError(f"the line {parts.path} cannot be opened: {error}") from None
    return SerialLink(line)
