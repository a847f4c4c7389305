"""What python-escpos knows of the printers' models; it is imported when first asked."""

from __future__ import annotations

import logging
import os
import stat
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from printers.settings import SettingsError

log = logging.getLogger(__name__)


def _private_folder() -> str:
    """Return a folder that only this user can write: python-escpos unpickles what it finds there."""
    named = (os.environ.get(name) for name in ("CACHE_DIRECTORY", "XDG_CACHE_HOME", "LOCALAPPDATA"))
    folder = Path(next(filter(None, named), Path.home() / ".cache"), "numerek", "escpos")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        if sys.platform == "win32":  # what lies in LOCALAPPDATA has the list of rights of its user
            return str(folder)
        if found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077:
            return str(folder)
    except OSError as error:
        log.info("printer: no cache folder (%s)", error)
    return tempfile.mkdtemp(prefix="numerek-escpos-")


@lru_cache(maxsize=1)
def library() -> Any:
    """Import python-escpos, late, because it takes up to a second the first time."""
    os.environ.setdefault("ESCPOS_CAPABILITIES_PICKLE_DIR", _private_folder())
    import escpos.capabilities
    import escpos.printer

    return escpos


def check(profile: str) -> None:
    """Raise SettingsError for a profile that python-escpos does not have."""
    known = library().capabilities.CAPABILITIES["profiles"]
    if profile not in known:
        raise SettingsError(f"printer.profile: {profile!r} is not one of {', '.join(sorted(known))}")


def code_pages(profile: str) -> dict[int, str]:
    """Return the code pages of a profile by the number that ESC t chooses them with; raise SettingsError."""
    check(profile)
    pages = library().capabilities.CAPABILITIES["profiles"][profile]["codePages"]
    return {int(number): name for number, name in pages.items()}


@lru_cache(maxsize=64)
def upper_half(page: str) -> str:
    """Return what the bytes 128 to 255 of a code page stand for; U+FFFD where nobody knows."""
    about = library().capabilities.CAPABILITIES["encodings"].get(page, {})
    if "data" in about:
        return "".join(about["data"]).ljust(128, "\ufffd")[:128]
    codec = about.get("python_encode")
    if not codec:
        return "\ufffd" * 128
    return "".join(bytes((byte,)).decode(codec, "replace") for byte in range(128, 256))
