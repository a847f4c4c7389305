"""The sentences of a program in every language: gettext catalogues in which each has a name (`start.title`)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

_COMMAS = {"ar": "، "}


class MissingText(KeyError):
    """A sentence, or a fact that it wants, is not there: a mistake in program or texts."""


class Sentences:
    """The catalogues of one program: `<folder>/<language>/LC_MESSAGES/messages.mo`, facts in braces."""

    def __init__(self, folder: Path) -> None:
        """Read every language of `folder`. Raises MissingText where there is none."""
        self._catalogues = _read(folder)
        if not self._catalogues:
            raise MissingText(f"no catalogue in {folder}: run ./numerek texts compile")

    @property
    def languages(self) -> list[str]:
        """List the languages that have texts."""
        return list(self._catalogues)

    def has(self, language: str, key: str) -> bool:
        """Say whether a sentence exists."""
        catalogue = self._catalogues.get(language)
        # Some releases of Python 3.11 find a sentence with plural forms in `ngettext` only.
        return catalogue is not None and bool(catalogue.gettext(key) or catalogue.ngettext(key, key, 1))

    def say(self, language: str, key: str, **facts: Any) -> str:
        """Give a sentence with its facts filled in. Raises MissingText."""
        if not self.has(language, key):
            raise MissingText(f"{language}: {key}")
        return _filled(self._catalogues[language].gettext(key), language, key, facts)

    def say_count(self, language: str, key: str, count: int, **facts: Any) -> str:
        """Give the plural form of a sentence for `count`, by the rule of the catalogue. Raises MissingText."""
        if not self.has(language, key):
            raise MissingText(f"{language}: {key}")
        sentence = self._catalogues[language].ngettext(key, key, count)
        return _filled(sentence, language, key, {"count": count, **facts})


def comma(language: str) -> str:
    """Return what stands between the parts of a list, its space with it."""
    return _COMMAS.get(language, ", ")


def _read(folder: Path) -> Mapping[str, GNUTranslations]:
    found = {path.parts[-3]: _opened(path) for path in sorted(folder.glob("*/LC_MESSAGES/messages.mo"))}
    english = found.get("en")
    for language, catalogue in found.items():
        # A language with half its texts says the rest in English; no visitor stands before a program that ended.
        catalogue.add_fallback(english if english is not None and language != "en" else _Nothing())
    return found


def _opened(path: Path) -> GNUTranslations:
    try:
        with path.open("rb") as catalogue:
            return GNUTranslations(catalogue)
    except (OSError, ValueError, struct.error) as error:
        raise MissingText(f"{path} is damaged ({error}): run ./numerek texts compile") from error


class _Nothing(NullTranslations):
    """Says nothing where gettext would say the name of the sentence."""

    def gettext(self, message: str) -> str:
        """Say nothing."""
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Say nothing."""
        return ""


def _filled(sentence: str, language: str, key: str, facts: Mapping[str, Any]) -> str:
    try:
        return sentence.format(**facts)
    except (KeyError, IndexError) as error:
        raise MissingText(f"{language}: {key}: {error}") from error
