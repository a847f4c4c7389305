"""Draws a layout as a picture of black and white dots."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import qrcode
from PIL import Image, ImageDraw

from printers import fonts
from printers.elements import BigNumber, Code, Element, Gap, Mark, Pair, Picture, Rule, Text, slip_elements
from printers.slip import Slip
from printers.typeset import Direction, Line, Style, first_strong, fit, wrap

log = logging.getLogger(__name__)

PAPER_80_MM = 576
PAPER_58_MM = 384
NARROWEST = 200
LONGEST_SLIP = 6000
_BLACK_BELOW = 150


@dataclass(frozen=True)
class Page:
    """Width of the paper and of its text (dots), and the direction in which it is read."""

    width: int
    direction: Direction

    @property
    def margin(self) -> int:
        """White at each side, dots."""
        return (self.width - self.measure) // 2

    @property
    def measure(self) -> int:
        """Width of a full line, dots: a multiple of 4, so that doubled dots lie in the middle."""
        return (self.width - 2 * max(8, self.width // 18)) // 4 * 4

    def scaled(self, size: int) -> int:
        """Return a size for 80 mm paper as it is here: text shrinks less than the paper, to stay readable."""
        return max(14, round(size * min(1.5, 0.55 + 0.45 * self.width / PAPER_80_MM)))

    def paragraph(self, text: str) -> Direction:
        """Return the direction of a paragraph: its own letters decide, then the page."""
        return first_strong(text, self.direction)


Paint = Callable[[Image.Image, ImageDraw.ImageDraw, int], None]


@dataclass(frozen=True)
class Block:
    """A height in dots and what paints it at a given top."""

    height: int
    paint: Paint


def _nothing(canvas: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
    pass


def _text(element: Text, page: Page) -> Block:
    size = page.scaled(element.size)
    lines = wrap(element.text, Style(size, element.weight), page.measure, page.paragraph(element.text))
    pitch = round(size * 1.3)

    def paint(canvas: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        for row, line in enumerate(lines):
            line.draw(canvas, (page.width - line.width) // 2, top + row * pitch + size)

    return Block(pitch * len(lines), paint)


def _doubled(picture: Image.Image) -> Image.Image:
    """Return the picture with four dots for each of its own.

    Printers double dots themselves: a number and a code drawn so are sent as a quarter of their dots.
    """
    return picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.NEAREST)


def _number(element: BigNumber, page: Page) -> Block:
    line = fit(
        element.text, Style(element.size // 2, "Bold"), page.measure // 2, page.paragraph(element.text)
    )
    size = line.style.size
    # Capitals and figures are 0.73 of the size high; the rest is air above and below.
    height = 2 * round(size * 0.95)

    def paint(canvas: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        small = Image.new("L", (page.width // 4 * 2, 2 * size))
        line.draw(small, (small.width - line.width) // 2, round(size * 1.2), ink=255)
        place = (page.width - 2 * small.width) // 2, top + 2 * (round(size * 0.84) - round(size * 1.2))
        canvas.paste(0, place, _doubled(small))

    return Block(height, paint)


def _mark(element: Mark, page: Page) -> Block:
    size = page.scaled(36)
    line = fit(element.text, Style(size, "Bold"), page.measure - size, page.paragraph(element.text))
    height = round(size * 1.5)

    def paint(canvas: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        half = min(page.measure, line.width + 3 * size) // 2
        middle = page.width // 2
        pen.rectangle((middle - half, top, middle + half - 1, top + height - 1), fill=0)
        line.draw(canvas, (page.width - line.width) // 2, top + round(size * 1.11), ink=255)

    return Block(height, paint)


def _pair(element: Pair, page: Page) -> Block:
    size = page.scaled(element.size)
    labels = wrap(element.label, Style(size), page.measure, page.paragraph(element.label))
    value = Style(size, "SemiBold", figures=True)
    # A value of figures only ("10:00–10:05") has no direction: it keeps the order in which it was written.
    values = wrap(element.value, value, page.measure, first_strong(element.value, "ltr"))
    together = len(labels) == len(values) == 1
    beside = together and labels[0].width + values[0].width + size // 2 <= page.measure
    pitch = round(size * 1.3)
    rows = max(len(labels), len(values)) if beside else len(labels) + len(values)

    def paint(canvas: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        for row, line in enumerate(labels):
            line.draw(canvas, _edge(line, page, at_start=True), top + row * pitch + size)
        below = 0 if beside else len(labels)
        for row, line in enumerate(values, below):
            line.draw(canvas, _edge(line, page, at_start=False), top + row * pitch + size)

    return Block(rows * pitch + round(size * 0.3), paint)


def _edge(line: Line, page: Page, *, at_start: bool) -> int:
    on_left = at_start == (page.direction == "ltr")
    return page.margin if on_left else page.width - page.margin - line.width


def _rule(page: Page) -> Block:
    def paint(canvas: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        for x in range(page.margin, page.width - page.margin, 10):
            pen.rectangle((x, top, min(x + 5, page.width - page.margin - 1), top + 3), fill=0)

    return Block(4, paint)


@lru_cache(maxsize=8)
def _modules(text: str) -> Image.Image:
    """Return the code, one dot a module, without its quiet zone."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text.encode())
    code.make(fit=True)
    rows = code.get_matrix()
    picture = Image.new("L", (len(rows), len(rows)))
    picture.putdata([0 if dark else 255 for row in rows for dark in row])
    return picture


