"""What the camera sees, small and mirrored, between four corners that answer when a code is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.qr.sight import Sight
from kiosk.screens.look import Look

if TYPE_CHECKING:
    from kiosk.qr.pixels import Gray

WIDE, HIGH = 416, 234
# A picture that is not followed by another is taken away: the camera is lost, or busy with something else.
STALE_MS = 1_500
# What a frame has shown is told for so long, so that the corners do not flicker.
ANSWER_MS = 700
# Over any picture, in every theme; the hint beside it says the same in words.
_RIM, _WAITING, _NOTICED, _READ = (QColor(each) for each in ("#0A1626", "#FFFFFF", "#FF9F1C", "#2EE58B"))
TINTS = {Sight.NOTHING: _WAITING, Sight.READ: _READ}
HINTS = {Sight.READ: "lens.read", Sight.LIKE_ONE: "lens.closer", Sight.SEVERAL: "lens.several"}


class Lens(QObject):
    """A camera as the screens know it: `seen` carries a small picture and its Sight while somebody watches."""

    seen = Signal(object, str)
    watched = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watching: set[QObject] = set()

    def watch(self, watcher: QObject, is_on: bool) -> None:
        """Begin or end to watch; the camera gives pictures as long as anybody does."""
        before = bool(self._watching)
        (self._watching.add if is_on else self._watching.discard)(watcher)
        if bool(self._watching) != before:
            self.watched.emit(not before)


class LensView(QWidget):
    """Draws the last picture, which is kept nowhere else; `answered` carries a hint's key, or nothing.

    The picture is mirrored, since people move a code as before a mirror. Before the first picture, and when no
    more come, there is an empty frame.
    """

    answered = Signal(str)

    def __init__(self, look: Look, lens: Lens) -> None:
        super().__init__()
        self._look, self._lens = look, lens
        self._picture = QImage()
        self.sight = Sight.NOTHING
        self._stale = QTimer(self, singleShot=True, interval=STALE_MS)
        self._stale.timeout.connect(self.clear)
        self._answer = QTimer(self, singleShot=True, interval=ANSWER_MS)
        self._answer.timeout.connect(lambda: self._answer_with(Sight.NOTHING))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        lens.seen.connect(self.show_picture)

    def sizeHint(self) -> QSize:
        """Return a camera's shape."""
        return QSize(self._look.px(WIDE), self._look.px(HIGH))

    def showEvent(self, event: QShowEvent) -> None:
        """Watch while it can be seen."""
        self._lens.watch(self, True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Watch no more, and forget the last picture."""
        self._lens.watch(self, False)
        self.clear()

    def show_picture(self, gray: Gray, sight: str) -> None:
        """Show a picture (rows × columns of brightness) and answer to what was seen in it."""
        if not self.isVisible():
            return
        height, width = gray.shape
        image = QImage(gray.tobytes(), width, height, width, QImage.Format.Format_Grayscale8)
        self._picture = image.flipped(Qt.Orientation.Horizontal)
        self._stale.start()
        if sight != Sight.NOTHING:
            self._answer_with(Sight(sight))
            self._answer.start()
        self.update()

    def clear(self) -> None:
        """Forget the last picture."""
        self._picture = QImage()
        self._answer_with(Sight.NOTHING)

    def _answer_with(self, sight: Sight) -> None:
        if sight is not self.sight:
            self.sight = sight
            self.answered.emit(HINTS.get(sight, ""))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture within round corners, and the four marks over it."""
        look, painter = self._look, QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area, clip = QRectF(self.rect()), QPainterPath()
        clip.addRoundedRect(area, look.px(16), look.px(16))
        painter.setClipPath(clip)
        painter.fillRect(area, look.color("night"))
        if not self._picture.isNull():
            painter.drawImage(_covering(area, self._picture), self._picture)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, thick in ((_RIM, 14), (TINTS.get(self.sight, _NOTICED), 8)):
            round_cap, round_join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
            painter.setPen(QPen(color, look.px(thick), Qt.PenStyle.SolidLine, round_cap, round_join))
            for mark in _marks(area):
                painter.drawPolyline(mark)
        painter.end()


def _covering(area: QRectF, picture: QImage) -> QRectF:
    """Return where a picture covers an area without being stretched."""
    scale = max(area.width() / picture.width(), area.height() / picture.height())
    covering = QRectF(0, 0, picture.width() * scale, picture.height() * scale)
    covering.moveCenter(area.center())
    return covering


def _marks(area: QRectF) -> list[list[QPointF]]:
    """Return the corners of a square in the middle, where a code is best held."""
    half, arm = area.height() * 0.4, area.height() * 0.16
    middle = area.center()
    return [
        [
            QPointF(middle.x() + right * half, middle.y() + down * (half - arm)),
            QPointF(middle.x() + right * half, middle.y() + down * half),
            QPointF(middle.x() + right * (half - arm), middle.y() + down * half),
        ]
        for right in (-1, 1)
        for down in (-1, 1)
    ]
