"""The bars of GS k: what a printer makes of the bytes, drawn by python-barcode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import barcode
from barcode.base import Barcode
from barcode.errors import BarcodeError
from PIL import Image

from printers.virtual.letters import Face, row

# Function A numbers its kinds from 0, function B the same ones from 65 and two more.
_UPC_A, _EAN_13, _EAN_8, _CODE_39, _ITF, _CODABAR, _CODE_128 = 65, 67, 68, 69, 70, 71, 73
_QUIET_GAP = 2
_FNC_1 = "\u00f1"


@dataclass(frozen=True)
class Bars:
    """A code as modules, "1" a bar and "0" a gap, and its text for people."""

    modules: str
    text: str


def bars(kind: int, data: bytes) -> Bars | None:
    """Return what GS k `kind` makes of the data; None for a kind that is unknown and data that it cannot hold."""
    make = _MAKERS.get(kind + 65 if kind < 65 else kind)
    if make is None:
        return None
    try:
        code = make(data.decode("ascii") if make is not _code_128 else data.decode("latin-1"))
        return Bars(code.build()[0], code.get_fullcode().replace(_FNC_1, ""))
    except (BarcodeError, ValueError, KeyError, IndexError, RuntimeError):
        return None


def drawn(code: Bars, *, module: int, height: int, places: int, face: Face) -> Image.Image:
    """Return the code with modules `module` dots wide and bars `height` dots high.

    `places` says where its text stands: 1 above, 2 below, 3 both, 0 nowhere.
    """
    wide = len(code.modules) * module
    text = row(code.text, face)
    room = face.height + _QUIET_GAP
    above, below = (room if places & 1 else 0), (room if places & 2 else 0)
    picture = Image.new("1", (max(wide, text.width if places else 0), above + height + below), 255)
    left = (picture.width - wide) // 2
    for place, one in enumerate(code.modules):
        if one == "1":
            picture.paste(0, (left + place * module, above, left + (place + 1) * module, above + height))
    beside = (picture.width - text.width) // 2
    if places & 1:
        picture.paste(text, (beside, 0))
    if places & 2:
        picture.paste(text, (beside, above + height + _QUIET_GAP))
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
    _ITF: lambda digits: barcode.ITF(digits, narrow=1, wide=3),
    _CODABAR: lambda text: barcode.CODABAR(text.upper(), narrow=1, wide=3),
    _CODE_128: _code_128,
}
