"""The sentences of the pages, in which no line ends within a word such as e-mail."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from flask_babel import Babel, Domain

# A word, in any of its forms; no part of an address.
_BROKEN = re.compile(r"(?<![\w@./-])([Ee]-)(mail\w{0,4})(?![\w@-]|\.\w)")
# After a hyphen a browser may begin a line, except before a word joiner, which nobody sees.
_WHOLE = "\\1\N{WORD JOINER}\\2"


def whole(text: str) -> str:
    """Return a text whose words with a hyphen stay in one line."""
    return _BROKEN.sub(_WHOLE, text) if "-mail" in text else text


def bare(text: object) -> str:
    """Return a text without what keeps its words whole, for a file that programs read too."""
    return str(text).replace("\N{WORD JOINER}", "")


class Sentences(Babel):
    """Flask's catalogues with whole words."""

    @cached_property
    def domain_instance(self) -> Domain:
        """Return the one catalogue of the application."""
        return _Domain(domain=self.domain)


class _Domain(Domain):
    def get_translations(self) -> _Translations:
        return _Translations(super().get_translations())


class _Translations:
    """The sentences of one language."""

    def __init__(self, found: Any) -> None:
        self._found = found

    def ugettext(self, text: str) -> str:
        return whole(self._found.ugettext(text))

    def ungettext(self, one: str, many: str, count: int) -> str:
        return whole(self._found.ungettext(one, many, count))
