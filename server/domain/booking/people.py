"""Who somebody is, whatever way they write it: names and documents made comparable, and hostile ones refused.

Rule 5: one active reservation a person. Names and numbers are compared by what they look like, so that letters
of another script, invisible marks, spaces and the order of names do not make another person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

LONGEST_NAME = 200
LONGEST_DOCUMENT = 60
ADULT = 18
_OLDEST = 130
# What is longer was refused. It is cut before anything is done to it: sorting thousands of accents takes minutes.
_COMPARED = 256
_MOST_ACCENTS = 4

_UNSEEN = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})
_FORBIDDEN = frozenset({"Cc", "Cs", "Co", "Cn"})
_MARKS = frozenset({"Mn", "Me"})
# Letters of the Latin script that no decomposition takes apart.
_OWN = {
    "ß": "ss",
    "ẞ": "ss",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
}
_MORE = {"ø": "o", "Ø": "O", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ı": "i", "ð": "d", "Ð": "D", "þ": "th"}
# A capital I looks like a small l, and small letters are compared.
_STROKES = str.maketrans({"i": "l", "1": "l", "0": "o"})


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one person from another: both are compared, and either is enough; None is not known."""

    person: str | None = None
    document: str | None = None

    def __bool__(self) -> bool:
        return self.person is not None or self.document is not None


def identity_of(name: str, birth_date: date | None, document: str | None) -> Identity:
    """Return the keys of a person from the name with the date of birth, and from the document's number."""
    return Identity(
        None if birth_date is None else person_key(name, birth_date),
        document_key(document) if document else None,
    )


def person_key(name: str, birth_date: date) -> str:
    """Return the text that stands for a person in a keyed hash: name and date of birth."""
    return f"{normalised_name(name)}|{birth_date.isoformat()}"


def document_key(number: str) -> str | None:
    """Return the text that stands for a document in a keyed hash; None where it has no letter or digit."""
    return normalised_document(number) or None


def normalised_name(name: str) -> str:
    """Make names that look alike the same: script, case, accents, marks, punctuation and order do not count.

    Look-alikes are those of Unicode's confusables (UTS 39). A script that has letters of its own, such as
    Cyrillic, stays where no Latin letter looks like it.
    """
    words = "".join(char if char.isalnum() else " " for char in _skeleton(name.replace("'", ""))).split()
    return " ".join(sorted(words))


def normalised_document(number: str) -> str:
    """Make numbers of a document that look alike the same: no spaces, no case, O is 0 and I is 1."""
    return "".join(char for char in _skeleton(number) if char.isalnum())


def clean(text: str) -> str:
    """Return a line as it is kept and shown: composed, without invisible marks, with single spaces."""
    seen = "".join(char for char in text[: 2 * LONGEST_NAME] if unicodedata.category(char) != "Cf")
    return " ".join(unicodedata.normalize("NFC", seen).split())


def name_problem(name: str) -> str | None:
    """Say what is wrong with a name: `missing`, `too_long`, `characters` or `no_letters`; None: nothing."""
    if len(name) > LONGEST_NAME:
        return "too_long"
    categories = [unicodedata.category(char) for char in name]
    if _FORBIDDEN.intersection(categories) or _is_stacked(categories):
        return "characters"
    if not name.strip() or all(category in ("Cf", "Zs") for category in categories):
        return "missing"
    return None if any(category.startswith("L") for category in categories) else "no_letters"


def document_problem(number: str) -> str | None:
    """Say what is wrong with a document's number: `missing`, `too_long` or `characters`; None: nothing."""
    if not number.strip():
        return "missing"
    if len(number) > LONGEST_DOCUMENT:
        return "too_long"
    bad = _FORBIDDEN.intersection(map(unicodedata.category, number)) or document_key(number) is None
    return "characters" if bad else None


def birth_date_problem(birth_date: date, today: date, visit_day: date) -> str | None:
    """Say why nobody born then can be the applicant: `in_future`, `too_old`, `not_adult` (rule 4); None: fine."""
    if birth_date > today:
        return "in_future"
    if age_on(visit_day, birth_date) > _OLDEST:
        return "too_old"
    return "not_adult" if age_on(visit_day, birth_date) < ADULT else None


def birth_year_problem(birth_year: int, today: date, visit_day: date) -> str | None:
    """Say why a child born in that year cannot come along: `in_future` or `not_minor` (rule 4); None: may."""
    if birth_year > today.year:
        return "in_future"
    # Who turns 18 in the year of the visit may still be a minor on its day.
    return "not_minor" if visit_day.year - birth_year > ADULT else None


def age_on(day: date, birth_date: date) -> int:
    """Tell how many years somebody has completed on a day; one born on 29 February does on 1 March."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (not had_birthday)


def _is_stacked(categories: list[str]) -> bool:
    """Say whether more accents stand on one letter than any language writes."""
    run = 0
    for category in categories:
        run = run + 1 if category in _MARKS else 0
        if run > _MOST_ACCENTS:
            return True
    return False


def _skeleton(text: str) -> str:
    """Return what a text looks like, in small letters: Latin ones where they are alike."""
    # Before it is composed too: that makes a sigma of the Greek letter that looks like a C.
    plain = unicodedata.normalize("NFKC", text[:_COMPARED].translate(_look_alikes()))
    seen = "".join(char for char in plain if unicodedata.category(char) not in _UNSEEN)
    bare = _without_marks(seen).translate(_look_alikes()).casefold()
    folded = _without_marks(bare).translate(_STROKES)
    return folded.replace("rn", "m").replace("vv", "w")


def _without_marks(text: str) -> str:
    return "".join(
        char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) not in _MARKS
    )


@cache
def _look_alikes() -> Mapping[int, str]:
    """Return which Latin letters the characters of all scripts look like.

    A letter whose own case has no likeness takes that of its other case: small в is no Latin letter, but В is B,
    and a name is the same in capitals.
    """
    # Here and not above: the table is large, and a server's start does not wait for it.
    from confusable_homoglyphs import confusables

    direct: dict[str, str] = {}
    for char, likes in confusables.confusables_data.items():
        latin = [bare for like in likes if _is_latin(bare := _without_marks(like["c"]))]
        if len(char) == 1 and not char.isascii() and latin:
            direct[char] = min(latin, key=lambda like: (not like.isalpha(), like))
    direct |= _OWN | _MORE
    for char, like in list(direct.items()):
        for other in (char.lower(), char.upper()):
            if len(other) == 1 and not other.isascii():
                direct.setdefault(other, like)
    return {ord(char): like for char, like in direct.items()}


def _is_latin(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isalnum()
