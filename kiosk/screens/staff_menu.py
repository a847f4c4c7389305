"""The staff's pages at the kiosk: the one-time code, and the menu behind it. No visitor's data is on them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from kiosk.screens.look import Look
from kiosk.screens.parts import BOLD, CENTER, DEMI, NORMAL, Card, Ink, Tile, Words, fact_row, key
from terminal.texts import reads_right_to_left
from wire.staff_code import DIGITS

ERASE = "⌫"
PAD = "123456789" + ERASE + "0"
EMPTY, TYPED = "–", "•"


class StaffPage(QWidget):
    """What lies over the visitor's screen; `closed` asks to take it away, `touched` is a sign of life."""

    closed = Signal()
    touched = Signal()

    def __init__(self, look: Look, title: str) -> None:
        super().__init__()
        self.look = look
        if reads_right_to_left(look.language):
            self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.lines = lines = QVBoxLayout(self)
        side = look.px(56)
        lines.setContentsMargins(side, side, side, side)
        lines.setSpacing(look.px(32))
        lines.addWidget(Words(look, title, Ink(64, BOLD)))

    def fits(self, size: QSize) -> bool:
        """Say whether all of the page has room in a window of this size, also its longest sentence."""
        least = self.lines.totalMinimumHeightForWidth(size.width())
        return self.lines.totalMinimumSize().width() <= size.width() and least <= size.height()

    def tile(self, text: str, kind: str = "plain") -> Tile:
        """Make a key of this page: touching it is a sign of life."""
        tile = key(self.look, text, None, kind, step=40)
        tile.clicked.connect(self.touched)
        return tile

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape; no key reaches the screen beneath."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Let no touch reach the screen beneath."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cover the screen beneath."""
        QPainter(self).fillRect(self.rect(), self.look.color("mist"))


class StaffCodePage(StaffPage):
    """Takes the digits by touch or by keys; `typed` brings each whole code. Digits are not shown."""

    typed = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look, look.say("staff_menu.title"))
        self._digits = ""
        self.lines.addWidget(Words(look, look.say("staff_menu.how"), Ink(34, NORMAL, "ink_soft")))
        self.boxes = Words(look, "", Ink(90, BOLD), CENTER)
        self.lines.addWidget(self.boxes)
        self.said = Words(look, "", Ink(34, DEMI, "bad"), CENTER)
        self.lines.addWidget(self.said)
        self.lines.addStretch(1)
        # Digits stand from left to right in every script.
        keypad = QWidget()
        keypad.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        pad = QGridLayout(keypad)
        pad.setContentsMargins(0, 0, 0, 0)
        pad.setSpacing(look.gap_px(16))
        for place, sign in enumerate(PAD):
            tile = self.tile(sign)
            tile.clicked.connect(lambda _=False, sign=sign: self.press(sign))
            pad.addWidget(tile, place // 3, place % 3)
        close = self.tile(look.say("staff_menu.close"))
        close.clicked.connect(self.closed)
        pad.addWidget(close, 3, 2)
        for column in range(3):
            pad.setColumnStretch(column, 1)
        self.lines.addWidget(keypad)
        self._show()

    def press(self, sign: str) -> None:
        """Take a digit, or take the last one away."""
        self._digits = self._digits[:-1] if sign == ERASE else self._digits + sign
        self.said.setText("")
        code = self._digits
        if len(code) == DIGITS:
            self._digits = ""
        self._show()
        if len(code) == DIGITS:
            self.typed.emit(code)

    def say(self, text: str) -> None:
        """Tell why the menu does not open."""
        self.said.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take digits from a keyboard too."""
        self.touched.emit()
        if event.key() == Qt.Key.Key_Backspace:
            self.press(ERASE)
        elif event.text() and event.text() in "0123456789":
            self.press(event.text())
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        self.boxes.setText(" ".join([TYPED] * len(self._digits) + [EMPTY] * (DIGITS - len(self._digits))))


class StaffMenuPage(StaffPage):
    """How the parts of the kiosk are, and what staff can do; `chosen` brings the number of an entry."""

    chosen = Signal(int)

    def __init__(self, look: Look, entries: Sequence[str]) -> None:
        super().__init__(look, look.say("staff_menu.title"))
        self._card: Card | None = None
        self.said = Words(look, "", Ink(34, DEMI))
        self.lines.addWidget(self.said)
        self.lines.addStretch(1)
        keys = QGridLayout()
        keys.setSpacing(look.gap_px(16))
        columns = 3 if look.is_wide else 2
        self.tiles = [self.tile(entry) for entry in entries]
        for place, tile in enumerate(self.tiles):
            tile.clicked.connect(lambda _=False, place=place: self.chosen.emit(place))
            keys.addWidget(tile, place // columns, place % columns)
        for column in range(columns):
            keys.setColumnStretch(column, 1)
        self.close_tile = self.tile(look.say("staff_menu.close"), "primary")
        self.close_tile.clicked.connect(self.closed)
        keys.addWidget(self.close_tile, -(-len(entries) // columns), 0, 1, columns)
        self.lines.addLayout(keys)

    def show_parts(self, parts: Sequence[tuple[str, str, bool]]) -> None:
        """Show each part by its name, how it is, and whether that is well."""
        card = Card(self.look)
        for name, state, is_well in parts:
            card.lines.addLayout(fact_row(self.look, name, state, "ink" if is_well else "bad"))
        if self._card is None:
            self.lines.insertWidget(1, card)
        else:
            self.lines.replaceWidget(self._card, card)
            self._card.deleteLater()
        self._card = card

    def say(self, text: str) -> None:
        """Tell what became of an entry."""
        self.said.setText(text)

    def lock(self) -> None:
        """Take no more entries: what comes next is a start of the program."""
        for tile in self.tiles:
            tile.setEnabled(False)
