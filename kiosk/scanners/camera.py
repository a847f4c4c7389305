"""A camera as a scanner: frames of QtMultimedia, looked at as fast as the reader can and no faster."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QImage

from kiosk.qr.decoder import REST_S, Accept
from kiosk.qr.pixels import Gray
from kiosk.scanners.frames import FrameScanner, gray_of_image, gray_of_rows
from kiosk.scanners.scanner import ScannerState

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QCamera, QCameraDevice, QMediaCaptureSession, QVideoFrame, QVideoSink

_WATCHDOG_MS = 3000
_WIDTH = 1280
# Formats whose first plane begins with brightness: the bytes of a pixel in it.
_LUMA_STEPS = {"NV12": 1, "NV21": 1, "YUV420P": 1, "YUV422P": 1, "YV12": 1, "Y8": 1, "YUYV": 2}


class CameraScanner(FrameScanner):
    """Read QRs from a camera; "default" takes the system's first, else its id or description is looked for.

    Every three seconds without a frame the camera is looked for anew.
    """

    first_state = ScannerState.LOST

    def __init__(
        self, camera: str, accept: Accept, parent: QObject | None = None, rest_s: float = REST_S
    ) -> None:
        super().__init__("camera", accept, parent, rest_s=rest_s)
        self._wanted = camera
        self._camera: QCamera | None = None
        self._session: QMediaCaptureSession | None = None
        self._sink: QVideoSink | None = None
        self._had_frame = False
        self._watchdog = QTimer(self, interval=_WATCHDOG_MS)
        self._watchdog.timeout.connect(self._on_watchdog)

    def start(self) -> None:
        """Open the camera; the state is lost until the first frame."""
        super().start()
        self._watchdog.start()
        self._open()

    def stop(self) -> None:
        """Let go of the camera."""
        self._watchdog.stop()
        self._close()
        super().stop()

    def watch(self, sink: QVideoSink) -> None:
        """Take the frames of a video sink, which stays its maker's when the camera is looked for anew."""
        sink.videoFrameChanged.connect(self._on_frame)

    def _open(self) -> None:
        # Imported here: loading codecs takes 0.3 s, which a kiosk without a camera need not wait for.
        from PySide6.QtMultimedia import QCamera, QMediaCaptureSession, QVideoSink

        device = _device(self._wanted)
        if device is None:
            return
        self._session = QMediaCaptureSession(self)
        self._camera = QCamera(device, self)
        self._session.setCamera(self._camera)
        self._sink = QVideoSink(self)
        self.watch(self._sink)
        self._session.setVideoSink(self._sink)
        formats = [f for f in device.videoFormats() if f.maxFrameRate() >= 10]
        if formats:
            self._camera.setCameraFormat(min(formats, key=lambda f: abs(f.resolution().width() - _WIDTH)))
        self._camera.start()

    def _close(self) -> None:
        if self._camera is not None:
            self._camera.stop()
        for owned in (self._session, self._camera, self._sink):
            if owned is not None:
                owned.deleteLater()
        self._camera = self._session = self._sink = None

    @Slot(object)
    def _on_frame(self, frame: QVideoFrame) -> None:
        if self.state is ScannerState.OFF or not frame.isValid():
            return
        self._had_frame = True
        self._become(ScannerState.READY)
        self.offer(partial(gray_of_frame, frame))

    def _on_watchdog(self) -> None:
        if self._had_frame:
            self._had_frame = False
            return
        self._become(ScannerState.LOST)
        self._close()
        self._open()


def _device(wanted: str) -> QCameraDevice | None:
    from PySide6.QtMultimedia import QMediaDevices

    if wanted == "default":
        device = QMediaDevices.defaultVideoInput()
        return None if device.isNull() else device
    for device in QMediaDevices.videoInputs():
        if wanted in (bytes(device.id().data()).decode("utf-8", "replace"), device.description()):
            return device
    return None


def gray_of_frame(frame: QVideoFrame) -> Gray | None:
    """Return the brightness of a video frame, rows × columns, or None if it cannot be read."""
    from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

    step = _LUMA_STEPS.get(frame.pixelFormat().name.removeprefix("Format_"))
    image_format = QVideoFrameFormat.imageFormatFromPixelFormat(frame.pixelFormat())
    if step is None and image_format == QImage.Format.Format_Invalid:
        return gray_of_image(frame.toImage())
    if not frame.map(QVideoFrame.MapMode.ReadOnly):
        return None
    try:
        data, width, height, stride = frame.bits(0), frame.width(), frame.height(), frame.bytesPerLine(0)
        if step is not None:
            return gray_of_rows(data, width, height, stride, step)
        return gray_of_image(QImage(data, width, height, stride, image_format))
    finally:
        frame.unmap()
