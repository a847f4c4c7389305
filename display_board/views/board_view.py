"""The board's one window: it paints the face that it was shown."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from display_board.views.face import Face
from display_board.views.layout import board_theme, lay_out
from display_board.views.pieces import Piece, paint
from terminal.theme import NORMAL, Palette


class BoardView(QWidget):
    """Show one Face at any size."""

    def __init__(self, palette: Palette = NORMAL) -> None:
        super().__init__()
        self._palette = palette
        self._face = Face()
        self.setWindowTitle("Numerek")
        self.resize(1280, 720)

    def show_face(self, face: Face) -> None:
        """Show another face; the same one costs nothing."""
        if face != self._face:
            self._face = face
            self.update()

    def pieces(self) -> list[Piece]:
        """Place the face in the window as it is now."""
        theme = board_theme(self.width(), self.height(), self._palette)
        return lay_out(self._face, theme, self.width(), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the face."""
        painter = QPainter(self)
        paint(painter, board_theme(self.width(), self.height(), self._palette), self.pieces())
        painter.end()
