"""The calls that this board announced, in a small file, so that a restart announces none of them again."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path

from display_board.board import Announced

log = logging.getLogger(__name__)


class Memory:
    """Keep what was announced; a file that cannot be read or written costs only the memory, not the board."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def load(self) -> tuple[Announced, ...]:
        """Read what was announced; nothing when there is no file or a broken one."""
        try:
            rows = json.loads(self._file.read_bytes())
            return tuple(Announced(int(number), _aware(at)) for number, at in rows)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, RecursionError) as error:
            log.warning("The announced calls in %s cannot be read: %s", self._file, type(error).__name__)
            return ()

    def keep(self, announced: tuple[Announced, ...]) -> None:
        """Write what was announced, whole or not at all."""
        fresh = self._file.with_name(self._file.name + ".new")
        try:
            fresh.write_text(json.dumps([(call.id, call.called_at.isoformat()) for call in announced]))
            fresh.replace(self._file)
        except OSError as error:
            log.warning("The announced calls cannot be kept in %s: %s", self._file, error.strerror)


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant without its offset")
    return at
