"""Pictures of codes for the tests of the scanners."""

from __future__ import annotations

import numpy as np
import qrcode
from numpy.typing import NDArray
from qrcode import base, util
from qrcode.constants import ERROR_CORRECT_M

QR = "NQ1:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_VERSION = 3


def frame_with(text: str, module: int = 6, size: tuple[int, int] = (720, 1280)) -> NDArray[np.uint8]:
    """Draw a clean frame (rows × columns) with the code of a text in its middle; without text an empty frame."""
    if not text:
        return np.full(size, 128, np.uint8)
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=1, border=4)
    code.add_data(text)
    return _placed(code.get_matrix(), module, size)


def frame_with_eci(designator: int, text: str) -> NDArray[np.uint8]:
    """Draw a frame whose code begins with an ECI header, which the qrcode library cannot write by itself."""
    bits = util.BitBuffer()
    for value, length in ((0b0111, 4), (designator, 8), (0b0100, 4), (len(text), 8)):
        bits.put(value, length)
    for byte in text.encode("ascii"):
        bits.put(byte, 8)
    blocks = base.rs_blocks(_VERSION, ERROR_CORRECT_M)
    room = sum(block.data_count for block in blocks) * 8
    bits.put(0, min(4, room - len(bits)))
    while len(bits) % 8:
        bits.put(0, 1)
    padding = 0
    while len(bits) < room:
        bits.put((0xEC, 0x11)[padding % 2], 8)
        padding += 1
    code = qrcode.QRCode(version=_VERSION, error_correction=ERROR_CORRECT_M, box_size=1, border=4)
    code.data_cache = util.create_bytes(bits, blocks)
    code.makeImpl(False, 0)
    return _placed(code.get_matrix(), 6, (720, 1280))


def _placed(matrix: list[list[bool]], module: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    dark = np.kron(np.array(matrix, np.uint8), np.ones((module, module), np.uint8))
    frame = np.full(size, 128, np.uint8)
    top, left = (size[0] - len(dark)) // 2, (size[1] - len(dark)) // 2
    frame[top : top + len(dark), left : left + len(dark)] = 230 - 200 * dark
    return frame
