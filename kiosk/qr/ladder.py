"""The ladder: ways to look at a frame, from cheap and likely to costly and rare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import hypot, sqrt

import numpy as np
import zbar
import zxingcpp

from kiosk.qr.bent_reader import BentReader
from kiosk.qr.pixels import Gray, binned, busiest, doubled, sharpened, smoothed
from kiosk.visit.foreign import Foreign, kind_of

MAX_TEXT = 256
# A code that is held up is at least so many pixels high and wide; smaller ones hang on a wall or stand on a coat.
HELD_PX = 100
_OURS = ("NQ1:", "NQE1:")
_KINDS = (
    zxingcpp.BarcodeFormat.QRCodeModel2,
    zxingcpp.BarcodeFormat.Aztec,
    zxingcpp.BarcodeFormat.DataMatrix,
    zxingcpp.BarcodeFormat.PDF417,
)
_SIDE, _SMALL_SIDE = 400, 208

# QR only: fewer phantoms, and faster.
_ZBAR = zbar.Scanner([("ZBAR_NONE", "ZBAR_CFG_ENABLE", 0), ("ZBAR_QRCODE", "ZBAR_CFG_ENABLE", 1)])

Rung = Callable[[Gray], list[str]]


def printable(texts: Iterable[str]) -> list[str]:
    """Keep what can be a scan: 1 to 256 printable ASCII characters, each text once."""
    return [t for t in dict.fromkeys(texts) if 0 < len(t) <= MAX_TEXT and t.isascii() and t.isprintable()]


def by_zxing(gray: Gray) -> list[str]:
    """Read with zxing-cpp, which also tries the inverted and the reduced frame; checked symbols only."""
    # Made here: at exit the library complains of each object of its own that somebody still holds.
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])
    found = zxingcpp.read_barcodes(gray, formats=formats)
    return [symbol.text for symbol in found if symbol.valid]


def foreign_kind(gray: Gray) -> Foreign | None:
    """Return what the code is that somebody holds up instead of ours, or None; nothing else of it is kept."""
    for symbol in zxingcpp.read_barcodes(gray, formats=zxingcpp.BarcodeFormats([*_KINDS])):
        if symbol.valid and not symbol.text.startswith(_OURS) and _side(symbol) >= HELD_PX:
            return kind_of(symbol.text)
    return None


def _side(symbol: zxingcpp.Barcode) -> float:
    """Return how long the shorter diagonal of a code would be as a side, in pixels."""
    at = symbol.position
    pairs = ((at.top_left, at.bottom_right), (at.top_right, at.bottom_left))
    return min(hypot(one.x - other.x, one.y - other.y) for one, other in pairs) / sqrt(2)


def by_zbar(gray: Gray) -> list[str]:
    """Read with zbar. A code with an ECI header kills the process here."""
    found = _ZBAR.scan(np.ascontiguousarray(gray))
    return [symbol.data.decode("latin-1") for symbol in found if symbol.type == "QR-Code"]


def _calm(gray: Gray) -> Gray:
    """Average the noise away with weights that fall off from the middle."""
    return smoothed(smoothed(gray, 3), 3)


def _sharp(gray: Gray, window: int, strength: int) -> Gray:
    """Undo a soft lens in a window (odd), after calming the noise in a small one."""
    return sharpened(smoothed(gray, 3), window, strength)


def _near(look: Rung, side: int = _SIDE) -> Rung:
    """Look only where the frame is busiest, which costs a fifth or less."""
    return lambda gray: look(busiest(gray, side))


def _by_zxing_at_once(gray: Gray) -> list[str]:
    """Read a clean, upright drawing with zxing-cpp."""
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2])
    found = zxingcpp.read_barcodes(
        gray, formats=formats, try_rotate=False, try_downscale=False, try_invert=False
    )
    return [symbol.text for symbol in found if symbol.valid]


# One for all rungs: what they see is the same code.
BENT = BentReader(_by_zxing_at_once)


# Those of zxing-cpp were found by greedy choice on the weakest scans of bench/hard_set.py and checked on another
# seed of it; BENT reads what they cannot, at six times the cost. The first are tried on every frame, the others
# in turn.
FIRST_RUNGS: tuple[Rung, ...] = (
    by_zxing,
    _near(lambda gray: by_zxing(_sharp(gray, 9, 3))),
    _near(lambda gray: by_zxing(doubled(_calm(gray)))),
)
OTHER_RUNGS: tuple[Rung, ...] = (
    _near(lambda gray: BENT(smoothed(gray, 3))),
    _near(lambda gray: by_zxing(doubled(_sharp(gray, 5, 4)))),
    _near(lambda gray: by_zxing(doubled(gray))),
    _near(lambda gray: BENT(doubled(sharpened(smoothed(gray, 2), 5, 3))), _SMALL_SIDE),
    _near(lambda gray: by_zxing(_sharp(gray, 13, 4))),
    _near(lambda gray: by_zxing(doubled(_sharp(gray, 9, 3)))),
    _near(lambda gray: BENT(_sharp(gray, 9, 3))),
    _near(lambda gray: by_zxing(smoothed(gray, 5))),
    _near(lambda gray: BENT(doubled(_sharp(gray, 7, 3))), _SMALL_SIDE),
    lambda gray: by_zxing(_sharp(gray, 9, 3)),
    _near(lambda gray: by_zxing(sharpened(smoothed(doubled(gray), 5), 17, 6))),
)
# For pictures that may take long, never for a camera: before cloth or a floor with a pattern zbar searches for
# seconds, and live frames are read as well without it (bench/hard_set.py, 900 frames with a code: 739 read by
# ten of the rungs above, 737 with these four among them).
THOROUGH_RUNGS: tuple[Rung, ...] = (
    _near(lambda gray: by_zbar(sharpened(_calm(gray), 13, 3))),
    _near(by_zbar),
    lambda gray: by_zbar(binned(gray, 2)),
    _near(lambda gray: by_zbar(255 - _calm(gray))),
)
RUNGS = FIRST_RUNGS + OTHER_RUNGS + THOROUGH_RUNGS
# Stands for the look for codes that are not ours, as one more of the others.
FOREIGN = len(RUNGS)
