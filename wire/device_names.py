"""The names that the program gives to devices; whoever shows one says its kind in the reader's language."""

from __future__ import annotations

import re

_GIVEN = re.compile(r"(Kiosk|Board|Counter) (\S*[0-9]+)")


def given_name(name: str) -> tuple[str, str] | None:
    """Split a name that the program gave, `Kiosk A1`, into kind and place; None for one that people chose."""
    given = _GIVEN.fullmatch(name)
    return (given[1], given[2]) if given else None
