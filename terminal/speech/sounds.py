"""Sounds of 16 bits and one channel: read, written, and brought to a loudness; pure."""

from __future__ import annotations

import io
import math
import sys
import wave
from array import array
from dataclasses import dataclass
from operator import mul

# Dialogue of a broadcast lies a little lower (EBU R 128: -23 LUFS); a hall is louder than a living room.
LOUDNESS_DB = -20.0
PEAK_DB = -1.0
FULL = 32_767


class BadSound(ValueError):
    """Bytes that are no WAV of 16 bits and one channel, or that hold no sound."""


@dataclass(frozen=True)
class Sound:
    """Samples of 16 bits, `rate` of them in a second."""

    rate: int
    samples: array[int]

    @property
    def seconds(self) -> float:
        """Return how long it lasts."""
        return len(self.samples) / self.rate


def read_wav(raw: bytes) -> Sound:
    """Read a WAV, also one from a pipe, whose header does not know its length. Raises BadSound."""
    try:
        with wave.open(io.BytesIO(raw)) as file:
            if (file.getsampwidth(), file.getnchannels()) != (2, 1) or file.getframerate() < 4_000:
                raise BadSound("not 16 bits and one channel")
            rate, frames = file.getframerate(), file.readframes(len(raw))
    except (wave.Error, EOFError) as error:
        raise BadSound(str(error) or "it ends too early") from error
    samples = array("h", frames[: len(frames) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    if not any(samples):
        raise BadSound("nothing is heard")
    return Sound(rate, samples)


def write_wav(sound: Sound) -> bytes:
    """Write a sound as WAV."""
    samples = sound.samples[:]
    if sys.byteorder == "big":
        samples.byteswap()
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def loudness_db(sound: Sound) -> float:
    """Measure the root mean square in dB below full scale; -inf for silence."""
    power = sum(map(mul, sound.samples, sound.samples)) / max(1, len(sound.samples))
    return 10 * math.log10(power / FULL**2) if power else -math.inf


def peak_db(sound: Sound) -> float:
    """Measure the highest sample in dB below full scale; -inf for silence."""
    peak = max(map(abs, sound.samples), default=0)
    return 20 * math.log10(peak / FULL) if peak else -math.inf


def levelled(sound: Sound, volume_db: float = 0.0) -> Sound:
    """Bring a sound to LOUDNESS_DB, or as near as its peaks leave room for, and then lower it.

    `volume_db` is 0 or less, so that each step of it is heard as that step and nothing is cut off. Voices differ
    by 10 dB and more as they come.
    """
    full = min(LOUDNESS_DB - loudness_db(sound), PEAK_DB - peak_db(sound))
    factor = 10 ** ((full + min(0.0, volume_db)) / 20)
    return Sound(sound.rate, array("h", (round(sample * factor) for sample in sound.samples)))
