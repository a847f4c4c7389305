"""The printer's paper slot as a window: each slip comes out of it as it would from the kiosk's printer."""

from __future__ import annotations

import argparse
import socket
import sys
from pathlib import Path

from PySide6.QtCore import QEasingCurve, QRectF, QSize, Qt, QTimer, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from terminal.launch import QuitOnSignals
from terminal.theme import NORMAL, Theme

LOOK_MS = 150
# A printer of this class moves the paper 150 to 250 mm a second; here it is slow enough to be seen.
DOTS_PER_SECOND = 700
SLOT_HEIGHT, SLOT_MARGIN = 92, 26
ANSWER_SECONDS = 2.0
IDLE_WORDS = "The slip comes out here.\nGo to the kiosk: type a code,\nscan one or take a ticket."


class PaperSlot(QWidget):
    """Paints the printer's mouth and the slip below it, as far as it is out."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._slip = QPixmap()
        self.out = 0.0
        self._feed = QVariantAnimation(self)
        self._feed.setEasingCurve(QEasingCurve.Type.Linear)
        self._feed.valueChanged.connect(self._move)
        self.is_empty_roll = False

    def sizeHint(self) -> QSize:
        """Return the size of a slip with the slot above it."""
        return QSize(500, 960)

    def feed(self, slip: QPixmap) -> None:
        """Let a slip come out; the one before is taken away."""
        self._slip = slip
        self._feed.stop()
        self._feed.setStartValue(0.0)
        self._feed.setEndValue(1.0)
        self._feed.setDuration(round(1000 * slip.height() / DOTS_PER_SECOND))
        self._feed.start()

    def _move(self, out: float) -> None:
        self.out = out
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the paper first and the printer over it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), self._theme.color("mist"))
        if self._slip.isNull():
            painter.setPen(self._theme.color("ink_soft"))
            painter.setFont(self._theme.font(19))
            words = self.rect().adjusted(0, SLOT_HEIGHT, 0, -self.height() // 3)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, IDLE_WORDS)
        else:
            self._paint_slip(painter)
        self._paint_printer(painter)
        painter.end()

    def _paint_slip(self, painter: QPainter) -> None:
        room = QSize(self.width() - 2 * SLOT_MARGIN - 40, self.height() - SLOT_HEIGHT - 16)
        size = self._slip.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        left = (self.width() - size.width()) / 2
        top = SLOT_HEIGHT - 14 - (1 - self.out) * size.height()
        paper = QRectF(left, top, size.width(), size.height())
        painter.save()
        painter.setClipRect(0, SLOT_HEIGHT - 14, self.width(), self.height())
        for spread in range(5, 0, -1):
            painter.fillRect(paper.adjusted(-spread, 0, spread, spread + 2), QColor(15, 28, 46, 10))
        painter.drawPixmap(paper, self._slip, QRectF(self._slip.rect()))
        painter.restore()

    def _paint_printer(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("primary_deep"))
        painter.drawRect(0, 0, self.width(), SLOT_HEIGHT - 22)
        painter.setBrush(self._theme.color("night"))
        slot = QRectF(SLOT_MARGIN, SLOT_HEIGHT - 34, self.width() - 2 * SLOT_MARGIN, 20)
        painter.drawRoundedRect(slot, 10, 10)
        painter.setBrush(self._theme.color("bad" if self.is_empty_roll else "ok"))
        painter.drawEllipse(QRectF(self.width() - 46, 22, 16, 16))
        painter.setPen(self._theme.color("on_deep"))
        painter.setFont(self._theme.font(19))
        words = "paper is out" if self.is_empty_roll else "ready"
        area = QRectF(SLOT_MARGIN, 8, self.width() - 2 * SLOT_MARGIN - 36, 44)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, "Printer of the kiosk")


class PaperWindow(QWidget):
    """The slot, a watch on the printer's folder, and a button that takes the paper out."""

    def __init__(self, slips: Path, control: int) -> None:
        """Show each slip that comes into `slips`; `control` is the port on which the printer takes orders."""
        super().__init__()
        self.setWindowTitle("Numerek – paper slot")
        theme = Theme(NORMAL)
        self._folder, self._control = slips, control
        self._known = set(slips.glob("slip-*.png"))
        self._shown = 0
        self.slot = PaperSlot(theme)
        self.button = QPushButton()
        self.button.setFont(theme.font(18))
        self.button.setMinimumHeight(44)
        self.button.clicked.connect(self._change_paper)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.slot, 1)
        column.addWidget(self.button)
        self._name_button()
        self._watch = QTimer(self, interval=LOOK_MS)
        self._watch.timeout.connect(self._look)
        self._watch.start()

    def _look(self) -> None:
        for path in sorted(set(self._folder.glob("slip-*.png")) - self._known):
            self._known.add(path)
            slip = QPixmap(str(path))
            if not slip.isNull():
                self.slot.feed(slip)

    def _change_paper(self) -> None:
        is_empty = not self.slot.is_empty_roll
        if tell_printer(self._control, "paper out" if is_empty else "paper in"):
            self.slot.is_empty_roll = is_empty
            self.slot.update()
            self._name_button()

    def _name_button(self) -> None:
        self.button.setText("Put a new roll in" if self.slot.is_empty_roll else "Take the paper out")


def tell_printer(port: int, order: str) -> bool:
    """Give the virtual printer an order; tell whether it was taken."""
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS) as line:
            line.sendall(order.encode() + b"\n")
            return bool(line.recv(1024))
    except OSError:
        return False


def main(arguments: list[str]) -> int:
    """Show the window until it is closed; return the exit code."""
    parser = argparse.ArgumentParser(prog="deploy.demo.paper_window", description=__doc__)
    parser.add_argument("--slips", type=Path, required=True, help="the virtual printer's folder")
    parser.add_argument("--control", type=int, required=True, help="the virtual printer's control port")
    chosen = parser.parse_args(arguments)
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    window = PaperWindow(chosen.slips, chosen.control)
    window.show()
    signals = QuitOnSignals(application)
    code = application.exec()
    signals.stop()
    return code
