"""Where everything stands on a board: landscape and portrait, from a small screen to a wall."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF

from display_board.views import sections
from display_board.views.face import Face
from display_board.views.pieces import Fill, Piece
from terminal.theme import BOARD_DESIGN, Palette, Theme, theme_for

CALL_SHARE = 0.594
HEADER, TALL_HEADER = 110, 170
NOTICE, TALL_NOTICE = 94, 120
WAITING = 240
# While so few were called, those who wait stand under them, where the panel would be empty.
FEW_CALLS = 2
FEW_CALLS_HIGH = 360
TALL_CALL_SHARE = 0.45


@dataclass(frozen=True)
class Areas:
    """The rectangles of a board's sections, in pixels of the screen."""

    header: QRectF
    call: QRectF
    waiting: QRectF
    recent: QRectF
    notice: QRectF


def board_theme(width: int, height: int, palette: Palette) -> Theme:
    """Make the theme for a board of this size, whichever way it hangs."""
    design = BOARD_DESIGN if width >= height else BOARD_DESIGN[::-1]
    return theme_for(width, height, design, palette)


def areas(theme: Theme, width: int, height: int, calls: int = FEW_CALLS + 1) -> Areas:
    """Divide a board on which so many recent calls stand."""
    if width >= height:
        usual = _landscape(theme, width, height)
        return usual if calls > FEW_CALLS else _of_few_calls(theme, usual, calls)
    return _portrait(theme, width, height)


def _landscape(theme: Theme, width: int, height: int) -> Areas:
    top, foot, line = theme.px(HEADER), theme.px(NOTICE), theme.px(WAITING)
    left = round(width * CALL_SHARE)
    body = height - top - foot
    return Areas(
        header=QRectF(0, 0, width, top),
        call=QRectF(0, top, left, body - line),
        waiting=QRectF(0, top + body - line, left, line),
        recent=QRectF(left, top, width - left, body),
        notice=QRectF(0, height - foot, width, foot),
    )


def _of_few_calls(theme: Theme, usual: Areas, calls: int) -> Areas:
    """Give the call the whole height of its side, and put those who wait under the recent calls, if any."""
    panel, high = usual.recent, theme.px(FEW_CALLS_HIGH) if calls else 0
    return replace(
        usual,
        call=usual.call.united(usual.waiting),
        recent=QRectF(panel.left(), panel.top(), panel.width(), high),
        waiting=QRectF(panel.left(), panel.top() + high, panel.width(), panel.height() - high),
    )


def _portrait(theme: Theme, width: int, height: int) -> Areas:
    top, foot, line = theme.px(TALL_HEADER), theme.px(TALL_NOTICE), theme.px(WAITING)
    body = height - top - foot - line
    call = round(body * TALL_CALL_SHARE)
    return Areas(
        header=QRectF(0, 0, width, top),
        call=QRectF(0, top, width, call),
        recent=QRectF(0, top + call, width, body - call),
        waiting=QRectF(0, top + body, width, line),
        notice=QRectF(0, height - foot, width, foot),
    )


def lay_out(face: Face, theme: Theme, width: int, height: int) -> list[Piece]:
    """Place a whole board."""
    where = areas(theme, width, height, len(face.rows))
    return [
        Fill(QRectF(0, 0, width, height), "night"),
        *([Fill(where.waiting, "night_panel")] if where.waiting.left() else []),
        *sections.header(face, theme, where.header, is_tall=width < height),
        *sections.call(face, theme, where.call),
        *(sections.recent(face, theme, where.recent) if where.recent.height() else []),
        *sections.waiting(face, theme, where.waiting),
        *sections.notice(face, theme, where.notice),
    ]
