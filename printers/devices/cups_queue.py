"""Printers behind CUPS: whole jobs go out raw, and CUPS is asked how the printer is."""

from __future__ import annotations

from typing import Any
from urllib.parse import ParseResult, unquote

from printers.devices import LinkError
from printers.status import PrinterState

_REASONS = {
    "media-empty": PrinterState.PAPER_OUT,
    "media-needed": PrinterState.PAPER_OUT,
    "cover-open": PrinterState.COVER_OPEN,
    "door-open": PrinterState.COVER_OPEN,
    "offline": PrinterState.OFFLINE,
    "shutdown": PrinterState.OFFLINE,
    "paused": PrinterState.OFFLINE,
    "connecting-to-device": PrinterState.OFFLINE,
    "media-low": PrinterState.PAPER_LOW,
}
_STOPPED = 5


class CupsLink:
    """A queue; bytes are kept until the job ends."""

    answers = False

    def __init__(self, connection: Any, queue: str) -> None:
        self._connection, self._queue = connection, queue
        self._job = bytearray()

    def write(self, data: bytes, seconds: float) -> int:
        self._job += data
        return len(data)

    def read(self, seconds: float) -> bytes:
        return b""

    def finish(self) -> None:
        import cups

        data, self._job = bytes(self._job), bytearray()
        if not data:
            return
        try:
            job = self._connection.createJob(self._queue, "slip", {})
            self._connection.startDocument(self._queue, job, "slip", cups.CUPS_FORMAT_RAW, 1)
            self._connection.writeRequestData(data, len(data))
            self._connection.finishDocument(self._queue)
        except (cups.IPPError, cups.HTTPError, RuntimeError) as error:
            raise LinkError(f"CUPS did not take the slip: {error}", nothing_sent=True) from None

    def condition(self) -> PrinterState:
        """Ask CUPS for the printer's state; raise LinkError."""
        import cups

        try:
            found = self._connection.getPrinterAttributes(
                self._queue, requested_attributes=["printer-state", "printer-state-reasons"]
            )
        except (cups.IPPError, cups.HTTPError, RuntimeError) as error:
            raise LinkError(f"CUPS does not answer: {error}") from None
        return state_of(found.get("printer-state", 0), found.get("printer-state-reasons", []))

    def close(self) -> None:
        self._job.clear()


def state_of(state: int, reasons: list[str]) -> PrinterState:
    """Return the worst of what CUPS says (RFC 8011, printer-state and printer-state-reasons)."""
    for name, meaning in _REASONS.items():
        if any(reason.startswith(name) for reason in reasons):
            return meaning
    if any(reason.endswith("-error") for reason in reasons):
        return PrinterState.ERROR
    return PrinterState.OFFLINE if state == _STOPPED else PrinterState.READY


def open_at(parts: ParseResult, seconds: float) -> CupsLink:
    """Connect to the local CUPS and find the queue; raise LinkError."""
    try:
        import cups
    except ImportError as error:
        raise LinkError(f"CUPS cannot be used: {error}") from None
    queue = unquote(parts.netloc)
    try:
        connection = cups.Connection()
        known = connection.getPrinters()
    except (cups.IPPError, cups.HTTPError, RuntimeError) as error:
        raise LinkError(f"CUPS cannot be reached: {error}") from None
    if queue not in known:
        raise LinkError(f"CUPS has no queue {queue!r}; it has: {', '.join(sorted(known)) or 'none'}")
    return CupsLink(connection, queue)
