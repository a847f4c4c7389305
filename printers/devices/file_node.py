"""Device nodes such as /dev/usb/lp0, and plain files that keep the bytes."""

from __future__ import annotations

import contextlib
import os
import stat
from urllib.parse import ParseResult, unquote

from printers.devices import LinkError
from printers.devices.descriptor import read_some, write_some


class FileLink:
    """An open node or file; a plain file never answers."""

    def __init__(self, descriptor: int, *, answers: bool) -> None:
        self._descriptor = descriptor
        self.answers = answers

    def write(self, data: bytes, seconds: float) -> int:
        return write_some(self._descriptor, data, seconds)

    def read(self, seconds: float) -> bytes:
        return read_some(self._descriptor, seconds) if self.answers else b""

    def finish(self) -> None:
        """Nothing to do: the bytes are on their way."""

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._descriptor)


def open_at(parts: ParseResult, seconds: float) -> FileLink:
    """Open the node to read and write, a plain file to append; raise LinkError."""
    path = unquote(parts.path)
    try:
        is_device = os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode)
        if is_device:
            return FileLink(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY), answers=True)
        if path.startswith("/dev/"):
            # A file in the place of a node that was pulled would take every slip for ever.
            raise LinkError(f"{path} is no device: is the printer plugged in and on?")
        return FileLink(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), answers=False)
    except (OSError, ValueError) as error:
        raise LinkError(f"{path} cannot be opened: {error}") from None
