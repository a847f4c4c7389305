"""The chime: a sound of our own making."""

from __future__ import annotations

from display_board.chime import SECONDS, chime


def test_the_chime_is_heard_and_fades():
    sound = chime()
    assert abs(sound.seconds - SECONDS) < 0.001
    tenth = len(sound.samples) // 14
    loudness = [max(map(abs, sound.samples[i * tenth : (i + 1) * tenth])) for i in range(14)]
    assert max(loudness) == loudness[0] or max(loudness) == loudness[4]
    assert 6000 < max(loudness) < 32767
    assert loudness[-1] < 2000
    assert abs(sound.samples[0]) < 100
    assert abs(sound.samples[-1]) < 100
