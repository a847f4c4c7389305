"""The bars of GS k: what a printer makes of the bytes, drawn by python-barcode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

import barcode
from barcode.base import Barcode
from barcode.errors import BarcodeError
from PIL import Image

from printers.virtual.letters import Face, row

# Function A numbers its kinds from 0, function B the same ones from 65 and more.
_UPC_A, _EAN_13, _EAN_8, _CODE_39, _ITF, _CODABAR, _CODE_128 = 65, 67, 68, 69, 70, 71, 73
_OF_TWO_WIDTHS = (_CODE_39, _ITF, _CODABAR)
_FNC_1 = "\u00f1"


@dataclass(frozen=True)
class Bars:
    """A code as bars and gaps in turn, a bar first, and its text for people.

    Each width is in modules. A code of two widths has 1 for its thin ones, and the thick ones are two and a half
    times as wide (GS w).
    """

    widths: tuple[int, ...]
    text: str
    has_two_widths: bool = False

    def dots(self, module: int) -> list[int]:
        """Return the bars and gaps in dots, for modules of `module` dots."""
        thick = (5 * module + 1) // 2
        if self.has_two_widths:
            return [module if width == 1 else thick for width in self.widths]
        return [width * module for width in self.widths]


def bars(kind: int, data: bytes) -> Bars | None:
    """Return what GS k `kind` makes of the data; None for a kind that is unknown and data that it cannot hold."""
    kind = kind + 65 if kind < 65 else kind
    make = _MAKERS.get(kind)
    if make is None:
        return None
    try:
        code = make(data.decode("latin-1" if kind == _CODE_128 else "ascii"))
        widths = tuple(len(list(run)) for _, run in groupby(code.build()[0]))
    except (BarcodeError, ValueError, KeyError, IndexError, RuntimeError):
        return None
    text = code.get_fullcode().replace(_FNC_1, "")
    return Bars(widths, f"*{text}*" if kind == _CODE_39 else text, kind in _OF_TWO_WIDTHS)


def drawn(code: Bars, *, module: int, height: int, places: int, face: Face) -> Image.Image:
    """Return the code with modules `module` dots wide and bars `height` dots high.

    `places` says where its text stands: 1 above, 2 below, 3 both, 0 nowhere.
    """
    widths = code.dots(module)
    text = row(code.text, face)
    above, below = (face.height if places & 1 else 0), (face.height if places & 2 else 0)
    wide = max(sum(widths), text.width if places else 0)
    picture = Image.new("1", (wide, above + height + below), 255)
    left = (wide - sum(widths)) // 2
    for place, width in enumerate(widths):
        if place % 2 == 0:
            picture.paste(0, (left, above, left + width, above + height))
        left += width
    beside = (wide - text.width) // 2
    if places & 1:
        picture.paste(text, (beside, 0))
    if places & 2:
        picture.paste(text, (beside, above + height))
    return picture


def _code_39(text: str) -> barcode.Code39:
    # The printer adds the asterisks when they are not there.
    return barcode.Code39(text.removeprefix("*").removesuffix("*"), add_checksum=False)


def _code_128(data: str) -> barcode.Code128:
    """Read what the printer reads: `{A` to `{C` choose a set (in C a byte is two digits), `{1` is FNC1."""
    text, place, code_set = "", 0, ""
    while place < len(data):
        letter = data[place]
        if letter == "{":
            sign = data[place + 1]
            if sign in "ABC":
                code_set = sign
            else:
                text += {"1": _FNC_1, "{": "{", "S": ""}[sign]
            place += 2
            continue
        if not code_set or (code_set == "C" and ord(letter) > 99):
            raise ValueError("no code set, or not a pair of digits")
        text += f"{ord(letter):02d}" if code_set == "C" else letter
        place += 1
    return barcode.Code128(text)


_MAKERS: dict[int, Callable[[str], Barcode]] = {
    _UPC_A: barcode.UPCA,
    _EAN_13: barcode.EAN13,
    _EAN_8: barcode.EAN8,
    _CODE_39: _code_39,
    # Digits stand in pairs; one that is left over is not printed.
    _ITF: lambda digits: barcode.ITF(digits[: len(digits) // 2 * 2], narrow=1, wide=3),
    _CODABAR: lambda text: barcode.CODABAR(text.upper(), narrow=1, wide=3),
    _CODE_128: _code_128,
}
