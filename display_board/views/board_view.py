"""The window of a board or of a display over one counter: it paints the face that it was shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from display_board.views.face import Face
from display_board.views.layout import board_theme, lay_out
from display_board.views.pieces import Ink, Piece, Slot, paint, paragraph
from display_board.views.sections import MARGIN
from terminal.theme import NORMAL, Palette, Theme

LayOut = Callable[[Any, Theme, int, int], list[Piece]]


class BoardView(QWidget):
    """Show one face at any size; `painted` tells that the face which it was shown last is painted."""

    painted = Signal()

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
        self._media: object = None
        self._media_at: QRect | None = None
        self._palette, self._lay_out, self._face = palette, lay_out, face
        self.setWindowTitle("Numerek")
        self.resize(1280, 720)

    def show_face(self, face: object) -> None:
        """Show another face; the same one costs nothing."""
        if face != self._face:
            self._face = face
            self.update()

    @property
    def is_told(self) -> bool:
        """Say whether a hall is shown, and not the empty board of before the server was heard."""
        faces = self._face if isinstance(self._face, tuple) else ()
        return any(isinstance(each, Face) and each.branch for each in faces)

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
        face = self._face
        if self._media is not None and isinstance(face, tuple) and len(face) == 1:
            face = (replace(face[0], has_media=True),)
        return self._lay_out(face, self._theme(), *self.board_size())

    def show_media(self, media: object) -> None:
        """Show a picture (QImage) or a text beside the calls; None gives its place back to them."""
        has_changed = (media is None) != (self._media is None)
        self._media = media
        self.update() if has_changed or self._media_at is None else self.update(self._media_at)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the face."""
        painter = QPainter(self)
        if self.is_turned:
            painter.translate(self.width(), 0)
            painter.rotate(90)
        pieces = self.pieces()
        paint(painter, self._theme(), pieces)
        for slot in (piece for piece in pieces if isinstance(piece, Slot)):
            self._paint_media(painter, slot.box)
            self._media_at = None if self.is_turned else slot.box.toAlignedRect()
        painter.end()
        self.painted.emit()

    def _paint_media(self, painter: QPainter, box: QRectF) -> None:
        painter.fillRect(box, self._palette.color("night"))
        if isinstance(self._media, QImage):
            size = QSizeF(self._media.size()).scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(QPointF(), size)
            place.moveCenter(box.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._media)
        elif isinstance(self._media, str):
            theme, margin = self._theme(), self._theme().px(MARGIN)
            inside = box.adjusted(margin, margin / 2, -margin, -margin / 2)
            paint(painter, theme, paragraph(theme, self._media, inside, Ink(64, "on_night"), smallest=26))

    def _theme(self) -> Theme:
        return board_theme(*self.board_size(), self._palette)
