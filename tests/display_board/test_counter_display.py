"""The small display over one counter: its own number only, at once, large at any size."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

import pytest

from display_board.__main__ import TEXTS
from display_board.board import Board, Moment
from display_board.counter_wording import CounterWording
from display_board.views.board_view import BoardView
from display_board.views.counter_face import CounterFace, lay_out
from display_board.views.pieces import Text
from terminal.texts import Texts
from tests.display_board.samples import NINE, call, snapshot

SIZES = [(480, 320), (800, 480), (1920, 360), (1024, 600), (320, 480), (1920, 1080)]
SIGN = "Brak połączenia z systemem. Numery mogą być nieaktualne."
CALLED = CounterFace("stanowisko · counter", "7", "P042")
FACES = {
    "called": CALLED,
    "lit": CounterFace("stanowisko · counter", "7", "P042", lit=True),
    "free": CounterFace("stanowisko · counter", "7"),
    "free and offline": CounterFace("stanowisko · counter", "7", sign=SIGN),
    "long": CounterFace("stanowisko · counter", "112", "W1000"),
    "offline": CounterFace("stanowisko · counter", "7", "P042", sign=SIGN),
}


@pytest.fixture
def wording(qapp):
    """Give the words of counter 7."""
    return CounterWording(Texts(TEXTS), 7)


def face_of(wording, *calls, seconds=60.0, **parts):
    """Write the face, so many seconds after nine, of a board with these calls, newest first."""
    board = Board(snapshot=snapshot(*calls), recent=tuple(calls), **parts)
    return wording.face(board, Moment(seconds, NINE + timedelta(seconds=seconds)), is_time_known=True)


def test_only_the_call_to_its_own_counter_is_shown(wording):
    face = face_of(wording, call(3, counter=8), call(2, counter=7), call(1, counter=7))
    assert (face.word, face.counter, face.number, face.lit) == ("stanowisko · counter", "7", "P002", False)


def test_a_ticket_that_is_finished_leaves_the_display(wording):
    assert face_of(wording, call(2, counter=7, active=False)).number == ""
    assert face_of(wording).number == ""


def test_a_call_is_there_before_its_turn_on_the_hall_board(wording):
    assert face_of(wording, call(1, counter=7), queue=(call(2, counter=7),)).number == "P002"


def test_a_fresh_call_flashes_and_rests(wording):
    lit = [face_of(wording, call(1), seconds=at).lit for at in (0.0, 0.4, 0.6, 1.2, 2.4, 2.6, 3.1)]
    assert lit == [True, True, False, True, True, False, False]


def test_a_lost_connection_is_told(wording):
    assert face_of(wording, call(1), has_sign=True).sign.startswith("Brak połączenia")


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def view(request, qtbot):
    """Give a display of each size."""
    view = BoardView(lay_out=lay_out, face=CounterFace())
    qtbot.addWidget(view)
    view.resize(*request.param)
    return view


@pytest.mark.parametrize("name", FACES)
def test_nothing_is_cut_and_nothing_touches(view, name):
    view.show_face(FACES[name])
    extents = [piece.extent() for piece in view.pieces() if isinstance(piece, Text) and piece.text]
    assert all(view.rect().toRectF().contains(extent) for extent in extents)
    assert not [1 for one, other in combinations(extents, 2) if one.intersects(other)]


def test_the_ticket_fills_the_display(view):
    view.show_face(CALLED)
    number = next(piece for piece in view.pieces() if isinstance(piece, Text) and piece.text == "P042")
    across, down = number.extent().width() / view.width(), number.extent().height() / view.height()
    assert across > 0.6 or down > 0.35
