"""The folder that takes messages in trials: a file for each, in the order in which they came."""

from __future__ import annotations

import os
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from server.services.ports import NotDelivered


def put_into(folder: Path, now: datetime, key: str, ending: str, body: bytes) -> Path:
    """Write a file whole, for this account's eyes only; return where. Raises NotDelivered when it cannot be."""
    name = f"{now:%Y%m%d-%H%M%S-%f}-{sha256(key.encode()).hexdigest()[:8]}{ending}"
    part = folder / f".{name}.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(body)
        part.replace(folder / name)
    except OSError:
        raise NotDelivered("folder", retry=True) from None
    return folder / name
