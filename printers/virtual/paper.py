"""The paper of the virtual printer: commands leave dots on it, a cut gives the slip as a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from PIL import Image

from printers.profiles import code_pages
from printers.virtual import barcodes, pictures
from printers.virtual.letters import FONT_A, FONT_B, Look, cell, decoded
from printers.virtual.parser import Command, first_command
from printers.virtual.pictures import HIGHEST

LINE = 30
TAB = 8
CUTS = (b"\x1dV", b"\x1bi", b"\x1bm")
_ALIGNS = {0: 0, 1: 1, 2: 2, 48: 0, 49: 1, 50: 2}


Deed = Callable[["Paper", bytes], None]


@dataclass
class Modes:
    """What ESC @ sets back; feeds are in `unit_y` and places on the line in `unit_x` dots."""

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


@dataclass
class Paper:
    """A roll `width` dots wide in a printer of a python-escpos `profile`, whose code pages it has.

    `ink` counts the dots of height that went out since it was put in.
    """

    width: int
    profile: str = "default"
    modes: Modes = field(default_factory=Modes)
    ink: int = 0

    def __post_init__(self) -> None:
        self._rows: list[Image.Image] = []
        self._height = 0
        self._line: list[tuple[int, Image.Image]] = []
        self._place = 0
        self._code = b""
        self._stored: Image.Image | None = None

    @property
    def height(self) -> int:
        """Dots since the last cut."""
        return self._height

    def take(self, command: Command) -> None:
        """Let a command leave its dots; what is unknown leaves none."""
        do = _DEEDS.get(command.name)
        if do is not None:
            do(self, command.data)

    def cut(self) -> Image.Image | None:
        """Return the slip and begin the next; None when nothing but feeds came out."""
        self._flush()
        rows, height = self._rows, self._height
        self._rows, self._height = [], 0
        if not any(row.mode == "1" for row in rows):
            return None
        slip = Image.new("1", (self.width, min(height, HIGHEST)), 255)
        top = 0
        for row in rows:
            if row.mode == "1":
                slip.paste(row, (0, top))
            top += row.height
        return slip

    def _put(self, picture: Image.Image) -> None:
        """Put a picture on the paper by the alignment; what is too wide is lost, as on a real one."""
        strip = Image.new("1", (self.width, max(1, picture.height)), 255)
        spare = max(0, self.width - picture.width)
        strip.paste(picture, ({1: spare // 2, 2: spare}.get(self.modes.align, 0), 0))
        self._rows.append(strip)
        self._grow(strip.height)

    def _feed(self, dots: float) -> None:
        height = min(HIGHEST, max(0, round(dots)))
        if height:
            self._rows.append(Image.new("L", (1, height)))
            self._grow(height)

    def _grow(self, dots: int) -> None:
        self._height += dots
        self.ink += dots

    def _flush(self, advance: float = 0) -> None:
        """Print the line in the buffer; the paper moves by `advance` dots, or by the line's height if more."""
        pieces, self._line, self._place = self._line, [], 0
        before = self._height
        if pieces:
            size = max(left + piece.width for left, piece in pieces), max(piece.height for _, piece in pieces)
            line = Image.new("1", size, 255)
            for left, piece in pieces:
                line.paste(piece, (left, line.height - piece.height))
            self._put(line)
        self._feed(advance - (self._height - before))

    def _add(self, piece: Image.Image, advance: int) -> None:
        """Put a piece on the line that is being made, on the next one when it is full."""
        if self._place and self._place + piece.width > self.width:
            self._flush(self.modes.line)
        self._line.append((self._place, piece))
        self._place += advance

    def _move(self, place: float) -> None:
        """Go on at another place of the line, if it is on the paper."""
        if 0 <= place < self.width:
            self._place = round(place)

    def _do_text(self, data: bytes) -> None:
        modes = self.modes
        for letter in decoded(data, self._pages.get(modes.page, "Unknown"), modes.nation):
            piece = cell(letter, modes.look)
            self._add(piece, piece.width + modes.gap * modes.look.width)

    @cached_property
    def _pages(self) -> dict[int, str]:
        return code_pages(self.profile)

    def _do_tab(self, data: bytes) -> None:
        step = (FONT_A.width + self.modes.gap) * self.modes.look.width
        behind = (stop * step for stop in self.modes.tabs if stop * step > self._place)
        self._move(next(behind, self._place))

    def _do_tabs(self, data: bytes) -> None:
        self.modes.tabs = tuple(data.rstrip(b"\0"))

    def _do_place(self, data: bytes) -> None:
        self._move(int.from_bytes(data, "little") * self.modes.unit_x)

    def _do_place_from_here(self, data: bytes) -> None:
        self._move(self._place + int.from_bytes(data, "little", signed=True) * self.modes.unit_x)

    def _do_columns(self, data: bytes) -> None:
        """ESC *: columns of 8 or 24 dots, on the line like a letter."""
        picture = pictures.columns(data[0], data[3:], self.width)
        if picture is not None:
            self._add(picture, picture.width)

    def _do_line_feed(self, data: bytes) -> None:
        self._flush(self.modes.line)

    def _do_initialise(self, data: bytes) -> None:
        self._line.clear()
        self._place = 0
        self.modes = Modes()

    def _do_feed_dots(self, data: bytes) -> None:
        self._flush(data[0] * self.modes.unit_y)

    def _do_feed_lines(self, data: bytes) -> None:
        self._flush(data[0] * self.modes.line)

    def _do_raster(self, data: bytes) -> None:
        self._flush()
        across, height = data[2] + 256 * data[3], data[4] + 256 * data[5]
        scale = (1 + (data[1] & 1), 1 + (data[1] >> 1 & 1))
        if across and height:
            self._put(pictures.raster(data[6:], across, height, scale, self.width))

    def _do_bars(self, data: bytes) -> None:
        """GS k: bars that are too wide are not printed, nor those of function A without their NUL."""
        modes, kind = self.modes, data[0]
        is_whole = kind >= 65 or data.endswith(b"\0")
        code = barcodes.bars(kind, data[2:] if kind >= 65 else data[1:-1]) if is_whole else None
        if code is None:
            return
        picture = barcodes.drawn(
            code,
            module=modes.bar_module,
            height=modes.bar_height,
            places=modes.bar_places,
            face=FONT_B if modes.bar_face & 1 else FONT_A,
        )
        if picture.width <= self.width:
            self._flush()
            self._put(picture)

    def _do_graphics(self, data: bytes) -> None:
        """GS ( L and GS 8 L: function 112 keeps a picture, 50 and 2 print it."""
        if len(data) >= 10 and data[1] == 112:
            width, height = data[6] + 256 * data[7], data[8] + 256 * data[9]
            across = (width + 7) // 8
            if across and height and len(data) - 10 >= across * height:
                scale = (2 if data[3] == 2 else 1, 2 if data[4] == 2 else 1)
                self._stored = pictures.raster(data[10:], across, height, scale, self.width)
        elif len(data) >= 2 and data[1] in (2, 50) and self._stored is not None:
            self._flush()
            self._put(self._stored)
            self._stored = None

    def _do_code(self, data: bytes) -> None:
        """GS ( k: 67 module size, 69 level, 80 keeps the text, 81 prints the QR code."""
        if len(data) < 2 or data[0] != 49:
            return
        function, rest = data[1], data[2:]
        if function == 67 and rest:
            self.modes.code_size = min(16, max(1, rest[0]))
        elif function == 69 and rest:
            self.modes.code_level = rest[0]
        elif function == 80:
            self._code = rest[1:]
        elif function == 81 and self._code:
            picture = pictures.qr_code(self._code, self.modes.code_level, self.modes.code_size)
            if picture is not None:
                self._flush()
                self._put(picture)

    def _look(self, **changes: Any) -> None:
        self.modes.look = replace(self.modes.look, **changes)

    def _do_print_mode(self, data: bytes) -> None:
        bits = data[0]
        self._look(
            face=FONT_B if bits & 1 else FONT_A,
            bold=bool(bits & 8),
            height=1 + (bits >> 4 & 1),
            width=1 + (bits >> 5 & 1),
            underline=bits >> 7,
        )

    def _do_size(self, data: bytes) -> None:
        self._look(width=1 + (data[0] >> 4 & 7), height=1 + (data[0] & 7))

    def _do_font(self, data: bytes) -> None:
        self._look(face=FONT_B if data[0] & 1 else FONT_A)

    def _do_underline(self, data: bytes) -> None:
        self._look(underline=data[0] % 48 if data[0] % 48 <= 2 else 0)

    def _do_reverse(self, data: bytes) -> None:
        self._look(reverse=bool(data[0] & 1))

    def _do_bold(self, data: bytes) -> None:
        self._look(bold=bool(data[0] & 1))

    def _do_align(self, data: bytes) -> None:
        self.modes.align = _ALIGNS.get(data[0], self.modes.align)

    def _do_line_height(self, data: bytes) -> None:
        self.modes.line = data[0] * self.modes.unit_y

    def _do_usual_line(self, data: bytes) -> None:
        self.modes.line = LINE

    def _do_units(self, data: bytes) -> None:
        dots = 180 if self.width == 512 else 203  # an inch; 512 is what printers of 180 have on 80 mm
        self.modes.unit_x, self.modes.unit_y = (dots / each if each else 1.0 for each in data[:2])


