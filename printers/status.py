"""What a printer says about itself: its bytes taken apart, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ASK_ASB = b"\x1da\x0e"  # tell unasked: online, errors, paper (Epson GS a)
ASK_ALIVE = b"\x10\x04\x01"
ASK_ROUND = b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"
ASK_PAPER = b"\x1dr\x01"
ASK_MODEL = b"\x1dIC"
LONGEST_BLOCK = 80


class PrinterState(StrEnum):
    """How the printer is. `no_answer` and `disconnected` are faults: silence is never taken for well-being."""

    READY = "ready"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"
    ERROR = "error"
    NO_ANSWER = "no_answer"
    DISCONNECTED = "disconnected"

    @property
    def can_print(self) -> bool:
        """Will a job that is sent now come out?"""
        return self in (PrinterState.READY, PrinterState.PAPER_LOW)


@dataclass(frozen=True)
class RealTime:
    """One byte that answers DLE EOT."""

    value: int


@dataclass(frozen=True)
class AutoStatus:
    """The four bytes of automatic status back (GS a)."""

    data: bytes

    @property
    def is_offline(self) -> bool:
        """Does the printer say that it takes no jobs?"""
        return bool(self.data[0] & 0x08)

    def state(self) -> PrinterState:
        """Return what the bits mean (Epson, GS a)."""
        first, second, third, _ = self.data
        if first & 0x20:
            return PrinterState.COVER_OPEN
        if third & 0x0C:
            return PrinterState.PAPER_OUT
        if second & 0x6C:
            return PrinterState.ERROR
        if first & 0x08:
            return PrinterState.OFFLINE
        return PrinterState.PAPER_LOW if third & 0x03 else PrinterState.READY


@dataclass(frozen=True)
class Done:
    """The process with this id is printed (GS ( H, function 48)."""

    process_id: bytes


@dataclass(frozen=True)
class Info:
    """A text about the printer (GS I)."""

    text: str


@dataclass(frozen=True)
class PaperSensor:
    """One byte that answers GS r; everything sent before it has been worked off."""

    value: int


Answer = RealTime | AutoStatus | Done | Info | PaperSensor


def round_state(answers: list[int]) -> PrinterState:
    """Return what the answers to DLE EOT 1, 2, 3 and 4 mean together."""
    printer, cause, error, paper = answers
    if cause & 0x04:
        return PrinterState.COVER_OPEN
    if paper & 0x60 or cause & 0x20:
        return PrinterState.PAPER_OUT
    if cause & 0x40 or error & 0x6C:
        return PrinterState.ERROR
    if printer & 0x08:
        return PrinterState.OFFLINE
    return PrinterState.PAPER_LOW if paper & 0x0C else PrinterState.READY


class Demultiplexer:
    """Takes the printer's byte stream apart; what cannot be an answer is dropped, byte by byte."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[Answer]:
        """Add bytes; return the answers that are complete."""
        self._bytes += data
        answers: list[Answer] = []
        while self._bytes:
            taken, answer = self._first()
            if taken == 0:
                break
            del self._bytes[:taken]
            if answer is not None:
                answers.append(answer)
        return answers

    def _first(self) -> tuple[int, Answer | None]:
        """Return how many bytes the first answer has (0: more must come) and the answer (None: noise)."""
        head = self._bytes[0]
        if head == 0x37:
            return self._block()
        if head == 0x5F:
            return self._info()
        if head & 0x93 == 0x12:
            return 1, RealTime(head)
        if head & 0x93 == 0x10:
            return self._auto()
        if head & 0x90 == 0x00:
            return 1, PaperSensor(head)
        return 1, None

    def _auto(self) -> tuple[int, Answer | None]:
        rest = self._bytes[1:4]
        if any(byte & 0x90 for byte in rest):
            return 1, None
        return (4, AutoStatus(bytes(self._bytes[:4]))) if len(rest) == 3 else (0, None)

    def _block(self) -> tuple[int, Answer | None]:
        if len(self._bytes) > 1 and self._bytes[1] != 0x22:
            return 1, None
        if len(self._bytes) < 7:
            return 0, None
        return (7, Done(bytes(self._bytes[2:6]))) if self._bytes[6] == 0 else (1, None)

    def _info(self) -> tuple[int, Answer | None]:
        end = self._bytes.find(0, 1, LONGEST_BLOCK)
        if end > 0:
            text = bytes(self._bytes[1:end])
            return (end + 1, Info(text.decode("ascii"))) if text.isascii() else (1, None)
        return (1, None) if len(self._bytes) >= LONGEST_BLOCK else (0, None)
