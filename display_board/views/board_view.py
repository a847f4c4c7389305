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

    def __init__(
        self,
        palette: Palette = NORMAL,
        lay_out: LayOut = lay_out,
        face: object = Face(),
        layout: str = "auto",
    ) -> None:
        """Begin with a face; `lay_out` places faces of its kind on so many pixels across and down.

        `layout` is landscape, portrait, or auto: as the window stands.
        """
        super().__init__()
        self._layout = layout
        self._palette, self._lay_out, self._face = palette, lay_out, face
        self.setWindowTitle("Numerek")
        self.resize(1280, 720)

    def show_face(self, face: object) -> None:
        """Show another face; the same one costs nothing."""
        if face != self._face:
            self._face = face
            self.update()

    @property
    def is_turned(self) -> bool:
        """Say whether the picture is turned a quarter to the right, since the window stands otherwise."""
        is_tall = self.height() > self.width()
        return self._layout != "auto" and is_tall != (self._layout == "portrait")

    def board_size(self) -> tuple[int, int]:
        """Give how many pixels the board has across and down."""
        across, down = self.width(), self.height()
        return (down, across) if self.is_turned else (across, down)

    def pieces(self) -> list[Piece]:
        """Place the face on the board as the window is now."""
        return self._lay_out(self._face, self._theme(), *self.board_size())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the face."""
        painter = QPainter(self)
        if self.is_turned:
            painter.translate(self.width(), 0)
            painter.rotate(90)
        paint(painter, self._theme(), self.pieces())
        painter.end()

    def _theme(self) -> Theme:
        return board_theme(*self.board_size(), self._palette)
