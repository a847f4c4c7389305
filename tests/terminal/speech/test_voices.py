"""Which voice speaks a language, and in which order they are asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal.speech.speaker import espeak_languages
from terminal.speech.voices import ESPEAK, languages_in, voices_for
from terminal.texts import OWN_NAMES
from tests.terminal.speech.programs import ALWAYS, settings


def test_espeak_speaks_where_no_other_voice_is_given():
    (voice,) = voices_for("pl", settings(), ALWAYS)
    assert (voice.program, voice.arguments[:2]) == (ESPEAK, ("-v", "pl"))
    assert [voice.arguments[1] for voice in voices_for("en", settings(), ALWAYS)] == ["en-gb"]


def test_a_neural_voice_is_asked_first_and_only_for_its_language():
    given = settings("piper", pl=Path("/srv/pl.onnx"))
    first, second = voices_for("pl", given, ALWAYS, rate=2.0)
    expected = ("--model", "/srv/pl.onnx", "--length_scale", "0.50", "--output_file", "-")
    assert (first.program, first.arguments) == ("piper", expected)
    assert second.program == ESPEAK
    assert second.arguments[second.arguments.index("-s") + 1] == "300"
    assert [voice.program for voice in voices_for("uk", given, ALWAYS)] == [ESPEAK]


def test_a_language_without_voice_has_none():
    assert voices_for("xx", settings(), ALWAYS) == []
    assert voices_for("pl", settings(), frozenset()) == []


def test_the_list_of_espeak_is_read():
    listing = (
        "Pty Language       Age/Gender VoiceName          File                 Other Languages\n"
        " 2  en-gb           --/M      English_(Great_Britain) gmw/en               (en 2)\n"
        " 5  vi              --/M      Vietnamese_(Northern) aav/vi               \n"
    )
    assert languages_in(listing) == {"en-gb", "vi"}
    assert languages_in("") == frozenset()


@pytest.mark.parametrize("language", OWN_NAMES)
def test_the_installed_espeak_speaks_all_our_languages(language):
    assert voices_for(language, settings(), espeak_languages())
