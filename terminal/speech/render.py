"""Lets a voice write a text as a sound, beside the program that shows windows: one process for each text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from terminal.speech.sounds import BadSound, read_wav
from terminal.speech.voices import Voice

LIMIT_MS = 5_000
MOST_BYTES = 30_000_000
KILLED_WITHIN_MS = 2_000


class Rendering(QObject):
    """One text on its way to a sound: the voices are tried in turn until one gives a sound.

    `failed` tells of a voice that gave none, and why; `done` comes once, with the Sound, or None when all failed.
    """

    failed = Signal(object, str)
    done = Signal(object)

    def __init__(self, text: str, voices: Sequence[Voice], parent: QObject) -> None:
        super().__init__(parent)
        # One line, since a neural voice begins anew on each.
        self._text = " ".join(text.split())
        self._voices = list(voices)
        self._voice: Voice | None = None
        self._process: QProcess | None = None
        self._written = bytearray()
        self._limit = QTimer(self, singleShot=True, interval=LIMIT_MS)
        self._limit.timeout.connect(lambda: self._fail("it takes too long"))

    def start(self) -> None:
        """Begin with the first voice; `done` comes later, never from here."""
        QTimer.singleShot(0, self, self._next)

    def stop(self) -> None:
        """End it at once; no signal comes after this."""
        self._voices.clear()
        self._end_process()
        self.blockSignals(True)
        self.deleteLater()

    def _next(self) -> None:
        if not self._voices:
            self.done.emit(None)
            return
        self._voice = self._voices.pop(0)
        self._written = bytearray()
        self._process = process = QProcess(self)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed_to_start)
        self._limit.start()
        process.start(self._voice.program, self._voice.arguments)
        # By standard input: a text is no option, whatever it begins with.
        process.write(self._text.encode() + b"\n")
        process.closeWriteChannel()

    def _read(self) -> None:
        assert self._process is not None
        self._written += self._process.readAllStandardOutput().data()
        if len(self._written) > MOST_BYTES:
            self._fail("it writes without end")

    def _failed_to_start(self, error: QProcess.ProcessError) -> None:
        # Of the others `finished` tells, or the limit; a voice that does not read its input may still speak.
        if error == QProcess.ProcessError.FailedToStart:
            self._fail("there is no such program")

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        assert self._process is not None
        if status != QProcess.ExitStatus.NormalExit or code != 0:
            self._fail(f"it ended with {code}" if status == QProcess.ExitStatus.NormalExit else "it died")
            return
        self._read()
        try:
            sound = read_wav(bytes(self._written))
        except BadSound as error:
            self._fail(f"it wrote no sound: {error}")
            return
        self._end_process()
        self.done.emit(sound)

    def _fail(self, why: str) -> None:
        self._end_process()
        self.failed.emit(self._voice, why)
        self._next()

    def _end_process(self) -> None:
        self._limit.stop()
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.kill()
        process.waitForFinished(KILLED_WITHIN_MS)
        process.deleteLater()
