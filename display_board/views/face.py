"""The value that a board's window shows: every word ready to be written."""

from __future__ import annotations

from dataclasses import dataclass

BETWEEN = " · "
"""What stands between two languages on one line."""


@dataclass(frozen=True)
class CalledNumber:
    """The huge call; `lit` while its flash is on, `second` is the counter's word in the ticket's language."""

    number: str
    counter: str
    calling: str
    counter_word: str
    second: str = ""
    lit: bool = False


@dataclass(frozen=True)
class Row:
    """A recent call in the list; `is_shown` when it is the huge one."""

    number: str
    counter: str
    is_shown: bool = False


@dataclass(frozen=True)
class WaitingRow:
    """The next numbers of one service's line, and how many people wait in all."""

    numbers: tuple[str, ...]
    total: int


@dataclass(frozen=True)
class Face:
    """Everything on the board; empty strings leave their place empty.

    `checkpoint`: a label and its code. `hall_code` is the address in a QR, `hall_code_lines` what is said beside.
    """

    place: str = ""
    branch: str = ""
    hall: str = ""
    day: str = ""
    hour: str = ""
    called: CalledNumber | None = None
    rest: tuple[str, ...] = ()
    number_heading: str = ""
    counter_heading: str = ""
    rows: tuple[Row, ...] = ()
    waiting_heading: str = ""
    waiting: tuple[WaitingRow, ...] = ()
    nobody: tuple[str, ...] = ()
    notice: str = ""
    checkpoint: tuple[str, str] = ("", "")
    sign: str = ""
    has_media: bool = False
    hall_code: str = ""
    hall_code_lines: tuple[str, ...] = ()
