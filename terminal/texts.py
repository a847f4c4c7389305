"""The sentences of a program in every language, and dates and hours as people there write them."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, QLocale, Qt

from wire.sentences import Sentences, comma

OWN_NAMES = {
    "pl": "Polski",
    "en": "English",
    "uk": "Українська",
    "ru": "Русский",
    "be": "Беларуская",
    "vi": "Tiếng\u00a0Việt",
    "ar": "العربية",
    "ka": "ქართული",
}
# Arabic of no country writes dates with the digits that stand on tickets and counters.
LOCALES = {"en": "en_GB", "ar": "ar_001"}


def own_name(language: str) -> str:
    """Give a language's name as its speakers write it."""
    return OWN_NAMES.get(language) or QLocale(language).nativeLanguageName()


@cache
def reads_right_to_left(language: str) -> bool:
    """Say whether a language is written from right to left."""
    return QLocale(language).textDirection() == Qt.LayoutDirection.RightToLeft


class Texts(Sentences):
    """The sentences of one program, and the zone in which it writes hours."""

    def __init__(self, folder: Path, zone: str = "Europe/Warsaw") -> None:
        """Read every language of `folder`. Raises MissingText where there is none."""
        super().__init__(folder)
        self._zone = ZoneInfo(zone)

    def use_zone(self, zone: str) -> None:
        """Write hours in the zone of the branch from now on (an IANA name; ZoneInfoNotFoundError)."""
        self._zone = ZoneInfo(zone)

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which hours are written."""
        return self._zone

    def day(self, language: str, at: datetime) -> str:
        """Write the day of an instant: `wtorek, 24 listopada`."""
        return self.date(language, at.astimezone(self._zone).date())

    def date(self, language: str, day: date) -> str:
        """Write a day of the calendar: `wtorek, 24 listopada`."""
        locale = QLocale(LOCALES.get(language, language))
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        return locale.toString(QDate(day.year, day.month, day.day), f"dddd{comma(language)}d MMMM")

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
