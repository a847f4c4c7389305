"""The sentences of pages and letters in every language: gettext catalogues, one folder a language.

English is the source: what stands in the code is what English readers get.
"""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

SOURCE = "en"
FOLDER = Path(__file__).parent
DOMAIN = "messages"
_FIRST = ("pl", SOURCE, "uk", "ru", "be", "vi", "ar", "ka")


def languages_in(folder: Path) -> tuple[str, ...]:
    """List our own languages, then those of two letters that an office has put a compiled catalogue in for."""
    given = (path.parents[1].name for path in folder.glob(f"??/LC_MESSAGES/{DOMAIN}.mo"))
    return *_FIRST, *sorted(set(given).difference(_FIRST))


# The first one is what a visitor gets whose browser asks for none of them.
LANGUAGES = languages_in(FOLDER)
# The staff's pages have catalogues of their own: they speak Polish and English.
STAFF = "staff"
STAFF_LANGUAGES = ("pl", "en")


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the sentences of a language; those of a language that we have none of are English."""
    return gettext.translation(DOMAIN, FOLDER, [language], fallback=True)
