"""A day as people type it in three parts: 27 3 1990, 05. 03. 1990, 27 marca 1990, 27 III 1990."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache

from babel import Locale

from server.texts import LANGUAGES

# Officials in Poland write months in Roman numerals.
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


class ShortYear(ValueError):
    """A year of two digits, which could be in either century."""


def read_day_parts(typed: Sequence[str]) -> date:
    """Read day, month and year; the month may be a name in any language of the pages, or Roman.

    Raises ShortYear for a year such as 90, and ValueError for what is no day.
    """
    day, month, year = (part.strip().rstrip(".").strip() for part in typed)
    if _is_number(year) and len(year) < 3:
        raise ShortYear
    which = _months().get(month.casefold())
    return date(_number(year), _number(month) if which is None else which, _number(day))


def _number(part: str) -> int:
    if not _is_number(part) or len(part) > 4:
        raise ValueError("not a part of a day")
    return int(part)


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit()


@cache
def _months() -> Mapping[str, int]:
    """Return the numbers of months by every name that they have."""
    return {name: number for names in _names() for number, name in enumerate(names, 1)}


def _names() -> Iterator[Sequence[str]]:
    yield _ROMAN
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                named = Locale.parse(language).months[context][width]
                yield [named[number].casefold().rstrip(".") for number in range(1, 13)]
