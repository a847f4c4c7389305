"""Printers on a serial line (pyserial sets the line up; reads and writes wait with their own limits)."""

from __future__ import annotations

import contextlib
import termios
from typing import Any
from urllib.parse import ParseResult

import serial

from printers.devices import LinkError, options
from printers.devices.descriptor import read_some, write_some

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
        # termios.error is no OSError, and an unplugged adapter raises it here. What the printer has not
        # taken is thrown away, else closing waits for it.
        with contextlib.suppress(OSError, termios.error):
            termios.tcflush(self._line.fileno(), termios.TCOFLUSH)
        with contextlib.suppress(OSError, termios.error):
            self._line.close()


def open_at(parts: ParseResult, seconds: float) -> SerialLink:
    """Open the line with `baud` (19200) and `flow` (none, rtscts, dsrdtr, xonxoff); raise LinkError."""
    chosen = options(parts, {"baud": "19200", "flow": "none"})
    if not chosen["baud"].isdecimal() or chosen["flow"] not in FLOWS:
        raise LinkError(f"{parts.path}: baud is a number, flow one of {', '.join(FLOWS)}")
    flow: dict[str, Any] = {name: chosen["flow"] == name for name in FLOWS[1:]}
    try:
        line = serial.Serial(parts.path, int(chosen["baud"]), timeout=0, write_timeout=0, **flow)
        line.reset_input_buffer()
    except (OSError, ValueError, termios.error) as error:
        raise LinkError(f"the line {parts.path} cannot be opened: {error}") from None
    return SerialLink(line)
