"""Text and surfaces with their places: text shrinks until it fits its box, so that nothing is ever cut."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from terminal.theme import Theme

Weight = QFont.Weight
SMALLEST = 8.0
LINE_HEIGHT = 1.25
ELLIPSIS = "…"
QUIET = 3


class Align(Enum):
    LEFT = 0.0
    CENTER = 0.5
    RIGHT = 1.0


@dataclass(frozen=True)
class Ink:
    """How a text is written: `step` in pixels of the design, at most."""

    step: float
    color: str
    weight: QFont.Weight = Weight.Normal
    align: Align = Align.LEFT


@dataclass(frozen=True)
class Fill:
    """A surface of one colour."""

    box: QRectF
    color: str
    radius: float = 0.0


@dataclass(frozen=True)
class Text:
    """One line of text in a box, its capitals centred in the box's height."""

    text: str
    box: QRectF
    font: QFont
    ink: Ink

    def start(self) -> QPointF:
        """Give the left end of the base line."""
        metrics = QFontMetricsF(self.font)
        spare = self.box.width() - metrics.horizontalAdvance(self.text)
        # Large letters stand away from their origin: without this the huge number would look indented.
        bearing = metrics.tightBoundingRect(self.text).left() if self.ink.align is Align.LEFT else 0.0
        middle = self.box.center().y() + metrics.capHeight() / 2
        return QPointF(self.box.left() - bearing + spare * self.ink.align.value, middle)

    def extent(self) -> QRectF:
        """Give the rectangle that the glyphs really cover."""
        return QFontMetricsF(self.font).tightBoundingRect(self.text).translated(self.start())


@dataclass(frozen=True)
class Slot:
    """Where pictures, videos and texts of the office stand."""

    box: QRectF


@dataclass(frozen=True)
class Dots:
    """A QR code with its quiet zone in a square: black on white in every theme, whole pixels a module."""

    box: QRectF
    rows: tuple[tuple[bool, ...], ...]


Piece = Fill | Text | Slot | Dots


def written(theme: Theme, text: str, box: QRectF, ink: Ink) -> Text:
    """Write one line into a box, as large as `ink` says or as the box allows."""
    font = theme.font(ink.step, ink.weight)
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text), metrics.capHeight()
    room = min(1.0, box.width() / width if width else 1.0, box.height() / height)
    if room < 1.0:
        font.setPixelSize(max(int(SMALLEST), int(font.pixelSize() * room)))
    return Text(text, box, font, ink)


def width_of(theme: Theme, text: str, ink: Ink) -> float:
    """Measure a line at its full size, in pixels of the screen."""
    return QFontMetricsF(theme.font(ink.step, ink.weight)).horizontalAdvance(text)


def paragraph(theme: Theme, text: str, box: QRectF, ink: Ink, smallest: float) -> list[Text]:
    """Break a text into lines that fit a box, smaller where it must be, not below `smallest` design pixels.

    A text that is too long even then ends in an ellipsis.
    """
    step = ink.step
    while True:
        font = theme.font(step, ink.weight)
        high = font.pixelSize() * LINE_HEIGHT
        room = max(1, int(box.height() / high))
        lines = _broken(text, QFontMetricsF(font), box.width())
        if len(lines) <= room or step <= smallest:
            break
        step = max(smallest, step - 2)
    if len(lines) > room:
        lines = [*lines[: room - 1], lines[room - 1] + ELLIPSIS]
    top = box.center().y() - high * len(lines) / 2
    smaller = Ink(step, ink.color, ink.weight, ink.align)
    return [
        written(theme, line, QRectF(box.left(), top + i * high, box.width(), high), smaller)
        for i, line in enumerate(lines)
    ]


def _broken(text: str, metrics: QFontMetricsF, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _direction(text: str) -> Qt.LayoutDirection:
    """Return which way a line runs: by its first letter that has a way (UAX #9, rule P2)."""
    ways = (unicodedata.bidirectional(each) for each in text)
    first = next((way for way in ways if way in ("L", "R", "AL")), "L")
    return Qt.LayoutDirection.LeftToRight if first == "L" else Qt.LayoutDirection.RightToLeft


def _paint_dots(painter: QPainter, piece: Dots) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.white)
    painter.drawRect(piece.box)
    dot = max(1, round(piece.box.width() / (len(piece.rows) + 2 * QUIET)))
    spare = len(piece.rows) * dot / 2
    left, top = round(piece.box.center().x() - spare), round(piece.box.center().y() - spare)
    for y, row in enumerate(piece.rows):
        for x, is_dark in enumerate(row):
            if is_dark:
                painter.fillRect(left + x * dot, top + y * dot, dot, dot, Qt.GlobalColor.black)


def paint(painter: QPainter, theme: Theme, pieces: Iterable[Piece]) -> None:
    """Paint pieces in their order."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for piece in pieces:
        if isinstance(piece, Fill):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(piece.color))
            painter.drawRoundedRect(piece.box, piece.radius, piece.radius)
        elif isinstance(piece, Dots):
            _paint_dots(painter, piece)
        elif isinstance(piece, Text):
            painter.setPen(theme.color(piece.ink.color))
            painter.setFont(piece.font)
            painter.setLayoutDirection(_direction(piece.text))
            painter.drawText(piece.start(), piece.text)
