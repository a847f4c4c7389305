"""The five sections of a board, each as text and surfaces inside its own area."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QRectF

from display_board.views.face import BETWEEN, CalledNumber, Face, WaitingRow
from display_board.views.pieces import (
    QUIET,
    Align,
    Dots,
    Fill,
    Ink,
    Piece,
    Text,
    Weight,
    paragraph,
    width_of,
    written,
)
from terminal.qr import qr_rows
from terminal.theme import BOARD_STEP, Theme

MARGIN = 56
ROW = 122
CALL_HIGH = 620
WAITING_COLUMNS = 2
WAITING_ROWS = 4
WAITING_ROOM = WAITING_COLUMNS * WAITING_ROWS
# A row's height and the size of its letters: in a line under the call, and in the panel beside it.
WAITING_ROW, WAITING_STEP = 42, 36
PANEL_WAITING_ROW, PANEL_WAITING_STEP = 76, 52
ROW_GROWS, LINE_GROWS = 1.6, 1.5
WIDE_LINE = 1000
CLOCK, CLOCK_STEP = 320, 190


def _inside(theme: Theme, area: QRectF) -> QRectF:
    margin = theme.px(MARGIN)
    return area.adjusted(margin, 0, -margin, 0)


def _rule(theme: Theme, area: QRectF, y: float) -> Fill:
    return Fill(QRectF(area.left(), y, area.width(), max(1, theme.px(2))), "night_line")


def header(face: Face, theme: Theme, area: QRectF, is_tall: bool) -> list[Piece]:
    """Place hall, day and hour: beside each other, or the hall above the time on a tall board."""
    box = _inside(theme, area)
    place, time = Ink(40, "on_night", Weight.DemiBold), Ink(40, "on_night", Weight.DemiBold, Align.RIGHT)
    clock = f"{face.day}   {face.hour}" if face.hour else ""
    if is_tall:
        half = box.height() / 2
        upper = QRectF(box.left(), box.top() + half * 0.2, box.width(), half * 0.8)
        lower = QRectF(box.left(), box.top() + half, box.width(), half * 0.8)
        day = Ink(40, "on_night_soft", Weight.DemiBold)
        texts = [
            written(theme, face.place, upper, place),
            written(theme, face.day, lower.adjusted(0, 0, -box.width() * 0.2, 0), day),
            written(theme, face.hour, lower.adjusted(box.width() * 0.8, 0, 0, 0), time),
        ]
    else:
        right = min(width_of(theme, clock, time), box.width() * 0.5)
        left = box.width() - right - theme.px(MARGIN)
        texts = [
            *paragraph(
                theme, face.place, QRectF(box.left(), box.top(), left, box.height()), place, smallest=26
            ),
            written(theme, clock, QRectF(box.right() - right, box.top(), right, box.height()), time),
        ]
    return [*texts, _rule(theme, area, area.bottom() - theme.px(2))]


def call(face: Face, theme: Theme, area: QRectF) -> list[Piece]:
    """Place the newest call, huge; or the quiet words while there is none."""
    if face.called is None:
        return _rest(face, theme, _inside(theme, area))
    called, box = face.called, _inside(theme, area)
    # In a low area the letters are smaller.
    theme = replace(theme, scale=min(theme.scale, area.height() / CALL_HIGH))
    front, back = ("night", "call") if called.lit else ("call", "night")
    soft = "night" if called.lit else "on_night_soft"
    word = "night" if called.lit else "on_night"
    high = box.height()
    label = QRectF(box.left(), box.top() + high * 0.06, box.width(), high * 0.10)
    number = QRectF(box.left(), box.top() + high * 0.21, box.width(), high * 0.40)
    row = QRectF(box.left(), box.top() + high * 0.69, box.width(), high * 0.25)
    return [
        Fill(area, back),
        written(theme, called.calling, label, Ink(44, soft, Weight.DemiBold)),
        written(theme, called.number, number, Ink(BOARD_STEP, front, Weight.Bold)),
        *_counter(called, theme, row, (word, soft, front, back)),
    ]


def _counter(
    called: CalledNumber, theme: Theme, row: QRectF, colors: tuple[str, str, str, str]
) -> list[Piece]:
    word, soft, front, back = colors
    first, second = Ink(84, word, Weight.Bold), Ink(44, soft, Weight.DemiBold)
    figure = Ink(150, back, Weight.Bold, Align.CENTER)
    gap = theme.px(36)
    chip = max(width_of(theme, called.counter, figure) + 2 * theme.px(40), row.height() * 1.1)
    wanted = max(width_of(theme, called.counter_word, first), width_of(theme, called.second, second))
    words = min(wanted, row.width() - gap - chip)
    tile = QRectF(row.left() + words + gap, row.top(), chip, row.height())
    # Capitals are centred in their boxes: tails above and accents below have the gap between the two.
    upper, lower = (1.0, 0.0) if not called.second else (0.58, 0.36)
    pieces: list[Piece] = [
        written(
            theme, called.counter_word, QRectF(row.left(), row.top(), words, row.height() * upper), first
        ),
        Fill(tile, front, theme.px(24)),
        written(theme, called.counter, tile.adjusted(gap / 2, gap / 2, -gap / 2, -gap / 2), figure),
    ]
    if called.second:
        below = QRectF(row.left(), row.bottom() - row.height() * lower, words, row.height() * lower)
        pieces.append(written(theme, called.second, below, second))
    return pieces


def _rest(face: Face, theme: Theme, box: QRectF) -> list[Piece]:
    if not face.rest:
        return []
    main, *others = face.rest
    top = QRectF(box.left(), box.top() + box.height() * 0.16, box.width(), box.height() * 0.44)
    pieces: list[Piece] = [*paragraph(theme, main, top, Ink(84, "on_night", Weight.Bold), smallest=40)]
    high = box.height() * 0.26 / max(1, len(others))
    for i, text in enumerate(others):
        line = QRectF(box.left(), box.top() + box.height() * 0.62 + i * high, box.width(), high)
        pieces += paragraph(theme, text, line, Ink(44, "on_night_soft", Weight.DemiBold), smallest=26)
    return pieces


def recent(face: Face, theme: Theme, area: QRectF) -> list[Piece]:
    """Place the recent calls, newest first, as many as there is room for."""
    box = _inside(theme, area)
    head = QRectF(box.left(), box.top() + theme.px(20), box.width(), theme.px(72))
    half = box.width() / 2
    soft, right = Ink(30, "on_night_soft", Weight.DemiBold), Align.RIGHT
    pieces: list[Piece] = [
        Fill(area, "night_panel"),
        written(theme, face.number_heading, head.adjusted(0, 0, -half, 0), soft),
        written(
            theme,
            face.counter_heading,
            head.adjusted(half, 0, 0, 0),
            Ink(30, soft.color, Weight.DemiBold, right),
        ),
        _rule(theme, box, head.bottom()),
    ]
    room = area.bottom() - head.bottom() - theme.px(16)
    most = max(1, int(room / theme.px(ROW)))
    # Few rows grow, so that the panel is not half empty.
    count = max(1, min(most, len(face.rows)), math.ceil(most / ROW_GROWS))
    high = room / count
    step = min(84 * high / theme.px(ROW), 84 * ROW_GROWS) if count < most else 84
    for i, row in enumerate(face.rows[:count]):
        color = "call" if row.is_shown else "on_night"
        line = QRectF(box.left(), head.bottom() + i * high, box.width(), high)
        at = 0.62 * box.width()
        pieces += [
            written(
                theme, row.number, line.adjusted(0, 0, at - line.width(), 0), Ink(step, color, Weight.Bold)
            ),
            written(theme, row.counter, line.adjusted(at, 0, 0, 0), Ink(step, color, Weight.Bold, right)),
        ]
        if i + 1 < count:
            pieces.append(_rule(theme, box, line.bottom()))
    return pieces


def _nobody(face: Face, theme: Theme, box: QRectF) -> list[Text]:
    """Say that nobody waits: each language on a line of its own where there is room, else all on one."""
    is_panel = box.height() > theme.px(2 * PANEL_WAITING_ROW)
    sentences = face.nobody if is_panel else (BETWEEN.join(face.nobody),)
    high, step = (PANEL_WAITING_ROW, PANEL_WAITING_STEP) if is_panel else (56, 34)
    line, ink = QRectF(box.left(), box.top(), box.width(), theme.px(high)), Ink(step, "on_night")
    return [
        text
        for place, sentence in enumerate(sentences)
        for text in paragraph(theme, sentence, line.translated(0, place * line.height()), ink, smallest=26)
    ]


def waiting(face: Face, theme: Theme, area: QRectF) -> list[Piece]:
    """Place who waits: a line for each service, in two columns when one is full; more where there is room."""
    box = _inside(theme, area)
    head = QRectF(box.left(), box.top() + theme.px(14), box.width(), theme.px(48))
    pieces: list[Piece] = [
        _rule(theme, box, area.top()),
        written(theme, face.waiting_heading, head, Ink(30, "on_night_soft", Weight.DemiBold)),
    ]
    top, bottom = head.bottom(), area.bottom() - theme.px(10)
    lines_high = max(2, len(face.waiting)) * theme.px(PANEL_WAITING_ROW)
    if face.hour and bottom - top - lines_high > theme.px(CLOCK + MARGIN):
        pieces += _clock(
            face, theme, QRectF(box.left(), bottom - theme.px(CLOCK), box.width(), theme.px(CLOCK))
        )
        bottom -= theme.px(CLOCK)
    if not face.waiting:
        return [*pieces, *_nobody(face, theme, QRectF(box.left(), top, box.width(), bottom - top))]
    lines = face.waiting[:WAITING_ROOM]
    is_panel = bottom - top > theme.px(max(2, len(lines)) * PANEL_WAITING_ROW)
    size, step = (PANEL_WAITING_ROW, PANEL_WAITING_STEP) if is_panel else (WAITING_ROW, WAITING_STEP)
    grown = (
        min((bottom - top) / max(2, len(lines)), theme.px(PANEL_WAITING_ROW) * LINE_GROWS) if is_panel else 0
    )
    # Not so large that a narrow line holds hardly a number.
    larger = max(1.0, min(grown / theme.px(size), box.width() / theme.px(WIDE_LINE)))
    ink = Ink(step * larger, "on_night", Weight.DemiBold)
    room = max(WAITING_ROWS, int((bottom - top) / theme.px(size)))
    columns = 1 if len(lines) <= room else WAITING_COLUMNS
    rows = -(-len(lines) // columns)
    gap = theme.px(MARGIN)
    wide = (box.width() - gap * (columns - 1)) / columns
    high = max(grown, (bottom - top) / room)
    longest = max((width_of(theme, number, ink) for line in lines for number in line.numbers), default=0.0)
    for i, line_of_people in enumerate(lines):
        column, row = divmod(i, rows)
        cell = QRectF(box.left() + column * (wide + gap), top + row * high, wide, high)
        pieces += _waiting_row(line_of_people, theme, cell, longest, ink)
    return pieces


def _clock(face: Face, theme: Theme, box: QRectF) -> list[Piece]:
    """Place a large clock where else nothing would stand, the day under it."""
    hour = QRectF(box.left(), box.top() + box.height() * 0.16, box.width(), box.height() * 0.44)
    day = QRectF(box.left(), box.top() + box.height() * 0.68, box.width(), box.height() * 0.16)
    return [
        _rule(theme, box, box.top()),
        written(theme, face.hour, hour, Ink(CLOCK_STEP, "on_night", Weight.Bold, Align.CENTER)),
        written(theme, face.day, day, Ink(40, "on_night_soft", Weight.DemiBold, Align.CENTER)),
    ]


def _waiting_row(row: WaitingRow, theme: Theme, cell: QRectF, longest: float, ink: Ink) -> list[Piece]:
    """Place as many numbers as fit in steps of the longest one, and how many more people wait."""
    step = longest + theme.px(28)
    places = max(1, int((cell.width() + theme.px(28)) / step)) if longest else 1
    count = min(len(row.numbers), places if row.total <= places else places - 1)
    pieces: list[Piece] = [
        written(theme, number, QRectF(cell.left() + i * step, cell.top(), longest, cell.height()), ink)
        for i, number in enumerate(row.numbers[:count])
    ]
    if row.total > count:
        left = cell.left() + count * step
        rest = QRectF(left, cell.top(), cell.right() - left, cell.height())
        pieces.append(written(theme, f"+{row.total - count}", rest, replace(ink, color="on_night_soft")))
    return pieces


def hall_code(face: Face, theme: Theme, area: QRectF) -> list[Piece]:
    """Place a QR for phones, and beside it what it is for, in two languages."""
    box = _inside(theme, area).adjusted(0, theme.px(24), 0, -theme.px(24))
    rows = qr_rows(face.hall_code)
    modules = len(rows) + 2 * QUIET
    side = max(1, round(box.height() / modules)) * modules
    code = QRectF(box.left(), box.center().y() - side / 2, side, side)
    words = box.adjusted(side + theme.px(36), theme.px(16), 0, -theme.px(16))
    high = words.height() / max(1, len(face.hall_code_lines))
    inks = (Ink(44, "on_night", Weight.DemiBold), Ink(38, "on_night_soft", Weight.DemiBold))
    pieces: list[Piece] = [Fill(area, "night_panel"), _rule(theme, area, area.top()), Dots(code, rows)]
    for place, (line, ink) in enumerate(zip(face.hall_code_lines, inks, strict=False)):
        own = QRectF(words.left(), words.top() + place * high, words.width(), high)
        pieces += paragraph(theme, line, own, ink, smallest=26)
    return pieces


def notice(face: Face, theme: Theme, area: QRectF) -> list[Piece]:
    """Place the notice line, with the code of the last signed day small at its end.

    While the connection is lost its sign stands there instead of the notice.
    """
    box = _inside(theme, area).adjusted(0, theme.px(10), 0, -theme.px(8))
    pieces: list[Piece] = [_rule(theme, area, area.top())]
    if face.checkpoint[1]:
        lines, wide = _checkpoint(face.checkpoint, theme, box)
        pieces += lines
        box = box.adjusted(0, 0, -wide - theme.px(MARGIN), 0)
    if not face.sign:
        return [*pieces, *paragraph(theme, face.notice, box, Ink(34, "on_night_soft"), smallest=26)]
    side = theme.px(48)
    mark = QRectF(box.left(), box.center().y() - side / 2, side, side)
    text = box.adjusted(side + theme.px(24), 0, 0, 0)
    return [
        *pieces,
        Fill(mark, "bad", side / 2),
        written(theme, "!", mark, Ink(34, "bad_paper", Weight.Bold, Align.CENTER)),
        *paragraph(theme, face.sign, text, Ink(34, "on_night", Weight.DemiBold), smallest=26),
    ]


def _checkpoint(said: tuple[str, str], theme: Theme, box: QRectF) -> tuple[list[Piece], float]:
    """Place a label above its code at the right end of a box; tell how much room they take."""
    inks = [Ink(26, "on_night_soft", weight, Align.RIGHT) for weight in (Weight.Normal, Weight.DemiBold)]
    wide = max(width_of(theme, text, ink) for text, ink in zip(said, inks, strict=True))
    half = box.height() / 2
    left = box.right() - wide
    return [
        written(theme, text, QRectF(left, box.top() + place * half, wide, half), ink)
        for place, (text, ink) in enumerate(zip(said, inks, strict=True))
    ], wide
