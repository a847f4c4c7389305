"""The paper of the virtual printer: commands leave dots on it, a cut gives the slip as a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from PIL import Image

from printers.profiles import code_pages
from printers.virtual import barcodes, pictures
from printers.virtual.letters import FONT_A, FONT_B, cell, decoded
from printers.virtual.modes import SETTERS, Modes
from printers.virtual.parser import Command, first_command
from printers.virtual.pictures import HIGHEST

LINE = 30
CUTS = (b"\x1dV", b"\x1bi", b"\x1bm")


@dataclass
class Paper:
    """A roll `width` dots wide in a printer of a python-escpos `profile`, whose code pages it has.

    `ink` counts the dots of height that went out since it was put in.
    """

    width: int
    profile: str = "default"
    ink: int = 0

    def __post_init__(self) -> None:
        self.modes = self._usual_modes()
        self._rows: list[Image.Image] = []
        self._height = 0
        self._line: list[tuple[int, Image.Image]] = []
        self._place = 0
        self._code = b""
        self._stored: Image.Image | None = None

    def _usual_modes(self) -> Modes:
        return Modes(dots_per_inch=180 if self.width == 512 else 203)

    @property
    def height(self) -> int:
        """Dots since the last cut."""
        return self._height

    def take(self, command: Command) -> None:
        """Let a command leave its dots; what is unknown leaves none."""
        if command.name in SETTERS:
            SETTERS[command.name](self.modes, command.data)
        elif command.name in _DEEDS:
            _DEEDS[command.name](self, command.data)

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
        self.modes = self._usual_modes()

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


_DEEDS: dict[bytes, Callable[[Paper, bytes], None]] = {
    b"text": Paper._do_text,
    b"\n": Paper._do_line_feed,
    b"\x1b@": Paper._do_initialise,
    b"\x1bJ": Paper._do_feed_dots,
    b"\x1bd": Paper._do_feed_lines,
    b"\x1dv": Paper._do_raster,
    b"\x1d(L": Paper._do_graphics,
    b"\x1d8L": Paper._do_graphics,
    b"\x1d(k": Paper._do_code,
    b"\x1b*": Paper._do_columns,
    b"\x1b$": Paper._do_place,
    b"\x1b\\": Paper._do_place_from_here,
    b"\t": Paper._do_tab,
    b"\x1dk": Paper._do_bars,
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
