"""The ladder: ways to look at a frame, from cheap and likely to costly and rare."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import zbar
import zxingcpp

from kiosk.qr.pixels import Gray, binned, busiest, doubled, sharpened, smoothed

MAX_TEXT = 256
_SIDE = 400

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


def _near(look: Rung) -> Rung:
    """Look only where the frame is busiest, which costs a fifth or less."""
    return lambda gray: look(busiest(gray, _SIDE))


# Found by greedy choice on the weakest scans of bench/hard_set.py and checked on another seed of it. The first
# are tried on every frame, the others in turn.
FIRST_RUNGS: tuple[Rung, ...] = (
    by_zxing,
    _near(lambda gray: by_zxing(_sharp(gray, 9, 3))),
    _near(lambda gray: by_zxing(doubled(_calm(gray)))),
)
OTHER_RUNGS: tuple[Rung, ...] = (
    _near(lambda gray: by_zxing(doubled(_sharp(gray, 5, 4)))),
    _near(lambda gray: by_zxing(doubled(gray))),
    _near(lambda gray: by_zxing(_sharp(gray, 13, 4))),
    _near(lambda gray: by_zxing(doubled(_sharp(gray, 9, 3)))),
    _near(lambda gray: by_zxing(smoothed(gray, 5))),
    lambda gray: by_zxing(_sharp(gray, 9, 3)),
    _near(lambda gray: by_zxing(sharpened(smoothed(doubled(gray), 5), 17, 6))),
)
# For pictures that may take long, never for a camera: before cloth or a floor with a pattern zbar searches for
# seconds, and live frames are read as well without it (bench/hard_set.py, 900 frames with a code: 739 read by the
# ten rungs above, 737 with these four among them).
THOROUGH_RUNGS: tuple[Rung, ...] = (
    _near(lambda gray: by_zbar(sharpened(_calm(gray), 13, 3))),
    _near(by_zbar),
    lambda gray: by_zbar(binned(gray, 2)),
    _near(lambda gray: by_zbar(255 - _calm(gray))),
)
RUNGS = FIRST_RUNGS + OTHER_RUNGS + THOROUGH_RUNGS
