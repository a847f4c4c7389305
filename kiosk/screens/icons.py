"""Pictures that are drawn, not loaded: icons in the colour of their text, and QR codes."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.screens.look import Look
from terminal.qr import qr_rows

# On a field of 100 by 100: lines through points, closed shapes, filled rectangles, circles, letters.
Shape = tuple[str, tuple[float, ...]] | tuple[str, str]
ICONS: dict[str, tuple[Shape, ...]] = {
    "check": (("line", (24, 52, 43, 70, 77, 32)),),
    "cross": (("line", (30, 30, 70, 70)), ("line", (70, 30, 30, 70))),
    "back": (("line", (62, 18, 32, 50, 62, 82)),),
    "erase": (
        ("shape", (32, 22, 94, 22, 94, 78, 32, 78, 6, 50)),
        ("line", (50, 38, 74, 62)),
        ("line", (74, 38, 50, 62)),
    ),
    "scan": (
        ("line", (6, 30, 6, 6, 30, 6)),
        ("line", (70, 6, 94, 6, 94, 30)),
        ("line", (94, 70, 94, 94, 70, 94)),
        ("line", (30, 94, 6, 94, 6, 70)),
        ("shape", (28, 28, 44, 28, 44, 44, 28, 44)),
        ("shape", (58, 28, 72, 28, 72, 44, 58, 44)),
        ("shape", (28, 58, 44, 58, 44, 72, 28, 72)),
        ("block", (56, 56, 9, 9)),
        ("block", (67, 67, 9, 9)),
    ),
    "ticket": (
        ("shape", (16, 6, 84, 6, 84, 92, 70, 82, 57, 92, 43, 82, 30, 92, 16, 82)),
        ("line", (36, 32, 64, 32)),
        ("line", (36, 52, 64, 52)),
    ),
    "clock": (("circle", (50, 50, 42)), ("line", (50, 26, 50, 52, 66, 62))),
    "contrast": (("circle", (50, 50, 40)), ("half", (50, 50, 40))),
    "aloud": (
        ("shape", (10, 38, 26, 38, 48, 18, 48, 82, 26, 62, 10, 62)),
        ("line", (62, 36, 69, 50, 62, 64)),
        ("line", (77, 24, 89, 50, 77, 76)),
    ),
    "silent": (
        ("shape", (10, 38, 26, 38, 48, 18, 48, 82, 26, 62, 10, 62)),
        ("line", (64, 38, 88, 62)),
        ("line", (88, 38, 64, 62)),
    ),
    "help": (("circle", (50, 50, 44)), ("letters", "?")),
    "info": (("letters", "i"),),
    "larger": (("letters", "A+"),),
    "smaller": (("letters", "A−"),),
    "alert": (("line", (50, 22, 50, 56)), ("block", (45, 70, 10, 10))),
    "wait": (("line", (26, 50, 27, 50)), ("line", (50, 50, 51, 50)), ("line", (74, 50, 75, 50))),
}

DOT_MM = 0.5
"""The least side of a module of a QR code: smaller ones a phone does not read from a hand's distance."""

# What points the way that people read points the other way where they read from the right.
_MIRRORED = {"back"}


def draw_icon(painter: QPainter, name: str, field: QRectF, color: QColor, stroke: float = 9.0) -> None:
    """Draw an icon into a square field."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(field.topLeft())
    painter.scale(field.width() / 100, field.height() / 100)
    pen = QPen(color, stroke, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    for kind, data in ICONS[name]:
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _draw(painter, kind, data, color)
    painter.restore()


def _draw(painter: QPainter, kind: str, data: str | tuple[float, ...], color: QColor) -> None:
    if isinstance(data, str):
        font = QFont(painter.font())
        font.setPixelSize(58 if len(data) == 1 else 66)
        font.setWeight(QFont.Weight.Bold)
        painter.setFont(font)
        painter.drawText(QRectF(-30, -30, 160, 160), Qt.AlignmentFlag.AlignCenter, data)
    elif kind in ("line", "shape"):
        points = QPolygonF([QPointF(x, y) for x, y in zip(data[::2], data[1::2], strict=True)])
        draw = painter.drawPolyline if kind == "line" else painter.drawPolygon
        draw(points)
    elif kind == "circle":
        painter.drawEllipse(QPointF(data[0], data[1]), data[2], data[2])
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        if kind == "block":
            painter.drawRect(QRectF(*data))
        else:
            x, y, radius = data
            painter.drawPie(QRectF(x - radius, y - radius, 2 * radius, 2 * radius), 90 * 16, 180 * 16)


class Icon(QWidget):
    """An icon, bare or on a coloured disc or tile (`back` is its token); no lower than letters beside it."""

    def __init__(
        self, look: Look, name: str, size: float, tint: str, back: str = "", disc: bool = False
    ) -> None:
        super().__init__()
        self.name = name
        self._color = look.color(tint)
        self._back = look.color(back) if back else None
        self._margin = (0.12 if disc else 0.24) if back else 0.0
        self._side = max(look.px(size), math.ceil(look.capital_px / (1 - 2 * self._margin)))
        self._radius = self._side / 2 if disc else look.px(24)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """Return the square that the icon needs."""
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon on its disc or tile."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field = QRectF(0, 0, self._side, self._side)
        if self._back is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._back)
            painter.drawRoundedRect(field, self._radius, self._radius)
        if self.name in _MIRRORED and self.isRightToLeft():
            painter.translate(self._side, 0)
            painter.scale(-1, 1)
        inset = self._side * self._margin
        draw_icon(painter, self.name, field.adjusted(inset, inset, -inset, -inset), self._color)
        painter.end()


class QrCode(QWidget):
    """A QR code in black on white with its quiet zone, whatever the theme: phones want that contrast."""

    def __init__(self, look: Look, text: str, size: float) -> None:
        super().__init__()
        self._wanted, self._least_dot = look.px(size), look.theme.mm(DOT_MM)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        """Show another code in the same place."""
        self.text = text
        self._rows = qr_rows(text)
        modules = len(self._rows) + 6
        self._dot = max(2, self._least_dot, self._wanted // modules)
        self._side = self._dot * modules
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the square that the code needs, whole pixels a module."""
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the code."""
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#FFFFFF"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(self.rect(), 2 * self._dot, 2 * self._dot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        dot, quiet = self._dot, 3
        for y, row in enumerate(self._rows):
            for x, is_dark in enumerate(row):
                if is_dark:
                    painter.fillRect((x + quiet) * dot, (y + quiet) * dot, dot, dot, QColor("#000000"))
        painter.end()
