"""What the virtual printer makes of the bytes of pictures and QR codes."""

from __future__ import annotations

import qrcode
from PIL import Image

HIGHEST = 20_000
_LEVELS = {48: 1, 49: 0, 50: 3, 51: 2}  # L M Q H, as the library numbers them


def raster(bits: bytes, across: int, height: int, scale: tuple[int, int], width: int) -> Image.Image:
    """Return rows of `across` bytes as a picture, cut off where paper of `width` dots ends; `scale` is x, y."""
    visible = min(across, (width + 7) // 8)
    bits = b"".join(bits[row * across : row * across + visible] for row in range(min(height, HIGHEST)))
    picture = Image.frombytes("1", (visible * 8, len(bits) // visible), _inverted(bits))
    if scale == (1, 1):
        return picture
    return picture.resize((picture.width * scale[0], min(HIGHEST, picture.height * scale[1])))


def columns(kind: int, bits: bytes, width: int) -> Image.Image | None:
    """Return columns of ESC * in mode `kind` as a picture 24 dots high; None where there is none."""
    dots = 24 if kind in (32, 33) else 8
    count = len(bits) // (dots // 8)
    if kind not in (0, 1, 32, 33) or not count:
        return None
    turned = Image.frombytes("1", (dots, count), _inverted(bits))
    picture = turned.transpose(Image.Transpose.TRANSPOSE)
    wide = count * (1 if kind & 1 else 2)
    return picture.resize((wide, 24), Image.Resampling.NEAREST).crop((0, 0, min(wide, width), 24))


def qr_code(text: bytes, level: int, module: int) -> Image.Image | None:
    """Return a QR code with modules of `module` dots; None for a text that is too long.

    `level` is 48 to 51, as GS ( k numbers the levels L, M, Q and H.
    """
    code = qrcode.QRCode(error_correction=_LEVELS.get(level, 1), border=0)
    code.add_data(text)
    try:
        code.make(fit=True)
    except (ValueError, qrcode.exceptions.DataOverflowError):
        return None
    rows = code.get_matrix()
    picture = Image.new("1", (len(rows), len(rows)))
    picture.putdata([0 if dark else 255 for row in rows for dark in row])
    side = len(rows) * module
    return picture.resize((side, side), Image.Resampling.NEAREST)


def _inverted(bits: bytes) -> bytes:
    """A bit that is set is a black dot on the paper, and a white one in Pillow."""
    return bytes(byte ^ 0xFF for byte in bits)
