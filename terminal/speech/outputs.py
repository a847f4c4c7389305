"""Where sounds go: a loudspeaker, or a folder that takes them in trials; either takes as long as they last."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTemporaryDir, QTimer, QUrl, Signal
from PySide6.QtMultimedia import QAudioDevice, QAudioOutput, QMediaDevices, QMediaPlayer

from terminal.speech.sounds import Sound, write_wav

log = logging.getLogger(__name__)

# Between two sounds, and the latest that a loudspeaker begins after it was told to.
PAUSE_MS = 200
JOURNAL = "spoken.jsonl"


class Output(QObject):
    """Takes one sound at a time; `ended` comes when it is over, unless it was stopped.

    That is told from its length: a sound device tells it seconds too late, one that stands still never.
    `device_name` is part of the description of the only sound device that may be used; empty: the machine's own.
    """

    ended = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.device_name = ""
        self._clock = QTimer(self, singleShot=True)
        self._clock.timeout.connect(self.ended)

    def play(self, sound: Sound, name: str, text: str) -> None:
        """Begin with a sound, in silence; `name` is its language, or what it is; `text` what it says."""
        self._clock.start(round(1000 * sound.seconds) + PAUSE_MS)

    def stop(self) -> None:
        """End it at once."""
        self._clock.stop()


class Loudspeaker(Output):
    """The machine's own sound device; without one it is silent, and looks again at the next sound."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = QTemporaryDir()
        self._players: list[QMediaPlayer] = []
        self._count = 0

    def play(self, sound: Sound, name: str, text: str) -> None:
        """Begin with a sound."""
        super().play(sound, name, text)
        device = self._device()
        if device.isNull():
            return
        # Two players in turn, so that the next sound does not cut off what a slow device still plays of this one.
        if len(self._players) < 2:
            self._players.append(self._made())
        else:
            self._players.reverse()
        player = self._players[-1]
        # Four files in turn: a player does not read again the file that it has played.
        self._count = (self._count + 1) % 4
        file = Path(self._folder.path()) / f"{self._count}.wav"
        file.write_bytes(write_wav(sound))
        player.audioOutput().setDevice(device)
        player.setSource(QUrl.fromLocalFile(str(file)))
        player.play()

    def stop(self) -> None:
        """End it at once."""
        super().stop()
        for player in self._players:
            player.stop()

    def _device(self) -> QAudioDevice:
        if not self.device_name:
            return QMediaDevices.defaultAudioOutput()
        wanted = self.device_name.casefold()
        found = (each for each in QMediaDevices.audioOutputs() if wanted in each.description().casefold())
        return next(found, QAudioDevice())

    def _made(self) -> QMediaPlayer:
        player = QMediaPlayer(self)
        player.setAudioOutput(QAudioOutput(player))
        player.errorOccurred.connect(lambda _, reason: log.warning("A sound cannot be played: %s", reason))
        return player


class Folder(Output):
    """Writes each sound as a file, and a line in `spoken.jsonl`: file, language, text, when, how long."""

    def __init__(self, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = folder
        self._count = 0

    def play(self, sound: Sound, name: str, text: str) -> None:
        """Write a sound; a folder that cannot be written costs only the file."""
        super().play(sound, name, text)
        self._count += 1
        file = f"{self._count:04d}-{name}.wav"
        line = {
            "file": file,
            "name": name,
            "text": text,
            "at": datetime.now(UTC).isoformat(),
            "seconds": round(sound.seconds, 3),
        }
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / file).write_bytes(write_wav(sound))
            with (self._folder / JOURNAL).open("a", encoding="utf-8") as journal:
                journal.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            log.warning("What is spoken cannot be written into %s: %s", self._folder, error.strerror)
