"""Which programs can speak a language, the best first: a neural voice that is given, then espeak-ng; pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from wire.settings import SpeechSettings

ESPEAK = "espeak-ng"
LISTING = ("--voices",)
# Calls are heard in a noisy hall and by people who learn the language: slower than espeak's own 175.
WORDS_PER_MINUTE = 150
_ESPEAK_NAMES = {"en": "en-gb"}


@dataclass(frozen=True)
class Voice:
    """A program that reads a text from its standard input and writes a WAV to its standard output."""

    program: str
    arguments: tuple[str, ...]


def voices_for(
    language: str, settings: SpeechSettings, espeak_languages: Collection[str], rate: float = 1.0
) -> list[Voice]:
    """List the voices that speak a language, the best first; empty where none does.

    `espeak_languages` are the languages of the installed espeak-ng; `rate` is 1 for the ordinary pace, 2 for
    twice as fast.
    """
    voices = []
    model = getattr(settings.voices, language, None)
    if model is not None:
        scale = f"{1 / rate:.2f}"
        arguments = ("--model", str(model), "--length_scale", scale, "--output_file", "-")
        voices.append(Voice(settings.piper, arguments))
    name = _ESPEAK_NAMES.get(language, language)
    if name in espeak_languages:
        pace = str(round(WORDS_PER_MINUTE * rate))
        voices.append(Voice(ESPEAK, ("-v", name, "-s", pace, "-b", "1", "--stdin", "--stdout")))
    return voices


def languages_in(listing: str) -> frozenset[str]:
    """Read the languages from what `espeak-ng --voices` prints: `pl`, `en-gb`, … from its second column."""
    rows = (line.split() for line in listing.splitlines()[1:])
    return frozenset(row[1] for row in rows if len(row) > 1)
