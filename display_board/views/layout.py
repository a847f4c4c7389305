"""Where everything stands on a board: landscape and portrait, from a small screen to a wall."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from display_board.views import sections
from display_board.views.face import Face
from display_board.views.pieces import Fill, Piece, Slot
from terminal.theme import BOARD_DESIGN, Palette, Theme, theme_for

CALL_SHARE = 0.594
HEADER, TALL_HEADER = 110, 170
NOTICE, TALL_NOTICE = 94, 120
WAITING = 240
# While so few were called, those who wait stand under them, where the panel would be empty.
FEW_CALLS = 2
FEW_HEAD, FEW_ROW = 108, 126
CODE = 320
TALL_CALL_SHARE, FEW_CALL_SHARE = 0.45, 0.54


@dataclass(frozen=True)
class Areas:
    """The rectangles of a board's sections, in pixels of the screen."""

    header: QRectF
    call: QRectF
    waiting: QRectF
    recent: QRectF
    notice: QRectF
    media: QRectF
    code: QRectF


def board_theme(width: int, height: int, palette: Palette) -> Theme:
    """Make the theme for a board of this size, whichever way it hangs."""
    design = BOARD_DESIGN if width >= height else BOARD_DESIGN[::-1]
    return theme_for(width, height, design, palette)


def areas(
    theme: Theme,
    width: int,
    height: int,
    calls: int = FEW_CALLS + 1,
    *,
    has_media: bool = False,
    has_code: bool = False,
) -> Areas:
    """Divide a board on which so many recent calls stand, with a place for media, or for a code, or neither."""
    is_tall = width < height
    top, foot = theme.px(TALL_HEADER if is_tall else HEADER), theme.px(TALL_NOTICE if is_tall else NOTICE)
    body = QRectF(0, top, width, height - top - foot)
    side = 0 if is_tall else round(width * CALL_SHARE)
    high = round(min((width - side) * 9 / 16, body.height() * (0.3 if is_tall else 0.45))) if has_media else 0
    code = theme.px(CODE) if has_code else 0
    if is_tall:
        call, waiting, recent = stacked(theme, body.adjusted(0, 0, 0, -high), calls, below=code)
    else:
        call, waiting, recent = beside(theme, body, calls, high + code)
    return Areas(
        header=QRectF(0, 0, width, top),
        call=call,
        waiting=waiting,
        recent=recent,
        notice=QRectF(0, height - foot, width, foot),
        media=QRectF(side, body.bottom() - high, width - side, high),
        code=QRectF(side, body.bottom() - code, width - side, code),
    )


def beside(theme: Theme, body: QRectF, calls: int, below: float = 0) -> tuple[QRectF, QRectF, QRectF]:
    """Divide a wide area for a call, who waits, and the recent calls in a panel beside them.

    While few were called, the call has the whole height of its side, and who waits stands under the recent calls.
    So many pixels `below` the panel are left free.
    """
    left = round(body.width() * CALL_SHARE)
    panel = body.adjusted(left, 0, 0, -below)
    side = QRectF(body.left(), body.top(), left, body.height())
    if calls > FEW_CALLS:
        line = theme.px(WAITING)
        return side.adjusted(0, 0, 0, -line), side.adjusted(0, side.height() - line, 0, 0), panel
    high = _few_high(theme, calls)
    recent = QRectF(panel.left(), panel.top(), panel.width(), high)
    return side, panel.adjusted(0, high, 0, 0), recent


def stacked(
    theme: Theme, body: QRectF, calls: int, share: float = FEW_CALL_SHARE, below: float = 0
) -> tuple[QRectF, QRectF, QRectF]:
    """Divide an upright area for a call, who waits, and the recent calls, which stand between them.

    `share` is the call's part of the height that few recent calls leave. So many pixels `below` are left free.
    """
    if calls > FEW_CALLS:
        line = theme.px(WAITING)
        call = round((body.height() - line) * TALL_CALL_SHARE)
        recent = body.adjusted(0, call, 0, -line - below)
        waiting = body.adjusted(0, body.height() - line - below, 0, -below)
    else:
        high = _few_high(theme, calls)
        call = round((body.height() - high) * share)
        recent = QRectF(body.left(), body.top() + call, body.width(), high)
        waiting = body.adjusted(0, call + high, 0, -below)
    return QRectF(body.left(), body.top(), body.width(), call), waiting, recent


def _few_high(theme: Theme, calls: int) -> float:
    return theme.px(FEW_HEAD + calls * FEW_ROW) if calls else 0


def lay_out(face: Face, theme: Theme, width: int, height: int) -> list[Piece]:
    """Place a whole board."""
    # Where the office shows its media, these have the place.
    has_code = bool(face.hall_code) and not face.has_media
    where = areas(theme, width, height, len(face.rows), has_media=face.has_media, has_code=has_code)
    is_tall = width < height
    return [
        Fill(QRectF(0, 0, width, height), "night"),
        *([Fill(where.waiting, "night_panel")] if is_panel(len(face.rows)) else []),
        *sections.header(face, theme, where.header, is_tall),
        *sections.call(face, theme, where.call),
        *(sections.recent(face, theme, where.recent) if where.recent.height() else []),
        *sections.waiting(face, theme, where.waiting),
        *(sections.hall_code(face, theme, where.code) if has_code else []),
        *sections.notice(face, theme, where.notice),
        *([Slot(where.media)] if face.has_media else []),
    ]


def is_panel(calls: int) -> bool:
    """Say whether who waits stands in the panel of the recent calls."""
    return calls <= FEW_CALLS
