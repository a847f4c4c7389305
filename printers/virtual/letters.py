"""The letters of the virtual printer: one cell of dots each, in the modes that are set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw

from printers import fonts
from printers.profiles import upper_half

# ESC R: what stands in place of these in each country (Epson's reference).
_REPLACED = "#$@[\\]^`{|}~"
_NATIONAL = (
    "#$@[\\]^`{|}~",  # USA
    "#$à°ç§^`éùè¨",  # France
    "#$§ÄÖÜ^`äöüß",  # Germany
    "£$@[\\]^`{|}~",  # United Kingdom
    "#$@ÆØÅ^`æøå~",  # Denmark I
    "#¤ÉÄÖÅÜéäöåü",  # Sweden
    "#$@°\\é^ùàòèì",  # Italy
    "₧$@¡Ñ¿^`¨ñ}~",  # Spain I
    "#$@[¥]^`{|}~",  # Japan
    "#¤ÉÆØÅÜéæøåü",  # Norway
    "#$ÉÆØÅÜéæøåü",  # Denmark II
    "#$á¡Ñ¿é`íñóú",  # Spain II
    "#$á¡Ñ¿éüíñóú",  # Latin America
    "#$@[₩]^`{|}~",  # Korea
    "#$ŽŠĐĆČžšđćč",  # Slovenia, Croatia
    "#¥@[\\]^`{|}~",  # China
)


@dataclass(frozen=True)
class Face:
    """A font of the printer: its cell, its baseline from the top, and the size that fills it, in dots."""

    width: int
    height: int
    baseline: int
    size: int


FONT_A = Face(12, 24, 19, 20)
FONT_B = Face(9, 17, 13, 15)


@dataclass(frozen=True)
class Look:
    """How letters look: font, times as wide and high, dots of the underline."""

    face: Face = FONT_A
    width: int = 1
    height: int = 1
    bold: bool = False
    underline: int = 0
    reverse: bool = False


def decoded(data: bytes, page: str, nation: int) -> str:
    """Return what bytes of 32 and more stand for in a code page and a country's variant of ASCII."""
    upper = upper_half(page)
    text = "".join(chr(byte) if byte < 128 else upper[byte - 128] for byte in data)
    return text.translate(str.maketrans(_REPLACED, _NATIONAL[nation if nation < len(_NATIONAL) else 0]))


@lru_cache(maxsize=2048)
def cell(letter: str, look: Look) -> Image.Image:
    """Return the letter in black on white (mode "1")."""
    face = look.face
    font = fonts.load("DejaVuSansMono", "Bold" if look.bold else "Regular", face.size)
    picture = Image.new("1", (face.width, face.height), 255)
    ImageDraw.Draw(picture).text((0, face.baseline), letter, 0, font, anchor="ls")
    picture = picture.resize((face.width * look.width, face.height * look.height), Image.Resampling.NEAREST)
    if look.reverse:
        return ImageChops.invert(picture)
    if look.underline:
        picture.paste(0, (0, picture.height - look.underline, picture.width, picture.height))
    return picture


def row(text: str, face: Face) -> Image.Image:
    """Return the text in one row of plain letters."""
    picture = Image.new("1", (max(1, face.width * len(text)), face.height), 255)
    for place, letter in enumerate(text):
        picture.paste(cell(letter, Look(face)), (place * face.width, 0))
    return picture
