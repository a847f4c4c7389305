"""Plays the pictures, videos and texts of a board; what does not play is named once and left out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import time
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtMultimedia import QMediaPlayer, QVideoFrame, QVideoSink

from display_board.media import following, is_video
from wire.settings import MediaPiece

log = logging.getLogger(__name__)

LARGEST = 12_000  # pixels of a side: a larger picture is not decoded
SHOWN = QSize(1920, 1080)
FIRST_FRAME_MS = 10_000
LONGEST_VIDEO_MS = 3_600_000
LOOK_AGAIN_MS = 30_000


class NotPlayable(Exception):
    """A file is missing, damaged or of a kind that is not known here."""


def read_picture(file: Path) -> QImage:
    """Read a picture, upright and no larger than a board shows. Raises NotPlayable."""
    reader = QImageReader(str(file))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > LARGEST:
        raise NotPlayable(f"more than {LARGEST} pixels on a side")
    if size.width() > SHOWN.width() or size.height() > SHOWN.height():
        reader.setScaledSize(size.scaled(SHOWN, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise NotPlayable(reader.errorString())
    return image


class Player(QObject):
    """Play pieces one after the other; `shown` gives a picture, a frame, a text, or None while nothing is on."""

    shown = Signal(object)

    def __init__(self, pieces: Sequence[MediaPiece], wall_time: Callable[[], time]) -> None:
        """Play `pieces` by the hour that `wall_time` gives."""
        super().__init__()
        self._pieces, self._wall_time = pieces, wall_time
        self._place = -1
        self._broken: set[int] = set()
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self._time_is_up)
        self._video: QMediaPlayer | None = None
        self._has_frame = False

    @property
    def broken(self) -> list[Path]:
        """List the files that did not play."""
        return [file for place in sorted(self._broken) if (file := self._pieces[place].file) is not None]

    def stop(self) -> None:
        """Stop for good."""
        self._next.stop()
        self._end_video()

    def play_next(self) -> None:
        """Go on to the next piece whose hour it is."""
        self._end_video()
        place = following(self._pieces, self._place, self._wall_time(), self._broken)
        if place is None:
            self.shown.emit(None)
            self._next.start(LOOK_AGAIN_MS)
            return
        self._place = place
        piece = self._pieces[place]
        self._next.start(piece.seconds * 1000)
        if piece.file is None:
            self.shown.emit(piece.text)
        elif is_video(piece.file):
            self._play(piece.file)
        else:
            try:
                self.shown.emit(read_picture(piece.file))
            except NotPlayable as error:
                self._fail(str(error))

    def _play(self, file: Path) -> None:
        self._next.start(FIRST_FRAME_MS)
        self._has_frame = False
        video, sink = QMediaPlayer(self), QVideoSink(self)
        video.setVideoSink(sink)  # and no audio output: it is silent
        sink.videoFrameChanged.connect(self._frame)
        video.errorOccurred.connect(lambda _, text: self._fail(text))
        video.mediaStatusChanged.connect(self._status)
        self._video = video
        video.setSource(QUrl.fromLocalFile(str(file.absolute())))
        video.play()

    def _frame(self, frame: QVideoFrame) -> None:
        image = frame.toImage() if self._video is not None else QImage()
        if image.isNull():
            return
        if not self._has_frame:
            self._has_frame = True
            self._next.start(LONGEST_VIDEO_MS)
        self.shown.emit(image)

    def _status(self, status: QMediaPlayer.MediaStatus) -> None:
        if status == QMediaPlayer.MediaStatus.EndOfMedia:
            self._next.start(0)

    def _time_is_up(self) -> None:
        """Go on; a video without a single picture did not play."""
        if self._video is None or self._has_frame or self._place in self._broken:
            self.play_next()
        else:
            self._fail("no picture came")

    def _fail(self, reason: str) -> None:
        """Leave the piece out from now on, and say so once."""
        if self._place not in self._broken:
            self._broken.add(self._place)
            log.warning("The media file %s does not play: %s", self._pieces[self._place].file, reason)
        # Not from within the signal of what is thrown away; and once, however many errors it tells.
        self._next.start(0)

    def _end_video(self) -> None:
        video, self._video = self._video, None
        if video is None:
            return
        sink = video.videoSink()
        video.blockSignals(True)
        sink.blockSignals(True)
        video.stop()
        video.deleteLater()
        sink.deleteLater()
