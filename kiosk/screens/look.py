"""How the screens look and speak at the moment: theme, language, size of the letters, place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtGui import QColor, QFont

from kiosk.lengths import GAP_MM, KEY_MM
from terminal.texts import Texts, reads_right_to_left
from terminal.theme import Theme
from wire.messages import PriorityKind, ServiceOffer
from wire.sentences import comma
from wire.vocabulary import Priority

LARGER = 1.3
# The share of a capital H in the size of the type.
CAPITALS = 0.714

_LONE_LETTER = re.compile(r"(?<!\S)(\w) (?=\S)")
_BESIDE_NUMBER = re.compile(r"(?<=\d) (?=\w)|(?<=\w) (?=\d+\b)")


@dataclass(frozen=True)
class Place:
    """Where the kiosk stands, as the server names it."""

    office: str = ""
    hall: str = ""


@dataclass(frozen=True)
class Panel:
    """The glass: its width in mm (0: as the screen tells), and how high its lower edge is above the floor."""

    width_mm: float = 0.0
    bottom_mm: float = 700.0


@dataclass(frozen=True)
class Look:
    """All that a screen needs to be drawn; `letters` is the factor of the text's size."""

    theme: Theme
    texts: Texts
    language: str
    place: Place = Place()
    letters: float = 1.0
    is_wide: bool = False
    key_mm: float = KEY_MM
    letter_mm: float = 0.0
    has_voice: bool = True

    def px(self, length: float) -> int:
        """Scale a length of the design to this screen."""
        return self.theme.px(length)

    def color(self, token: str) -> QColor:
        """Give a colour by its token."""
        return self.theme.color(token)

    @property
    def capital_px(self) -> float:
        """Return how high a capital H is at least, in pixels."""
        return self.letter_mm * self.theme.pixels_per_mm

    def font(self, step: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Give the type of the house at the size of the letters that was chosen."""
        least = self.capital_px / CAPITALS / self.theme.scale
        return self.theme.font(max(step * self.letters, least), weight)

    def key_px(self, length: float) -> int:
        """Return the height of a key: the design's, and never too small for a finger (screens.md)."""
        return max(self.px(length), self.theme.mm(self.key_mm))

    def gap_px(self, length: float) -> int:
        """Return the gap between two keys: the design's, and never less than 3 mm."""
        return max(self.px(length), self.theme.mm(GAP_MM))

    def say(self, key: str, **facts: Any) -> str:
        """Say a sentence in the language of the screen."""
        return keep_together(self.texts.say(self.language, key, **facts))

    def say_count(self, key: str, count: int) -> str:
        """Say a sentence in the plural form of a number."""
        return keep_together(self.texts.say_count(self.language, key, count))

    def hour(self, at: datetime) -> str:
        """Write the hour on the branch's wall."""
        return self.texts.hour(at)

    def moment(self, at: datetime, now: datetime) -> str:
        """Write an hour, with its day unless that is today."""
        if self.texts.is_today(at, now):
            return self.hour(at)
        return keep_together(f"{self.texts.day(self.language, at)}{comma(self.language)}{self.hour(at)}")

    def span(self, start: datetime, end: datetime) -> str:
        """Write a range of hours, one hour where both are the same."""
        first, last = self.hour(start), self.hour(end)
        mark = "\u200f" if reads_right_to_left(self.language) else ""  # the first hour is the one read first
        return first if first == last else f"{mark}{first}–{last}"

    def service_name(self, offer: ServiceOffer | None, code: str = "") -> str:
        """Name a service in the language of the screen, else in one that has a name for it."""
        if offer is None:
            return code
        names = offer.names
        return keep_together(
            names.get(self.language) or names.get("en") or next(iter(names.values()), offer.code)
        )

    def priority_name(self, kind: PriorityKind) -> str:
        """Name a kind of priority as the office does in the language of the screen, else as we or it do."""
        ours = self.say(f"priority.{kind.code}") if kind.code in tuple(Priority) else None
        named = kind.names.get(self.language) or ours or kind.names.get("en")
        return keep_together(named or next(iter(kind.names.values()), kind.code.replace("_", " ")))


def keep_together(text: str) -> str:
    """Keep lone letters, dashes and numbers from being torn off their words at the end of a line."""
    text = _LONE_LETTER.sub("\\1\u00a0", text).replace(" –", "\u00a0–")
    return _BESIDE_NUMBER.sub("\u00a0", text)


def short_time(seconds: float) -> str:
    """Write a length of time as minutes and seconds, `4:05`."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
