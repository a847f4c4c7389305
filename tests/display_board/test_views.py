"""The board's picture: nothing cut, nothing on top of another, at every size, way of hanging and theme."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from display_board.views.board_view import BoardView
from display_board.views.face import CalledNumber, Row, WaitingRow
from display_board.views.layout import areas, board_theme
from display_board.views.pieces import ELLIPSIS, Fill, Text
from display_board.views.sections import WAITING_ROOM
from terminal.theme import HIGH_CONTRAST, NORMAL
from tests.display_board.samples import CROWDED, EMPTY, FULL, NOTICE, OFFLINE

SIZES = [
    (1366, 768),
    (1920, 1080),
    (3840, 2160),
    (768, 1366),
    (1080, 1920),
    (2160, 3840),
    (1280, 1024),
    (1024, 600),
]
FEW = replace(FULL, rows=FULL.rows[:1])
RESTING = replace(EMPTY, checkpoint=FULL.checkpoint)
FAR = replace(
    CROWDED,
    called=replace(CROWDED.called, counter="↖ 112"),
    rows=tuple(replace(row, counter=f"→ {row.counter}") for row in CROWDED.rows),
)
FACES = {
    "far": FAR,
    "few": FEW,
    "full": FULL,
    "empty": EMPTY,
    "crowded": CROWDED,
    "offline": OFFLINE,
    "resting": RESTING,
}
NEAR = 2.0


def texts_of(view):
    return [piece for piece in view.pieces() if isinstance(piece, Text)]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def view(request, qtbot):
    """Give a board of each size."""
    view = BoardView(NORMAL)
    qtbot.addWidget(view)
    view.resize(*request.param)
    return view


@pytest.mark.parametrize("name", FACES)
def test_every_text_stays_inside_its_box_and_the_window(view, name):
    view.show_face(FACES[name])
    written = [text for text in texts_of(view) if text.text]
    assert len(written) >= 4
    for text in written:
        extent = text.extent()
        sideways = text.box.adjusted(-NEAR, 0, NEAR, 0)
        assert sideways.left() <= extent.left(), text.text
        assert extent.right() <= sideways.right(), text.text
        assert view.rect().toRectF().contains(extent), text.text


@pytest.mark.parametrize("name", FACES)
def test_no_text_touches_another(view, name):
    view.show_face(FACES[name])
    extents = [(text.text, text.extent()) for text in texts_of(view) if text.text]
    touching = [(one, other) for (one, a), (other, b) in combinations(extents, 2) if a.intersects(b)]
    assert touching == []


def test_the_sections_do_not_overlap(view):
    theme = board_theme(view.width(), view.height(), NORMAL)
    for calls in range(4):
        _assert_apart(areas(theme, view.width(), view.height(), calls), view)


def _assert_apart(where, view):
    parts = [where.header, where.call, where.recent, where.waiting, where.notice]
    assert all(not a.intersects(b) for a, b in combinations(parts, 2))
    assert sum(part.width() * part.height() for part in parts) == view.width() * view.height()


def test_the_call_is_by_far_the_largest(view):
    view.show_face(FULL)
    heights = sorted((text.extent().height(), text.text) for text in texts_of(view) if text.text)
    assert heights[-1][1] == "P042"
    assert heights[-1][0] > 1.7 * heights[-2][0]


def test_numbers_that_have_no_room_are_counted(view):
    view.show_face(replace(CROWDED, waiting=CROWDED.waiting[:1]))
    words = [text.text for text in texts_of(view)]
    shown = [word for word in words if word.startswith("P1")]
    assert f"+{1200 - len(shown)}" in words
    assert shown


def test_a_line_without_numbers_is_counted(view):
    view.show_face(replace(FULL, waiting=(WaitingRow((), 3),)))
    assert "+3" in [text.text for text in texts_of(view)]


def test_more_services_than_a_page_holds_are_not_squeezed_in(view):
    many = tuple(WaitingRow((f"{letter}001",), 1) for letter in "ABCDEFGHIJKL")
    view.show_face(replace(FULL, waiting=many))
    shown = [text.text for text in texts_of(view) if text.text.endswith("001")]
    assert len(shown) == WAITING_ROOM


def test_the_longest_notice_ends_in_an_ellipsis_inside_the_window(view):
    view.show_face(replace(FULL, notice=NOTICE * 20))
    last = texts_of(view)[-1]
    assert last.text.endswith(ELLIPSIS)
    assert view.rect().toRectF().contains(last.extent())


@pytest.mark.parametrize("palette", [NORMAL, HIGH_CONTRAST], ids=["normal", "high_contrast"])
@pytest.mark.parametrize("lit", [False, True])
def test_the_number_is_painted_in_the_colours_of_a_call(qtbot, palette, lit):
    view = BoardView(palette)
    qtbot.addWidget(view)
    view.resize(1920, 1080)
    view.show_face(replace(FULL, called=replace(FULL.called, lit=lit)))
    number = next(text for text in texts_of(view) if text.text == "P042")
    picture = view.grab().toImage()
    where = number.extent().toRect()
    colors = {
        picture.pixelColor(x, y).name().upper()
        for x in range(where.left(), where.right(), 7)
        for y in range(where.top(), where.bottom(), 7)
    }
    assert {palette.call, palette.night} <= colors


@pytest.mark.parametrize("name", ["full", "crowded", "offline", "resting"])
def test_the_code_of_a_day_is_small_at_the_end_of_the_notice_line_and_moves_nothing_else(view, name):
    theme = board_theme(view.width(), view.height(), NORMAL)
    foot = areas(theme, view.width(), view.height()).notice

    def above(face):
        view.show_face(face)
        return [(text.text, text.extent()) for text in texts_of(view) if text.box.bottom() <= foot.top()]

    with_code = above(FACES[name])
    for said in FACES[name].checkpoint:
        (text,) = [text for text in texts_of(view) if text.text == said]
        assert foot.contains(text.extent())
        assert text.extent().left() > foot.width() / 2
        assert text.font.pixelSize() <= theme.px(26)
    assert above(replace(FACES[name], checkpoint=("", ""))) == with_code


def test_the_shown_call_stands_out_in_the_list(view):
    view.show_face(FULL)
    inks = {text.text: text.ink.color for text in texts_of(view)}
    assert (inks["L100"], inks["L101"]) == ("call", "on_night")


def test_a_long_counter_number_fits_its_tile(view):
    view.show_face(replace(FULL, called=CalledNumber("P042", "999", "Zapraszamy", "stanowisko", "counter")))
    figure = next(text for text in texts_of(view) if text.text == "999")
    tile = next(
        piece.box for piece in view.pieces() if isinstance(piece, Fill) and piece.box.contains(figure.extent())
        and piece.color == "call"
    )  # fmt: skip
    assert tile.width() < view.width() / 2


def test_the_same_face_is_not_painted_again(qtbot, view):
    view.show_face(FULL)
    painted = []
    view.update = lambda: painted.append(1)
    view.show_face(replace(FULL))
    view.show_face(replace(FULL, rows=(Row("P001", "1"),)))
    assert painted == [1]


def test_while_few_were_called_those_who_wait_stand_under_them(view):
    if view.width() < view.height():
        return
    theme = board_theme(view.width(), view.height(), NORMAL)
    few, many = (areas(theme, view.width(), view.height(), calls) for calls in (2, 3))
    assert few.waiting.left() == few.recent.left() > many.waiting.left()
    assert few.waiting.bottom() == many.waiting.bottom()
    assert few.call.bottom() == many.waiting.bottom() > many.call.bottom()


def test_that_nobody_waits_breaks_between_the_languages_where_there_is_room(view):
    """Never within a sentence: not even in one of a language that runs the other way."""
    two = ("Nikt teraz nie czeka", "لا أحد في الانتظار الآن")
    view.show_face(replace(EMPTY, rows=FULL.rows[:2], nobody=two))
    said = [piece.text for piece in texts_of(view) if set(piece.text.split()) & set(" ".join(two).split())]
    assert said in ([*two], [" · ".join(two)])
    if (view.width(), view.height()) == (1920, 1080):
        assert said == [*two]
