"""The QR of a confirmation as a drawing that a page holds within itself, sharp at every size and on paper."""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup

_BORDER = 4
# Readers take any of the eight. Which is best for a text of random letters is chance, and to try them all takes
# nine tenths of the time.
_MASK = 2
_DARK = re.compile(b"\x01+")
_SVG = Markup(
    '<svg class="visit-qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" '
    'aria-label="{words}" shape-rendering="crispEdges">'
    '<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
)


def svg(text: str, words: str) -> Markup:
    """Draw a text as a QR with its quiet zone; `words` tell people who cannot see it what it is."""
    size, path = _drawn(text)
    return _SVG.format(size=size, words=words, path=Markup(path))  # noqa: S704 - made of numbers


@lru_cache(64)
def _drawn(text: str) -> tuple[int, str]:
    """Draw the dark modules; return how many stand in a row, and their path. Who reloads a page gets it again."""
    # Here and not above: a start of the server does not wait for it.
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(border=_BORDER, error_correction=ERROR_CORRECT_M, mask_pattern=_MASK)
    code.add_data(text)
    # To ask for a fit would have it looked for twice.
    code.make(fit=False)
    rows = code.get_matrix()
    return len(rows), "".join(run for y, row in enumerate(rows) for run in _runs(row, y))


def _runs(row: list[bool], y: int) -> list[str]:
    """Draw a row's dark modules as bars, so that the drawing stays small."""
    bars = _DARK.finditer(bytes(row))
    return [f"M{bar.start()} {y}h{bar.end() - bar.start()}v1h-{bar.end() - bar.start()}z" for bar in bars]
