"""What is read aloud, and when: pure. The sentences are those that stand on the screen."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass

# P042 is said as on the board: the letter, then the number; PX01 of a kiosk that was alone: both letters.
_NUMBER = re.compile(r"\b([A-Z])([A-Z]?)0*([1-9]\d*)\b")
_MARKUP = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something to say, and the language of the voice."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Control:
    """What has the focus; `meaning` tells one control from another. `is_private`: its name is part of a code."""

    meaning: Hashable
    said: Sentence
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """The screen of a moment, as it can be heard.

    `face` is another one where the whole screen has to be read; `news` is what may change within it and has to
    be told: an error with its item, what becomes of the paper. `typed` are the digits of a code so far.
    """

    face: Hashable
    sentences: tuple[Sentence, ...] = ()
    news: tuple[Sentence, ...] = ()
    how: tuple[Sentence, ...] = ()
    focus: Control | None = None
    typed: str | None = None
    typed_so_far: Sentence | None = None
    volume: Sentence | None = None
    has_headset: bool = False
    private: Sentence | None = None


def words_for(before: Heard | None, now: Heard) -> tuple[Sentence, ...] | None:
    """Return what has to be said now that the screen changed: None for nothing new.

    `before` is what was heard last, None at the beginning: then the use of the keys is told, too. What somebody
    typed, and the keys of a code, are said only in a headset.
    """
    if before is None or before.face != now.face:
        how = now.how if before is None else ()
        return (*now.sentences, *_typed_so_far(now), *now.news, *how, *focus_words(now))
    said: list[Sentence] = []
    if now.typed != before.typed:
        said += _typed(before.typed or "", now)
    if now.news != before.news:
        said += [*_typed_so_far(now), *now.news] if now.news else []
    if now.volume != before.volume and now.volume:
        said.append(now.volume)
    if _meaning(now) != _meaning(before):
        said += focus_words(now)
    return tuple(said) or None


def _typed(before: str, now: Heard) -> tuple[Sentence, ...]:
    """Say the digit that was added, or all of them after one was taken away."""
    typed = now.typed or ""
    if not now.has_headset or now.typed_so_far is None:
        return ()
    if len(typed) > len(before):
        return (Sentence(typed[-1], now.typed_so_far.language),)
    return (now.typed_so_far,)


def _typed_so_far(now: Heard) -> tuple[Sentence, ...]:
    if now.typed is None or now.typed_so_far is None:
        return ()
    if not now.has_headset:
        return (now.private,) if now.private else ()
    return (now.typed_so_far,) if now.typed else ()


def focus_words(now: Heard) -> tuple[Sentence, ...]:
    """Say what has the focus; of a key of a code without a headset only why it is not told."""
    if now.focus is None:
        return ()
    if now.focus.is_private and not now.has_headset:
        return (now.private,) if now.private else ()
    return (now.focus.said,)


def _meaning(heard: Heard) -> Hashable:
    return heard.focus.meaning if heard.focus else None


def spoken(text: str) -> str:
    """Return a text as a voice has to get it: one line, no markup, ticket numbers as people say them."""
    plain = _MARKUP.sub("", text).replace("\u00a0", " ").replace("\u200f", "")
    return _NUMBER.sub(_spelled, " ".join(plain.split()))


def _spelled(number: re.Match[str]) -> str:
    return " ".join(part for part in number.groups() if part)
