"""Programs that stand for a neural voice: one that speaks, and those that do not."""

from __future__ import annotations

import math
from array import array
from pathlib import Path

from terminal.speech.sounds import Sound, write_wav
from wire.settings import SpeechSettings, SpeechVoices

ALWAYS = frozenset({"pl", "en-gb", "uk", "ru", "be", "vi", "ar", "ka"})


def tone(seconds: float = 0.2, peak: int = 9000, hertz: float = 440.0, rate: int = 22_050) -> Sound:
    """Make a sound of one pitch."""
    turn = 2 * math.pi * hertz / rate
    return Sound(rate, array("h", (round(peak * math.sin(turn * i)) for i in range(int(seconds * rate)))))


def program(folder: Path, script: str) -> str:
    """Write a program of a few lines of shell that is called like piper; give its path."""
    file = folder / "piper"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def speaking(folder: Path, sound: Sound | None = None) -> str:
    """Write a piper that notes arguments and text in `heard` and answers with one sound."""
    (folder / "tone.wav").write_bytes(write_wav(sound or tone()))
    return program(folder, f'echo "$@" >> "{folder}/heard"; cat >> "{folder}/heard"; cat "{folder}/tone.wav"')


def settings(piper: str = "piper", folder: Path | None = None, **voices: Path) -> SpeechSettings:
    """Give settings with some neural voices."""
    return SpeechSettings(piper=piper, folder=folder, voices=SpeechVoices(**voices))