def _setting(name: str, at_least: int = 0, at_most: int = 255) -> Deed:
    """Return the deed of a command whose one byte is the mode `name`."""

    def do(paper: Paper, data: bytes) -> None:
        setattr(paper.modes, name, min(at_most, max(at_least, data[0])))

    return do


_DEEDS: dict[bytes, Deed] = {
    b"text": Paper._do_text,
    b"\n": Paper._do_line_feed,
    b"\x1b@": Paper._do_initialise,
    b"\x1bJ": Paper._do_feed_dots,
    b"\x1bd": Paper._do_feed_lines,
    b"\x1dv": Paper._do_raster,
    b"\x1d(L": Paper._do_graphics,
    b"\x1d8L": Paper._do_graphics,
    b"\x1d(k": Paper._do_code,
    b"\x1b!": Paper._do_print_mode,
    b"\x1d!": Paper._do_size,
    b"\x1ba": Paper._do_align,
    b"\x1bE": Paper._do_bold,
    b"\x1bG": Paper._do_bold,
    b"\x1bM": Paper._do_font,
    b"\x1b-": Paper._do_underline,
    b"\x1dB": Paper._do_reverse,
    b"\x1bt": _setting("page"),
    b"\x1bR": _setting("nation"),
    b"\x1b ": _setting("gap"),
    b"\x1b*": Paper._do_columns,
    b"\x1b$": Paper._do_place,
    b"\x1b\\": Paper._do_place_from_here,
    b"\t": Paper._do_tab,
    b"\x1bD": Paper._do_tabs,
    b"\x1dk": Paper._do_bars,
    b"\x1dh": _setting("bar_height", 1),
    b"\x1dw": _setting("bar_module", 1, 6),
    b"\x1dH": _setting("bar_places"),
    b"\x1df": _setting("bar_face"),
    b"\x1b3": Paper._do_line_height,
    b"\x1b2": Paper._do_usual_line,
    b"\x1dP": Paper._do_units,
}


def slips(data: bytes, width: int, profile: str = "default") -> list[Image.Image]:
    """Return what a printer of the profile prints of a job, a picture for each cut and for what is left."""
    paper, found = Paper(width, profile), []
    while data and (command := first_command(data)) is not None:
        if command.name in CUTS:
            found.append(paper.cut())
        else:
            paper.take(command)
        data = data[command.length :]
    found.append(paper.cut())
    return [slip for slip in found if slip is not None]
