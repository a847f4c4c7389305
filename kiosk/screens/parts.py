"""What the screens are made of: words that wrap, tiles to touch, cards, rows of facts, the huge number."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from kiosk.screens.icons import Icon
from kiosk.screens.look import Look
from terminal.texts import reads_right_to_left

BOLD = QFont.Weight.Bold
DEMI = QFont.Weight.DemiBold
MEDIUM = QFont.Weight.Medium
NORMAL = QFont.Weight.Normal

LEFT = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter
DISABLED = 0.4


@dataclass(frozen=True)
class Ink:
    """How a text is written: size in design pixels, weight, colour token."""

    step: float = 30
    weight: QFont.Weight = NORMAL
    tint: str = "ink"


# In type sizes. Noto's Arabic would take 2.1 for a line. Its letters reach 0.95 above the base line, which stands
# at four fifths of a line here, and 0.43 below.
LINE_FROM_RIGHT, BELOW_FROM_RIGHT = 1.5, 0.25


class Words(QLabel):
    """A text that wraps; no name from outside is taken for markup: `markup` is for texts that bring their own."""

    def __init__(
        self, look: Look, text: str, ink: Ink, align: Qt.AlignmentFlag = LEFT, *, markup: bool = False
    ) -> None:
        super().__init__()
        self._markup, self._text = markup, ""
        # A plain label cuts the ends of wrapped lines that run from right to left; a document does not.
        self._is_from_right = reads_right_to_left(look.language)
        self._is_document = markup or self._is_from_right
        self.setTextFormat(Qt.TextFormat.RichText if self._is_document else Qt.TextFormat.PlainText)
        self.setFont(look.font(ink.step, ink.weight))
        self.setWordWrap(True)
        self.setAlignment(_side(align, self._is_from_right))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setText(text)
        # Within a button the role would be that of its own caption.
        self.setForegroundRole(QPalette.ColorRole.WindowText)
        palette = self.palette()
        color = look.color(ink.tint)
        palette.setColor(QPalette.ColorRole.WindowText, color)
        color.setAlphaF(DISABLED)
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText, color)
        self.setPalette(palette)

    def text(self) -> str:
        """Return the text as it is read."""
        return self._text

    def setText(self, text: str) -> None:
        """Show a text."""
        self._text = text
        if self._is_document and not self._markup:
            text = html.escape(text).replace("\n", "<br>")
        if self._is_from_right and text:
            text = "".join(
                f'<p style="margin:0; line-height:{math.ceil(share * self.font().pixelSize())}px;'
                f' -qt-line-height-type:fixed{more}">{inside}</p>'
                for share, more, inside in (
                    (LINE_FROM_RIGHT, "", text),
                    (BELOW_FROM_RIGHT, "; -qt-paragraph-type:empty", "<br>"),
                )
            )
        super().setText(text)


def _side(align: Qt.AlignmentFlag, to_left: bool) -> Qt.AlignmentFlag:
    """Return where a text stands, by the language of the screen: Qt would go by the letters of the text."""
    edges = (LEFT, RIGHT)
    if align in edges:
        align = edges[not edges.index(align)] if to_left else align
        align |= Qt.AlignmentFlag.AlignAbsolute
    return align


@dataclass(frozen=True)
class Paint:
    """The colours of a tile by their tokens; an empty one is not painted."""

    ground: str
    text: str
    border: str = ""
    soft: str = ""
    stroke: Qt.PenStyle = Qt.PenStyle.SolidLine


PAINTS = {
    "primary": Paint("primary", "on_primary", soft="on_primary"),
    "plain": Paint("paper", "ink", "line", "ink_soft"),
    "closed": Paint("mist", "ink_soft", "line", "ink_soft", Qt.PenStyle.DashLine),
    "dark": Paint("ink", "paper", soft="paper"),
    "outline": Paint("", "ink", "ink", "ink"),
    "ok": Paint("ok", "paper", soft="paper"),
    "flat": Paint("", "ink", "", "ink_soft"),
}


class Tile(QAbstractButton):
    """Something to touch. `meaning` is the event that a touch reports; texts inside wrap."""

    def __init__(self, look: Look, kind: str, meaning: object, height: float = 150) -> None:
        super().__init__()
        self.meaning = meaning
        self.paint = PAINTS[kind]
        self._look = look
        self._radius = look.px(24) if kind != "flat" else 0
        # Touches leave no focus behind; the arrow keys give it (see window).
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(look.key_px(height * (0.75 if look.is_wide else 1)))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.row = QHBoxLayout(self)
        edge = look.px(24)
        self.row.setContentsMargins(edge, look.px(14), edge, look.px(14))
        self.row.setSpacing(look.px(16))

    def named(self, text: str) -> Tile:
        """Give the tile its name for screen readers."""
        self.setAccessibleName(text)
        return self

    def sizeHint(self) -> QSize:
        """Return what the contents want."""
        return self.row.totalSizeHint().expandedTo(self.minimumSize())

    def minimumSizeHint(self) -> QSize:
        """Return what the contents need."""
        return self.row.totalMinimumSize().expandedTo(self.minimumSize())

    def hasHeightForWidth(self) -> bool:
        """Tell Qt that the texts wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped contents."""
        return max(self.minimumHeight(), self.row.totalHeightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, border, the touch and the focus ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else DISABLED)
        look, line = self._look, max(2, self._look.px(3))
        field = QRectF(self.rect()).adjusted(line / 2, line / 2, -line / 2, -line / 2)
        stroke = self.paint.stroke if self.paint.border else Qt.PenStyle.NoPen
        painter.setPen(QPen(look.color(self.paint.border or "line"), line, stroke))
        painter.setBrush(look.color(self.paint.ground) if self.paint.ground else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(field, self._radius, self._radius)
        if self.isDown():
            shade = look.color("ink_soft")
            shade.setAlpha(90)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawRoundedRect(field, self._radius, self._radius)
        if self.hasFocus():
            self._draw_focus(painter, field)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the keys to the window: arrows and OK mean the same on every screen."""
        event.ignore()

    def _draw_focus(self, painter: QPainter, field: QRectF) -> None:
        """Draw a ring of two tones: seen on light, dark and coloured grounds alike."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        wide = self._look.px(7)
        for tint, inset in (("ink", wide / 2), ("paper", wide * 1.4)):
            ring = field.adjusted(inset, inset, -inset, -inset)
            painter.setPen(QPen(self._look.color(tint), wide if tint == "ink" else wide * 0.8))
            painter.drawRoundedRect(ring, self._radius, self._radius)


def key(
    look: Look, text: str, meaning: object, kind: str = "plain", step: float = 34, icon: str = ""
) -> Tile:
    """Make a tile with one text in its middle, and an icon before it where one is named."""
    tile = Tile(look, kind, meaning).named(text)
    words = Words(look, text, Ink(step, DEMI, tile.paint.text), CENTER)
    if icon:
        words.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
        words.setWordWrap(False)
        tile.row.addStretch()
        tile.row.addWidget(Icon(look, icon, step * look.letters, tile.paint.text))
    tile.row.addWidget(words)
    if icon:
        tile.row.addStretch()
    return tile


def offer_tile(look: Look, kind: str, meaning: object, texts: Sequence[str], icon: str = "") -> Tile:
    """Make a wide tile: an icon, a title, and smaller lines below it."""
    tile = Tile(look, kind, meaning).named(". ".join(texts))
    margin = look.px(36)
    air = look.px(44 if icon else 32)
    tile.row.setContentsMargins(margin, air, margin, air)
    tile.row.setSpacing(look.px(36))
    if icon:
        back = "primary_deep" if kind == "primary" else "mist"
        tint = "on_deep" if kind == "primary" else "primary"
        tile.row.addWidget(Icon(look, icon, 168, tint, back))
    lines = QVBoxLayout()
    lines.setSpacing(look.px(8))
    lines.addStretch()
    lines.addWidget(Words(look, texts[0], Ink(50 if icon else 40, BOLD if icon else DEMI, tile.paint.text)))
    for text in texts[1:]:
        lines.addWidget(Words(look, text, Ink(34, NORMAL, tile.paint.soft)))
    lines.addStretch()
    tile.row.addLayout(lines, 1)
    return tile


class Card(QFrame):
    """A white sheet with a border."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.lines = QVBoxLayout(self)
        margin = look.px(44)
        self.lines.setContentsMargins(margin, look.px(32), margin, look.px(32))
        self.lines.setSpacing(look.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sheet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = max(2, self._look.px(2))
        painter.setPen(QPen(self._look.color("line"), line))
        painter.setBrush(self._look.color("paper"))
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(line / 2, line / 2, -line / 2, -line / 2),
            self._look.px(32),
            self._look.px(32),
        )
        painter.end()


