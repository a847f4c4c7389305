"""The modules of a QR code, for the screens that draw one."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import zxingcpp


@lru_cache(maxsize=8)
def qr_rows(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of a QR code, without its quiet zone; True is dark."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    # The stubs do not tell that its image is a buffer of bytes.
    dots = memoryview(cast("bytes", code.to_image(scale=1, add_quiet_zones=False)))
    height, width = dots.shape or (0, 0)
    return tuple(tuple(dots[y, x] == 0 for x in range(width)) for y in range(height))
