"""The paper of the virtual printer: commands leave dots on it, a cut gives the slip as a picture."""

from __future__ import annotations

from dataclasses import dataclass, field

import qrcode
from PIL import Image, ImageDraw

from printers import fonts
from printers.virtual.parser import Command

DOTS_PER_INCH = 203
LONGEST = 20_000
LINE = 30
_CODE_PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 17: "cp866"} | {
    18: "cp852",
    19: "cp858",
    45: "cp1250",
    46: "cp1251",
    47: "cp1253",
}


@dataclass
class Modes:
    """What ESC @ sets back."""

    align: int = 0
    width: int = 1
    height: int = 1
    bold: bool = False
    page: str = "cp437"
    line: int = LINE
    unit: float = 1.0
    code_size: int = 3
    code_level: int = 0


@dataclass
class Paper:
    """A roll `width` dots wide; `ink` counts the dots of height that went out since it was put in."""

    width: int
    modes: Modes = field(default_factory=Modes)
    ink: int = 0

    def __post_init__(self) -> None:
        self._rows: list[Image.Image] = []
        self._height = 0
        self._text: list[tuple[str, Modes]] = []
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
        slip = Image.new("1", (self.width, min(height, LONGEST)), 255)
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
        height = min(LONGEST, max(0, round(dots)))
        if height:
            self._rows.append(Image.new("L", (1, height)))
            self._grow(height)

    def _grow(self, dots: int) -> None:
        self._height += dots
        self.ink += dots

    def _flush(self) -> bool:
        """Print the line that stands in the buffer; was there one?"""
        pieces, self._text = self._text, []
        if not pieces:
            return False
        drawn = [_letters(text, modes) for text, modes in pieces]
        line = Image.new(
            "1", (max(1, sum(piece.width for piece in drawn)), max(piece.height for piece in drawn)), 1
        )
        left = 0
        for piece in drawn:
            line.paste(piece, (left, line.height - piece.height))
            left += piece.width
        self._put(line)
        return True

    def _do_text(self, data: bytes) -> None:
        modes = self.modes
        self._text.append((data.decode(modes.page, "replace"), Modes(**vars(modes))))
        if sum(len(text) * 12 * mode.width for text, mode in self._text) > self.width * 2:
            self._flush()

    def _do_line_feed(self, data: bytes) -> None:
        if not self._flush():
            self._feed(self.modes.line * self.modes.unit)

    def _do_initialise(self, data: bytes) -> None:
        self._text.clear()
        self.modes = Modes()

    def _do_feed_dots(self, data: bytes) -> None:
        self._flush()
        self._feed(data[0] * self.modes.unit)

    def _do_feed_lines(self, data: bytes) -> None:
        self._flush()
        self._feed(data[0] * self.modes.line * self.modes.unit)

    def _do_raster(self, data: bytes) -> None:
        self._flush()
        across, height = data[2] + 256 * data[3], data[4] + 256 * data[5]
        scale = (1 + (data[1] & 1), 1 + (data[1] >> 1 & 1))
        if across and height:
            self._put(self._picture(across, height, scale, data[6:]))

    def _picture(self, across: int, height: int, scale: tuple[int, int], bits: bytes) -> Image.Image:
        visible = min(across, (self.width + 7) // 8)
        bits = b"".join(bits[row * across : row * across + visible] for row in range(min(height, LONGEST)))
        picture = Image.frombytes(
            "1", (visible * 8, len(bits) // visible), bytes(byte ^ 0xFF for byte in bits)
        )
        if scale != (1, 1):
            picture = picture.resize((picture.width * scale[0], min(LONGEST, picture.height * scale[1])))
        return picture

    def _do_graphics(self, data: bytes) -> None:
        """GS ( L and GS 8 L: function 112 keeps a picture, 50 and 2 print it."""
        if len(data) >= 10 and data[1] == 112:
            width, height = data[6] + 256 * data[7], data[8] + 256 * data[9]
            across = (width + 7) // 8
            if across and height and len(data) - 10 >= across * height:
                scale = (2 if data[3] == 2 else 1, 2 if data[4] == 2 else 1)
                self._stored = self._picture(across, height, scale, data[10:])
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
            self.modes.code_level = rest[0] - 48
        elif function == 80:
            self._code = rest[1:]
        elif function == 81 and self._code:
            self._print_code()

    def _print_code(self) -> None:
        levels = {0: 1, 1: 0, 2: 3, 3: 2}  # L M Q H, as the library numbers them
        code = qrcode.QRCode(error_correction=levels.get(self.modes.code_level, 1), border=0)
        code.add_data(self._code)
        try:
            code.make(fit=True)
        except (ValueError, qrcode.exceptions.DataOverflowError):
            return
        rows = code.get_matrix()
        picture = Image.new("1", (len(rows), len(rows)))
        picture.putdata([0 if dark else 255 for row in rows for dark in row])
        side = len(rows) * self.modes.code_size
        self._flush()
        self._put(picture.resize((side, side), Image.Resampling.NEAREST))

    def _do_print_mode(self, data: bytes) -> None:
        self.modes.bold = bool(data[0] & 8)
        self.modes.height, self.modes.width = 1 + (data[0] >> 4 & 1), 1 + (data[0] >> 5 & 1)

    def _do_size(self, data: bytes) -> None:
        self.modes.width, self.modes.height = 1 + (data[0] >> 4 & 7), 1 + (data[0] & 7)

    def _do_align(self, data: bytes) -> None:
        self.modes.align = data[0] % 48

    def _do_bold(self, data: bytes) -> None:
        self.modes.bold = bool(data[0] & 1)

    def _do_page(self, data: bytes) -> None:
        self.modes.page = _CODE_PAGES.get(data[0], "cp437")

    def _do_line_height(self, data: bytes) -> None:
        self.modes.line = data[0]

    def _do_usual_line(self, data: bytes) -> None:
        self.modes.line = LINE

    def _do_units(self, data: bytes) -> None:
        self.modes.unit = DOTS_PER_INCH / data[1] if data[1] else 1.0


def _letters(text: str, modes: Modes) -> Image.Image:
    font = fonts.load("DejaVuSansMono", "Bold" if modes.bold else "Regular", 20)
    picture = Image.new("1", (max(1, 12 * len(text)), 24), 255)
    ImageDraw.Draw(picture).text((0, 19), text, 0, font, anchor="ls")
    return picture.resize((picture.width * modes.width, picture.height * modes.height))


_DEEDS = {
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
    b"\x1bt": Paper._do_page,
    b"\x1b3": Paper._do_line_height,
    b"\x1b2": Paper._do_usual_line,
    b"\x1dP": Paper._do_units,
}
