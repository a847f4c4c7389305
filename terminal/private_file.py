"""Files that only this program's user may read: tokens, and what a device keeps for a time without a server."""

from __future__ import annotations

import os
from pathlib import Path


def keep_private(file: Path, text: str) -> None:
    """Write a file so that only this user reads it; a half-written one never replaces another. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
