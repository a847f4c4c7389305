"""Where everything stands on a board of two or three halls: columns on a wide screen, rows on an upright one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import QRectF

from display_board.views import layout, sections
from display_board.views.face import Face
from display_board.views.layout import CALL_SHARE, areas, beside, is_panel, stacked
from display_board.views.pieces import Fill, Ink, Piece, Weight, written
from terminal.theme import BOARD_DESIGN, Theme

NAME = 92
# No clock stands under those who wait here: the call takes more.
CALL_OF_FEW = 0.68


def lay_out(faces: Sequence[Face], theme: Theme, width: int, height: int) -> list[Piece]:
    """Place a board of one to three halls under one header, with one line of notices."""
    if len(faces) == 1:
        return layout.lay_out(faces[0], theme, width, height)
    is_tall, where = width < height, areas(theme, width, height)
    first = faces[0]
    body = QRectF(0, where.header.bottom(), width, where.notice.top() - where.header.bottom())
    common = replace(
        next((face for face in faces if face.branch), first),
        sign=next((face.sign for face in faces if face.sign), ""),
    )
    pieces: list[Piece] = [
        Fill(QRectF(0, 0, width, height), "night"),
        *sections.header(replace(common, place=common.branch), theme, where.header, is_tall),
    ]
    for place, (face, box) in enumerate(zip(faces, shares(body, len(faces), is_tall), strict=True)):
        pieces += _hall(face, theme, box, is_tall)
        if place:
            wide = max(1, theme.px(3))
            edge = (box.width(), wide) if is_tall else (wide, box.height())
            pieces.append(Fill(QRectF(box.left(), box.top(), *edge), "night_line"))
    return [*pieces, *sections.notice(common, theme, where.notice)]


def shares(body: QRectF, count: int, is_tall: bool) -> list[QRectF]:
    """Divide an area between halls without a remainder, in pixels of the screen."""
    if is_tall:
        cuts = [round(body.top() + body.height() * n / count) for n in range(count + 1)]
        return [QRectF(body.left(), a, body.width(), b - a) for a, b in pairwise(cuts)]
    cuts = [round(body.left() + body.width() * n / count) for n in range(count + 1)]
    return [QRectF(a, body.top(), b - a, body.height()) for a, b in pairwise(cuts)]


def _hall(face: Face, theme: Theme, box: QRectF, is_tall: bool) -> list[Piece]:
    """Place a hall in its share; its letters are as large as its share allows."""
    side = BOARD_DESIGN[0] * (1.0 if is_tall else CALL_SHARE)
    own = replace(theme, scale=min(theme.scale, box.width() / side))
    name = QRectF(box.left(), box.top(), box.width(), own.px(NAME))
    calls = len(face.rows)
    rest = box.adjusted(0, name.height(), 0, 0)
    is_wide = is_tall and not is_panel(calls)
    parts = beside(own, rest, calls) if is_wide else stacked(own, rest, calls, CALL_OF_FEW)
    call, waiting, recent = parts
    margin = own.px(sections.MARGIN)
    label = name.adjusted(margin, name.height() * 0.2, -margin, -name.height() * 0.2)
    # The hour stands in the header: none fills a panel here.
    timeless = replace(face, day="", hour="")
    return [
        Fill(name, "night_panel"),
        written(own, face.hall, label, Ink(44, "on_night_soft", Weight.DemiBold)),
        *([Fill(waiting, "night_panel")] if is_panel(calls) else []),
        *sections.call(face, own, call),
        *(sections.recent(face, own, recent) if recent.height() else []),
        *sections.waiting(timeless, own, waiting),
    ]
