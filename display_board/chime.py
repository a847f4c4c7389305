"""Two soft tones before a number is read: made here, played where there is a loudspeaker."""

from __future__ import annotations

import math
from array import array

from terminal.speech.sounds import Sound

RATE = 44_100
TONES = ((659.26, 0.0), (523.25, 0.42))
SECONDS = 1.4
DECAY_PER_SECOND = 3.2
ATTACK_SECONDS = 0.008
LOUDNESS = 0.4


def chime() -> Sound:
    """Make the chime: E5, then C5, struck and fading."""
    samples = (_sample(i / RATE) for i in range(int(SECONDS * RATE)))
    return Sound(RATE, array("h", (round(32767 * LOUDNESS * sample) for sample in samples)))


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
