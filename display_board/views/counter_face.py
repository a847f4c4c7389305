"""Where everything stands on a small display over one counter."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from display_board.views.pieces import LINE_HEIGHT, Align, Fill, Ink, Piece, Weight, paragraph, written
from terminal.theme import Theme

# Letters as large as their box lets them be.
AS_LARGE_AS_FITS = 2000


@dataclass(frozen=True)
class CounterFace:
    """A counter's word and number, and the ticket that is called there, if any; `lit` while its flash is on."""

    word: str = ""
    counter: str = ""
    number: str = ""
    lit: bool = False
    sign: str = ""


def lay_out(face: CounterFace, theme: Theme, width: int, height: int) -> list[Piece]:
    """Place the counter above its ticket, or beside it on a wide strip; alone while nobody is called there."""
    whole = QRectF(0, 0, width, height)
    above, below = _halves(whole) if face.number else (whole, QRectF())
    foot = _share(below if face.number else above, 0.82, 0.18) if face.sign else QRectF()
    if face.sign and face.number:
        below = _share(below, 0.0, 0.82)
    elif face.sign:
        above = _share(above, 0.0, 0.82)
    front, back = ("night", "call") if face.lit else ("call", "night")
    pieces: list[Piece] = [Fill(whole, "night_panel"), *_counter(face, theme, above)]
    if face.number:
        ink = Ink(AS_LARGE_AS_FITS, front, Weight.Bold, Align.CENTER)
        pieces += [Fill(below.united(foot), back), written(theme, face.number, _inner(below, 0.1), ink)]
    if face.sign:
        step = foot.height() / theme.scale / 2 / LINE_HEIGHT
        said = Ink(step, "night" if face.lit else "on_night", Weight.DemiBold, Align.CENTER)
        pieces += paragraph(theme, face.sign, _inner(foot, 0.03), said, smallest=step / 2)
    return pieces


def _halves(whole: QRectF) -> tuple[QRectF, QRectF]:
    width, height = whole.width(), whole.height()
    if width > 3 * height:
        return QRectF(0, 0, width * 0.3, height), QRectF(width * 0.3, 0, width * 0.7, height)
    return QRectF(0, 0, width, height * 0.34), QRectF(0, height * 0.34, width, height * 0.66)


def _counter(face: CounterFace, theme: Theme, area: QRectF) -> list[Piece]:
    soft = Ink(AS_LARGE_AS_FITS, "on_night_soft", Weight.DemiBold, Align.CENTER)
    figure = Ink(AS_LARGE_AS_FITS, "on_night", Weight.Bold, Align.CENTER)
    inner = _inner(area, 0.08)
    return [
        written(theme, face.word, _share(inner, 0.0, 0.24), soft),
        written(theme, face.counter, _share(inner, 0.42, 0.58), figure),
    ]


def _inner(area: QRectF, share: float) -> QRectF:
    across, down = area.width() * share, area.height() * share
    return area.adjusted(across, down, -across, -down)


def _share(area: QRectF, start: float, share: float) -> QRectF:
    return QRectF(area.left(), area.top() + area.height() * start, area.width(), area.height() * share)
