"""What an entry of the journal is as text, and how entries are read out of a journal that is damaged."""

from __future__ import annotations

import re
from datetime import date

from wire.messages import OfflineEntry

# A body as it lies in the file's pages, of which each holds whole rows.
_BODY = re.compile(rb'\{"at":"[^{}\x00]{20,900}?,"day":"\d{4}-\d\d-\d\d"\}')


class KeptEntry(OfflineEntry):
    """An entry with its key and its business day: the text from which a damaged journal is made anew.

    `call_key` is that of the clerk's wish by which it was called.
    """

    call_key: str | None = None
    key: str
    day: date


def saved_of(raw: bytes) -> list[KeptEntry]:
    """Read the entries out of a damaged file, each once, in the order of their numbers."""
    found: dict[str, KeptEntry] = {}
    for match in _BODY.finditer(raw):
        try:
            kept = KeptEntry.model_validate_json(match.group())
        except ValueError:
            continue
        # Of an entry that was written anew both may be there; it never goes back.
        before = found.get(kept.key)
        if before is None or _steps(before) < _steps(kept):
            found[kept.key] = kept
    return sorted(found.values(), key=lambda each: (each.at, each.ordinal))


def _steps(entry: KeptEntry) -> int:
    return (entry.called_at is not None) + (entry.ended_at is not None)
