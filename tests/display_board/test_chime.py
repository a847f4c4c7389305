"""The chime: a sound of our own making, and silence where there is no loudspeaker."""

from __future__ import annotations

import wave
from array import array
from io import BytesIO

from PySide6.QtCore import QObject
from PySide6.QtMultimedia import QMediaDevices

from display_board.chime import SECONDS, Chime, chime_wav


def test_the_chime_is_heard_and_fades():
    with wave.open(BytesIO(chime_wav())) as sound:
        samples = array("h", sound.readframes(sound.getnframes()))
        assert abs(sound.getnframes() / sound.getframerate() - SECONDS) < 0.001
    tenth = len(samples) // 14
    loudness = [max(map(abs, samples[i * tenth : (i + 1) * tenth])) for i in range(14)]
    assert max(loudness) == loudness[0] or max(loudness) == loudness[4]
    assert 6000 < max(loudness) < 32767
    assert loudness[-1] < 2000
    assert abs(samples[0]) < 100
    assert abs(samples[-1]) < 100


def test_without_a_loudspeaker_it_is_silent(qtbot, monkeypatch):
    class Nothing:
        def isNull(self):
            return True

    monkeypatch.setattr(QMediaDevices, "defaultAudioOutput", staticmethod(Nothing))
    owner = QObject()
    chime = Chime(owner)
    chime.play()
    chime.play()
    assert chime._player is None