def module_dots(modules: int, width: int) -> int:
    """Return the dots a module for a code of about 26 mm; even and ≥ 4 (0.5 mm) where there is room."""
    widest = (width - 16) // (modules + 8)
    wanted = max(4, 2 * round(min(210, width // 2) / modules / 2))
    return max(1, min(wanted, widest if widest < 4 else widest // 2 * 2))


def _code(element: Code, page: Page) -> Block:
    modules = _modules(element.text)
    dots = module_dots(modules.width, page.width)
    side, quiet = modules.width * dots, 2 * dots
    # As the number, so that doubled dots fall together.
    left = (page.width - (side + 3) // 4 * 4) // 2

    def paint(canvas: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        canvas.paste(modules.resize((side, side), Image.Resampling.NEAREST), (left, top + quiet))

    return Block(side + 2 * quiet, paint)


@lru_cache(maxsize=4)
def _logo(path: str, width: int, height: int) -> Image.Image | None:
    """Return the logo in gray, scaled down to the box; None, with a warning, when it cannot be read."""
    try:
        with Image.open(path) as file:
            picture = file.convert("RGBA")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        log.warning("slip: the logo %s cannot be read: %s", path, error)
        return None
    white = Image.new("RGBA", picture.size, "white")
    flat = Image.alpha_composite(white, picture).convert("L")
    flat.thumbnail((width, height))
    return flat


def _picture(element: Picture, page: Page) -> Block:
    logo = _logo(element.path, page.measure, element.height)
    if logo is None:
        return Block(0, _nothing)

    def paint(canvas: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        canvas.paste(logo, ((page.width - logo.width) // 2, top))

    return Block(logo.height, paint)


def _block(element: Element, page: Page) -> Block:
    match element:
        case Text():
            return _text(element, page)
        case BigNumber():
            return _number(element, page)
        case Mark():
            return _mark(element, page)
        case Pair():
            return _pair(element, page)
        case Rule():
            return _rule(page)
        case Code():
            return _code(element, page)
        case Picture():
            return _picture(element, page)
        case Gap():
            return Block(element.height, _nothing)


def render(elements: Sequence[Element], width: int, direction: Direction = "ltr") -> Image.Image:
    """Return the elements as a picture (mode "1") of `width` dots; raise ValueError for paper under 25 mm."""
    if width < NARROWEST:
        raise ValueError(f"paper of {width} dots is too narrow: at least {NARROWEST} are needed")
    fonts.warn_once()
    page = Page(width, direction)
    blocks = [_block(element, page) for element in elements]
    height = min(LONGEST_SLIP, max(1, sum(block.height for block in blocks)))
    canvas = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(canvas)
    top = 0
    for block in blocks:
        block.paint(canvas, pen, top)
        top += block.height
    return canvas.point([0 if gray < _BLACK_BELOW else 255 for gray in range(256)], mode="1")


def preview(slip: Slip, width: int = PAPER_80_MM) -> Image.Image:
    """Return the slip as it will come out of the printer, one pixel a dot."""
    return render(slip_elements(slip), width, slip.direction)
