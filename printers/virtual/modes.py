"""The modes of the virtual printer, which commands set and ESC @ sets back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from printers.virtual.letters import FONT_A, FONT_B, Look

LINE = 30
TAB = 8
_ALIGNS = {0: 0, 1: 1, 2: 2, 48: 0, 49: 1, 50: 2}


@dataclass
class Modes:
    """What is set; feeds are in `unit_y` and places on the line in `unit_x` dots.

    512 dots are what printers of 180 dots an inch have on 80 mm paper; the others have 203.
    """

    dots_per_inch: int = 203
    look: Look = field(default_factory=Look)
    align: int = 0
    page: int = 0
    nation: int = 0
    gap: int = 0
    line: float = LINE
    unit_x: float = 1.0
    unit_y: float = 1.0
    tabs: tuple[int, ...] = tuple(range(TAB, 256, TAB))
    code_size: int = 3
    code_level: int = 48
    bar_module: int = 3
    bar_height: int = 162
    bar_places: int = 0
    bar_face: int = 0


Setter = Callable[[Modes, bytes], None]


def _look(modes: Modes, **changes: Any) -> None:
    modes.look = replace(modes.look, **changes)


def _print_mode(modes: Modes, data: bytes) -> None:
    bits = data[0]
    _look(
        modes,
        face=FONT_B if bits & 1 else FONT_A,
        bold=bool(bits & 8),
        height=1 + (bits >> 4 & 1),
        width=1 + (bits >> 5 & 1),
        underline=bits >> 7,
    )


def _size(modes: Modes, data: bytes) -> None:
    _look(modes, width=1 + (data[0] >> 4 & 7), height=1 + (data[0] & 7))


def _font(modes: Modes, data: bytes) -> None:
    _look(modes, face=FONT_B if data[0] & 1 else FONT_A)


def _underline(modes: Modes, data: bytes) -> None:
    dots = data[0] % 48
    _look(modes, underline=dots if dots <= 2 else 0)


def _reverse(modes: Modes, data: bytes) -> None:
    _look(modes, reverse=bool(data[0] & 1))


def _bold(modes: Modes, data: bytes) -> None:
    _look(modes, bold=bool(data[0] & 1))


def _align(modes: Modes, data: bytes) -> None:
    modes.align = _ALIGNS.get(data[0], modes.align)


def _tabs(modes: Modes, data: bytes) -> None:
    modes.tabs = tuple(data.rstrip(b"\0"))


def _line(modes: Modes, data: bytes) -> None:
    modes.line = data[0] * modes.unit_y


def _usual_line(modes: Modes, data: bytes) -> None:
    modes.line = LINE


def _units(modes: Modes, data: bytes) -> None:
    modes.unit_x, modes.unit_y = (modes.dots_per_inch / each if each else 1.0 for each in data[:2])


def _number(name: str, at_least: int = 0, at_most: int = 255) -> Setter:
    """Return the setter of a mode that is the one byte of its command."""

    def set_it(modes: Modes, data: bytes) -> None:
        setattr(modes, name, min(at_most, max(at_least, data[0])))

    return set_it


SETTERS: dict[bytes, Setter] = {
    b"\x1b!": _print_mode,
    b"\x1d!": _size,
    b"\x1bM": _font,
    b"\x1b-": _underline,
    b"\x1dB": _reverse,
    b"\x1bE": _bold,
    b"\x1bG": _bold,
    b"\x1ba": _align,
    b"\x1bD": _tabs,
    b"\x1b3": _line,
    b"\x1b2": _usual_line,
    b"\x1dP": _units,
    b"\x1bt": _number("page"),
    b"\x1bR": _number("nation"),
    b"\x1b ": _number("gap"),
    b"\x1dh": _number("bar_height", 1),
    b"\x1dw": _number("bar_module", 1, 6),
    b"\x1dH": _number("bar_places"),
    b"\x1df": _number("bar_face"),
}
