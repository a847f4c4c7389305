"""The window of a board or of a display over one counter: it paints the face that it was shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from display_board.views.face import Face
from display_board.views.layout import board_theme, lay_out
from display_board.views.pieces import Piece, paint
from terminal.theme import NORMAL, Palette, Theme

LayOut = Callable[[Any, Theme, int, int], list[Piece]]


class BoardView(QWidget):
    """Show one face at any size."""

    def __init__(self, palette: Palette = NORMAL, lay_out: LayOut = lay_out, face: object = Face()) -> None:
        """Begin with a face; `lay_out` places faces of its kind on so many pixels across and down."""
        super().__init__()
        self._palette, self._lay_out, self._face = palette, lay_out, face
        self.setWindowTitle("Numerek")
        self.resize(1280, 720)

    def show_face(self, face: object) -> None:
        """Show another face; the same one costs nothing."""
        if face != self._face:
            self._face = face
            self.update()

    def pieces(self) -> list[Piece]:
        """Place the face in the window as it is now."""
        theme = board_theme(self.width(), self.height(), self._palette)
        return self._lay_out(self._face, theme, self.width(), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the face."""
        painter = QPainter(self)
        paint(painter, board_theme(self.width(), self.height(), self._palette), self.pieces())
        painter.end()
