"""Two soft tones before a number is read: made here, played where there is a loudspeaker."""

from __future__ import annotations

import math
import struct
import wave
from io import BytesIO
from pathlib import Path

from PySide6.QtCore import QObject, QTemporaryDir, QUrl
from PySide6.QtMultimedia import QAudioOutput, QMediaDevices, QMediaPlayer

RATE = 44_100
TONES = ((659.26, 0.0), (523.25, 0.42))
SECONDS = 1.4
DECAY_PER_SECOND = 3.2
ATTACK_SECONDS = 0.008
LOUDNESS = 0.4


def chime_wav() -> bytes:
    """Make the chime: E5, then C5, struck and fading, as 16-bit mono WAV."""
    samples = (_sample(i / RATE) for i in range(int(SECONDS * RATE)))
    frames = b"".join(struct.pack("<h", round(32767 * LOUDNESS * sample)) for sample in samples)
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(frames)
    return file.getvalue()


def _sample(at: float) -> float:
    total = 0.0
    for tone, start in TONES:
        since = at - start
        if since >= 0:
            swell = min(1.0, since / ATTACK_SECONDS) * math.exp(-DECAY_PER_SECOND * since)
            total += swell * (
                0.8 * math.sin(2 * math.pi * tone * since) + 0.2 * math.sin(4 * math.pi * tone * since)
            )
    fade = min(1.0, (SECONDS - at) / 0.1)
    return total * fade / len(TONES)


class Chime(QObject):
    """Play the chime; without a sound device it stays silent, and looks again at the next call."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = QTemporaryDir()
        self._file = Path(self._folder.path()) / "chime.wav"
        self._file.write_bytes(chime_wav())
        self._player: QMediaPlayer | None = None

    def play(self) -> None:
        """Play once from the beginning."""
        if QMediaDevices.defaultAudioOutput().isNull():
            return
        if self._player is None:
            self._player = QMediaPlayer(self)
            self._player.setAudioOutput(QAudioOutput(self._player))
            self._player.setSource(QUrl.fromLocalFile(str(self._file)))
        self._player.stop()
        self._player.play()
