"""Finds the typefaces of the slip and knows which of them can draw a character."""

from __future__ import annotations

import logging
import os
import sys
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont, features

log = logging.getLogger(__name__)

# The last three come with Windows and macOS.
PREFERRED = (
    *("Inter", "NotoSans", "NotoSansArabic", "NotoSansGeorgian", "DejaVuSans"),
    *("Arial Unicode", "arial", "sylfaen"),
)
NEEDED = {"fonts-inter": ("Inter",), "fonts-noto-core": ("NotoSansArabic", "NotoSansGeorgian")}
# Families that lack a weight use the next one of the row.
STEPS = {
    "Regular": ("Regular", ""),
    "SemiBold": ("SemiBold", "Bold", "Regular", ""),
    "Bold": ("Bold", "SemiBold", "Regular", ""),
}
# A code point that no font may ever assign: what it draws is the font's sign for "missing".
_NEVER_A_CHARACTER = "\U0010fffd"

Font = ImageFont.FreeTypeFont


@lru_cache(maxsize=1)
def _files() -> dict[str, str]:
    """Return every font file of the machine by its stem."""
    found: dict[str, str] = {}
    for root in _folders():
        for folder, _, names in os.walk(root):
            for name in names:
                stem, ending = os.path.splitext(name)
                if ending.lower() in (".otf", ".ttf"):
                    found.setdefault(stem, os.path.join(folder, name))
    return found


def _folders() -> tuple[str, ...]:
    """Return where this system keeps fonts, a person's own first."""
    home = Path.home()
    if sys.platform == "win32":
        own = os.environ.get("LOCALAPPDATA", str(home / "AppData" / "Local"))
        return f"{own}/Microsoft/Windows/Fonts", f"{os.environ.get('WINDIR', 'C:/Windows')}/Fonts"
    if sys.platform == "darwin":
        return f"{home}/Library/Fonts", "/Library/Fonts", "/System/Library/Fonts"
    shared = os.environ.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    return f"{shared}/fonts", "/usr/local/share/fonts", "/usr/share/fonts"


@lru_cache(maxsize=1)
def _families() -> tuple[str, ...]:
    """Return the families in the order in which they are asked for a character."""
    files = _files()
    present = [name for name in PREFERRED if _file(name, "Regular")]
    noto = {stem.partition("-")[0] for stem in files if stem.startswith("NotoSans")}
    return (*present, *sorted(noto - set(present)))


def _file(family: str, weight: str) -> str | None:
    files = _files()
    stems = [f"{family}-{step}" if step else family for step in STEPS[weight]]
    return next((files[stem] for stem in stems if stem in files), None)


def lacking() -> list[str]:
    """Return what this machine lacks for slips in every script, one sentence each."""
    missing = [name for name, families in NEEDED.items() if not all(_file(f, "Regular") for f in families)]
    sentences = [f"fonts of the package {name} are not installed" for name in missing]
    if not features.check("raqm"):
        sentences.append("Pillow was built without raqm: Arabic letters are not joined")
    return sentences


@lru_cache(maxsize=1)
def warn_once() -> None:
    """Write one warning to the log for each thing that is lacking."""
    for sentence in lacking():
        log.warning("slip: %s", sentence)


@lru_cache(maxsize=256)
def load(family: str, weight: str, size: int) -> Font:
    """Return the font of `size` dots; an unknown family gives the one that is built into Pillow."""
    path = _file(family, weight)
    if path is not None:
        return ImageFont.truetype(path, size)
    built_in = ImageFont.load_default(size)
    if not isinstance(built_in, ImageFont.FreeTypeFont):
        raise OSError("Pillow was built without FreeType, and no font can be loaded")
    return built_in


@lru_cache(maxsize=8192)
def covers(family: str, character: str) -> bool:
    """Is the family able to draw this character?"""
    font = load(family, "Regular", 20)
    return _picture(font, character) != _picture(font, _NEVER_A_CHARACTER)


def _picture(font: Font, character: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(character, mode="L")
    return mask.size, bytes(mask)


@lru_cache(maxsize=8192)
def family_for(character: str) -> str:
    """Return the first family that draws the character; the first of all when none does."""
    families = _families() or ("",)
    return next((family for family in families if covers(family, character)), families[0])
