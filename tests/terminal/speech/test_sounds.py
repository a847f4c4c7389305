"""Sounds are read as programs write them, and each step of loudness is heard as that step."""

from __future__ import annotations

import struct
from array import array
from io import BytesIO
from wave import open as open_wave

import pytest

from terminal.speech.sounds import (
    FULL,
    LOUDNESS_DB,
    PEAK_DB,
    BadSound,
    Sound,
    levelled,
    loudness_db,
    peak_db,
    read_wav,
    write_wav,
)
from tests.terminal.speech.programs import tone


def test_a_sound_is_read_as_it_was_written():
    assert read_wav(write_wav(tone(0.5))) == tone(0.5)
    assert tone(0.5).seconds == 0.5


def test_a_wav_from_a_pipe_that_does_not_know_its_length_is_read():
    raw = bytearray(write_wav(tone()))
    struct.pack_into("<I", raw, 4, 0x7FFFF024)
    struct.pack_into("<I", raw, 40, 0x7FFFF000)
    assert read_wav(bytes(raw)) == tone()
    assert read_wav(bytes(raw[:-1])).samples == tone().samples[:-1]


def stereo() -> bytes:
    out = BytesIO()
    with open_wave(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(22_050)
        file.writeframes(b"\1\0" * 100)
    return out.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"RIFF",
        b"Error: no such voice\n",
        write_wav(tone())[:30],
        write_wav(Sound(22_050, array("h"))),
        write_wav(Sound(22_050, array("h", [0] * 500))),
        stereo(),
    ],
)
def test_what_is_no_sound_is_refused(raw):
    with pytest.raises(BadSound):
        read_wav(raw)


def test_loudness_is_measured_against_full_scale():
    square = Sound(8000, array("h", [FULL, -FULL] * 100))
    assert (loudness_db(square), peak_db(square)) == (0.0, 0.0)
    assert loudness_db(tone(1.0, peak=FULL)) == pytest.approx(-3.01, abs=0.01)
    assert peak_db(tone(1.0, peak=FULL // 10)) == pytest.approx(-20, abs=0.01)


def test_a_soft_and_a_loud_voice_are_equally_loud():
    loud, soft = levelled(tone(peak=30_000)), levelled(tone(peak=600))
    assert loudness_db(loud) == pytest.approx(LOUDNESS_DB, abs=0.05)
    assert loudness_db(soft) == pytest.approx(LOUDNESS_DB, abs=0.05)


@pytest.mark.parametrize("step", [0, -3, -6, -12, -18, -24, -36])
def test_each_step_of_volume_is_exact(step):
    sound = tone(1.0, peak=20_000)
    assert loudness_db(levelled(sound, step)) == pytest.approx(LOUDNESS_DB + step, abs=0.1)


def test_a_sharp_sound_is_not_cut_off():
    click = Sound(8000, array("h", [30_000, *[10] * 8000]))
    assert peak_db(levelled(click)) == pytest.approx(PEAK_DB, abs=0.01)
    assert levelled(click, +6.0) == levelled(click)