class Line(QWidget):
    """A hair line between rows."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._color = look.color("line")
        self.setFixedHeight(max(1, look.px(2)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        QPainter(self).fillRect(self.rect(), self._color)


def fact_row(look: Look, label: str, value: str, tint: str = "ink") -> QHBoxLayout:
    """Lay a label and its value out on one line; both wrap."""
    row = QHBoxLayout()
    row.setSpacing(look.px(24))
    weight = NORMAL if tint == "ink" else BOLD
    row.addWidget(Words(look, label, Ink(40, weight, tint)), 3)
    row.addWidget(Words(look, value, Ink(40, BOLD, tint), RIGHT), 2 if len(value) < 9 else 4)
    return row


def fact_cell(look: Look, label: str, value: str) -> QBoxLayout:
    """Lay a value out below its label."""
    cell = QVBoxLayout()
    cell.setSpacing(look.px(4))
    cell.addWidget(Words(look, label, Ink(30, MEDIUM, "ink_soft")))
    cell.addWidget(Words(look, value, Ink(40, BOLD)))
    cell.addStretch()
    return cell


class Number(QLabel):
    """The ticket number, as large as the space allows (screens.md: 330 px)."""

    def __init__(self, look: Look, text: str, step: float = 330) -> None:
        super().__init__(text)
        self._look, self._step = look, step
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size at which nothing has to shrink."""
        return QSize(self._look.px(self._step * 2.4), self._look.px(self._step * 0.86))

    def minimumSizeHint(self) -> QSize:
        """Return the size below which the number is no headline any more."""
        return QSize(self._look.px(self._step), self.sizeHint().height())

    def font_that_fits(self) -> QFont:
        """Return the largest type in which the number is as wide as this widget at most."""
        font = self._look.theme.font(self._step, QFont.Weight.ExtraBold)
        wide = QFontMetricsF(font).horizontalAdvance(self.text())
        if wide > self.width():
            font.setPixelSize(max(8, int(font.pixelSize() * self.width() / wide)))
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the number."""
        painter = QPainter(self)
        painter.setPen(self._look.color("ink"))
        painter.setFont(self.font_that_fits())
        painter.drawText(self.rect(), CENTER, self.text())
        painter.end()
