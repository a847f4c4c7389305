"""The sentences of a program in every language, and dates and hours as people there write them."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, QLocale, Qt

OWN_NAMES = {
    "pl": "Polski",
    "en": "English",
    "uk": "Українська",
    "ru": "Русский",
    "be": "Беларуская",
    "vi": "Tiếng Việt",
    "ar": "العربية",
    "ka": "ქართული",
}
LOCALES = {"en": "en_GB"}


class MissingText(KeyError):
    """A sentence, a plural form or a fact of a sentence is not there: a mistake in program or texts."""


def _slavic(n: int) -> str:
    few = n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14)
    return "one" if n % 10 == 1 and n % 100 != 11 else "few" if few else "many"


def _polish(n: int) -> str:
    return "one" if n == 1 else "many" if n % 10 == 1 else _slavic(n)


def _arabic(n: int) -> str:
    if n < 3:
        return ("zero", "one", "two")[n]
    return "few" if 3 <= n % 100 <= 10 else "many" if n % 100 >= 11 else "other"


# Whole numbers only, by the plural rules of Unicode CLDR.
PLURALS: dict[str, Callable[[int], str]] = {
    "pl": _polish,
    "en": lambda n: "one" if n == 1 else "other",
    "uk": _slavic,
    "ru": _slavic,
    "be": _slavic,
    "vi": lambda n: "other",
    "ar": _arabic,
    "ka": lambda n: "one" if n == 1 else "other",
}


def own_name(language: str) -> str:
    """Give a language's name as its speakers write it."""
    return OWN_NAMES.get(language) or QLocale(language).nativeLanguageName()


def reads_right_to_left(language: str) -> bool:
    """Say whether a language is written from right to left."""
    return QLocale(language).textDirection() == Qt.LayoutDirection.RightToLeft


class Texts:
    """The sentences of one program: a folder with one TOML file per language (`pl.toml`, `en.toml`)."""

    def __init__(self, folder: Path, zone: str = "Europe/Warsaw") -> None:
        """Read every language of `folder`; nested tables become dotted keys."""
        self._sentences = {
            path.stem: dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))
            for path in sorted(folder.glob("*.toml"))
        }
        if not self._sentences:
            raise MissingText(f"no texts in {folder}")
        self._zone = ZoneInfo(zone)

    @property
    def languages(self) -> list[str]:
        """List the languages that have texts."""
        return list(self._sentences)

    def use_zone(self, zone: str) -> None:
        """Write hours in the zone of the branch from now on (an IANA name; ZoneInfoNotFoundError)."""
        self._zone = ZoneInfo(zone)

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which hours are written."""
        return self._zone

    def has(self, language: str, key: str) -> bool:
        """Say whether a sentence exists."""
        return key in self._sentences.get(language, {})

    def say(self, language: str, key: str, **facts: Any) -> str:
        """Give a sentence with its facts filled in. Raises MissingText."""
        try:
            return self._sentences[language][key].format(**facts)
        except (KeyError, IndexError) as error:
            raise MissingText(f"{language}: {key}: {error}") from error

    def say_count(self, language: str, key: str, count: int, **facts: Any) -> str:
        """Give the plural form for `count` of the table `key` (one, few, many, other). Raises MissingText."""
        form = PLURALS[language](count)
        if not self.has(language, f"{key}.{form}"):
            form = "other"
        return self.say(language, f"{key}.{form}", count=count, **facts)

    def day(self, language: str, at: datetime) -> str:
        """Write the day of an instant: `wtorek, 24 listopada`."""
        return self.date(language, at.astimezone(self._zone).date())

    def date(self, language: str, day: date) -> str:
        """Write a day of the calendar: `wtorek, 24 listopada`."""
        locale = QLocale(LOCALES.get(language, language))
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        return locale.toString(QDate(day.year, day.month, day.day), "dddd, d MMMM")

    def stamp(self, language: str, at: datetime) -> str:
        """Write an instant on paper, with its year: `24.11.2026 09:41`."""
        day = at.astimezone(self._zone).date()
        locale = QLocale(LOCALES.get(language, language))
        short = locale.toString(QDate(day.year, day.month, day.day), QLocale.FormatType.ShortFormat)
        return f"{short} {self.hour(at)}"

    def hour(self, at: datetime) -> str:
        """Write the hour of an instant on the branch's wall: `09:05`."""
        return f"{at.astimezone(self._zone):%H:%M}"

    def is_today(self, at: datetime, now: datetime) -> bool:
        """Say whether two instants fall on one day of the branch."""
        return at.astimezone(self._zone).date() == now.astimezone(self._zone).date()

    def gaps(self) -> list[str]:
        """List what a language lacks, has too much of, or says with other facts; empty when complete."""
        return [f"{language}: {gap}" for language in self._sentences for gap in self._gaps(language)]

    def _gaps(self, language: str) -> Iterable[str]:
        first, here = self._sentences[self.languages[0]], self._sentences[language]
        plurals = {key.removesuffix(".one") for key in first if key.endswith(".one")}
        for stem in plurals:
            forms = {PLURALS[language](n) for n in range(200)}
            if f"{stem}.other" not in here:
                yield from (f"{stem}.{form}" for form in sorted(forms) if f"{stem}.{form}" not in here)
        for key in sorted(first.keys() | here.keys()):
            if key.rpartition(".")[0] in plurals:
                continue
            if key not in first or key not in here or _facts(first[key]) != _facts(here[key]):
                yield key


def _flat(table: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def _facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
