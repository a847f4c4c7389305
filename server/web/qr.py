"""The QR of a confirmation as a drawing that a page holds within itself, sharp at every size and on paper."""

from __future__ import annotations

from markupsafe import Markup

_BORDER = 4
_SVG = Markup(
    '<svg class="visit-qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" '
    'aria-label="{words}" shape-rendering="crispEdges">'
    '<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
)


def svg(text: str, words: str) -> Markup:
    """Draw a text as a QR with its quiet zone; `words` tell people who cannot see it what it is."""
    # Here and not above: a start of the server does not wait for it.
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(border=_BORDER, error_correction=ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(run for y, row in enumerate(rows) for run in _runs(row, y))
    return _SVG.format(size=len(rows), words=words, path=Markup(path))  # noqa: S704 - made of numbers


def _runs(row: list[bool], y: int) -> list[str]:
    """Draw a row's dark modules as bars, so that the drawing stays small."""
    runs, x = [], 0
    while x < len(row):
        length = 0
        while x + length < len(row) and row[x + length]:
            length += 1
        if length:
            runs.append(f"M{x} {y}h{length}v1h-{length}z")
        x += length + 1
    return runs
