"""The staff's scanner test: what came, which reading is a code of ours, and the pause that this scanner needs."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from kiosk.screens.look import Look
from kiosk.screens.parts import BOLD, DEMI, MEDIUM, NORMAL, Card, Ink, Line, Tile, Words, key

# A sign of a scan or the name of a control character: a long scan goes on in the next line behind any of them.
_SIGN = re.compile("‹[A-Z0-9]+›|.", re.DOTALL)


class ScannerTestPage(QWidget):
    """Shows the last scan; `closed` and `kept` are the two things that a technician can do."""

    closed = Signal()
    kept = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        lines = QVBoxLayout(self)
        side = look.px(56)
        lines.setContentsMargins(side, side, side, side)
        lines.setSpacing(look.px(32))
        lines.addWidget(Words(look, look.say("scanner_test.title"), Ink(64, BOLD)))
        lines.addWidget(Words(look, look.say("scanner_test.how"), Ink(34, NORMAL, "ink_soft")))
        self._card = Card(look)
        lines.addWidget(self._card)
        self.verdict = self._row("scanner_test.verdict", Ink(40, BOLD))
        self.scanner = self._row("scanner_test.scanner")
        self.by_code = self._row("scanner_test.by_code")
        self.by_layout = self._row("scanner_test.by_layout")
        self.pause = self._row("scanner_test.pause", is_last=True)
        lines.addStretch(1)
        way = QBoxLayout.Direction.RightToLeft if look.is_wide else QBoxLayout.Direction.TopToBottom
        keys = QBoxLayout(way)
        keys.setSpacing(look.px(32))
        lines.addLayout(keys)
        self.keep = self._key(keys, "scanner_test.keep", "primary", self.kept)
        self.keep.hide()
        self._key(keys, "scanner_test.close", "plain", self.closed)

    def _key(self, keys: QBoxLayout, name: str, kind: str, done: SignalInstance) -> Tile:
        tile = key(self.look, self.look.say(name), None, kind, step=40)
        tile.clicked.connect(done)
        keys.addWidget(tile, 1)
        return tile

    def _row(self, name: str, ink: Ink | None = None, *, is_last: bool = False) -> Words:
        value = Words(self.look, "–", ink or Ink(34, DEMI))
        way = QBoxLayout.Direction.LeftToRight if self.look.is_wide else QBoxLayout.Direction.TopToBottom
        row = QBoxLayout(way)
        row.addWidget(Words(self.look, self.look.say(name), Ink(30, MEDIUM, "ink_soft")), 1)
        row.addWidget(value, 2)
        self._card.lines.addLayout(row)
        if not is_last:
            self._card.lines.addWidget(Line(self.look))
        return value

    def show_reading(self, scanner: str, by_code: str, by_layout: str | None, fits: str) -> None:
        """Show what came, with the names of control characters, and which of the readings `fits`."""
        say = self.look.say
        self.scanner.setText(say(f"scanner_test.name.{scanner}"))
        self.by_code.setText(_breakable(by_code))
        self.by_layout.setText("–" if by_layout is None else _breakable(by_layout))
        one_reading = by_layout is None and fits == "by_code"
        self.verdict.setText(say("scanner_test.fits." + ("alone" if one_reading else fits)))

    def show_pause(self, longest_ms: int, gap_ms: int, advised_ms: int, *, is_kept: bool = False) -> None:
        """Show the longest pause beside the one that is allowed; offer the advised one where it is another."""
        facts = {"longest": longest_ms, "gap": gap_ms, "advised": advised_ms}
        told = "is_kept" if is_kept else "is_right" if gap_ms == advised_ms else "is_other"
        self.pause.setText(self.look.say(f"scanner_test.{told}", **facts))
        self.keep.setVisible(told == "is_other")

    def show_no_pause(self) -> None:
        """Show that this scanner is no keyboard: there is nothing to measure."""
        self.pause.setText("–")
        self.keep.hide()

    def show_not_kept(self, reason: str) -> None:
        """Show that the pause could not be stored, and why."""
        self.pause.setText(self.look.say("scanner_test.not_kept", reason=reason))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape; no key reaches the screen beneath."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Let no touch reach the screen beneath."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cover the screen beneath."""
        QPainter(self).fillRect(self.rect(), self.look.color("mist"))


def _breakable(text: str) -> str:
    return _SIGN.sub(lambda sign: sign[0] + "\u200b", text)
