"""Each layout of a board in each language: nothing cut, nothing on another, nothing blank."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import combinations

import pytest

from display_board.__main__ import TEXTS
from display_board.board import Board, LineDown, LineUp, Moment, SnapshotTaken, advance
from display_board.halls import Halls
from display_board.memory import Memory
from display_board.presenter import BoardPresenter
from display_board.views.board_view import BoardView
from display_board.views.halls import lay_out, shares
from display_board.views.pieces import Fill, Text
from display_board.wording import Wording
from terminal.client import Client
from terminal.clock import ServerClock
from terminal.texts import Texts
from terminal.theme import NORMAL
from tests.display_board.samples import NINE, NOTICE, call, snapshot
from wire.messages import BoardCheckpoint

PICTURES = os.environ.get("NUMEREK_PICTURES")
EIGHT = ["pl", "en", "uk", "ru", "be", "vi", "ar", "ka"]
# The window, its layout, and how many halls it shows.
LAYOUTS = {
    "landscape": (1920, 1080, "auto", 1),
    "portrait": (1080, 1920, "auto", 1),
    "turned_portrait": (1920, 1080, "portrait", 1),
    "turned_landscape": (1080, 1920, "landscape", 1),
    "two": (1920, 1080, "auto", 2),
    "three": (1920, 1080, "auto", 3),
    "three_small": (1280, 720, "auto", 3),
    "two_tall": (1080, 1920, "auto", 2),
    "three_tall": (1080, 1920, "auto", 3),
}
CALLS = {"empty": 0, "one": 1, "three": 3, "many": 14}
NEAR = 3.0
WORDS = Texts(TEXTS)


def face_of(language, calls, place=0):
    """Write the face of a hall in which so many were called."""
    texts = Wording(WORDS)
    texts.use_languages([language, "en" if language != "en" else "pl"])
    called = [call(142 - n, at=-125 - n, counter=n + 1, language="vi") for n in range(calls)]
    lines = [
        ([f"{letter}{200 + n}" for n in range(12)], 40) for letter in "PLNTKQWM"[: calls // 2 + bool(calls)]
    ]
    told = snapshot(
        *called,
        waiting=lines,
        notices={language: NOTICE * 3},
        checkpoint=BoardCheckpoint(day=NINE.date(), code="G4HOZ-7NX4L"),
    )
    hall = told.hall.model_copy(update={"name": f"Sala obsługi {'ABC'[place]}"})
    told = told.model_copy(update={"hall": hall})
    moment = Moment(0.0, NINE + timedelta(seconds=1))
    board, _ = advance(Board(), SnapshotTaken(told, anew=True), moment)
    board, _ = advance(board, LineUp(), moment)
    return texts.face(board, moment, is_time_known=True)


def shown(qtbot, name, faces):
    """Give a view of a layout with these faces."""
    width, height, layout, _ = LAYOUTS[name]
    view = BoardView(NORMAL, lay_out, tuple(faces), layout)
    qtbot.addWidget(view)
    view.resize(width, height)
    return view


def faults(view):
    """List what is cut, outside the board or on top of another."""
    width, height = view.board_size()
    texts = [piece for piece in view.pieces() if isinstance(piece, Text) and piece.text]
    found = []
    for text in texts:
        extent, box = text.extent(), text.box.adjusted(-NEAR, 0, NEAR, 0)
        is_whole = box.left() <= extent.left() and extent.right() <= box.right()
        is_inside = (
            extent.left() >= 0 and extent.top() >= 0 and extent.right() <= width and extent.bottom() <= height
        )
        found += [] if is_whole and is_inside else [text.text]
    pairs = combinations([(text.text, text.extent()) for text in texts], 2)
    return found + [f"{one} on {other}" for (one, a), (other, b) in pairs if a.intersects(b)]


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("calls", CALLS)
def test_nothing_is_cut_nor_on_another_in_any_language(qtbot, name, calls):
    wrong = {}
    for language in EIGHT:
        faces = [face_of(language, CALLS[calls], place) for place in range(LAYOUTS[name][3])]
        view = shown(qtbot, name, faces)
        if found := faults(view):
            wrong[language] = found
        if PICTURES and language in ("pl", "ar"):
            view.grab().save(f"{PICTURES}/qt_{name}_{calls}_{language}.png")
    assert wrong == {}


def test_control_a_text_that_is_too_wide_is_found(qtbot):
    view = shown(qtbot, "landscape", [face_of("pl", 3)])
    pieces = view.pieces()
    number = next(piece for piece in pieces if isinstance(piece, Text) and piece.text == "P142")
    number.font.setPixelSize(900)
    view.pieces = lambda: pieces
    assert "P142" in faults(view)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("calls", ["empty", "one", "three"])
def test_no_half_of_the_board_is_blank_when_few_were_called(qtbot, name, calls):
    """Each quarter of each hall has something written in it: cut across, then down."""
    faces = [face_of("pl", CALLS[calls], place) for place in range(LAYOUTS[name][3])]
    view = shown(qtbot, name, faces)
    width, height = view.board_size()
    written = [piece.extent() for piece in view.pieces() if isinstance(piece, Text) and piece.text]
    for half in range(2):
        across = [each for each in written if width / 2 * half <= each.center().x() <= width / 2 * (half + 1)]
        down = [each for each in written if height / 2 * half <= each.center().y() <= height / 2 * (half + 1)]
        assert len(across) >= 2, half
        assert len(down) >= 2, half
    strips = sorted((each.top(), each.bottom()) for each in written)
    gap, reached = 0.0, 0.0
    for top, bottom in strips:
        gap, reached = max(gap, top - reached), max(reached, bottom)
    assert gap < height * 0.2


def test_a_picture_is_turned_only_where_the_window_stands_otherwise(qtbot):
    turned = {name: shown(qtbot, name, [face_of("pl", 1)]).is_turned for name in list(LAYOUTS)[:4]}
    assert turned == {
        "landscape": False,
        "portrait": False,
        "turned_portrait": True,
        "turned_landscape": True,
    }
    view = shown(qtbot, "turned_portrait", [face_of("pl", 1)])
    assert view.board_size() == (1080, 1920)
    # The header of an upright board is at the right edge of a window that lies.
    picture = view.grab().toImage()
    line = NORMAL.night_line.upper()
    rule = next(
        piece.box
        for piece in view.pieces()
        if isinstance(piece, Fill) and piece.color == "night_line" and piece.box.width() == 1080
    )
    assert picture.pixelColor(round(1920 - rule.center().y()), 540).name().upper() == line


@pytest.mark.parametrize("is_tall", [False, True])
def test_halls_share_the_board_without_a_rest(qtbot, is_tall):
    view = shown(qtbot, "three", [face_of("pl", 1)])
    body = view.rect().toRectF().adjusted(0, 110, 0, -94)
    for count in (2, 3):
        parts = shares(body, count, is_tall)
        assert sum(part.width() * part.height() for part in parts) == body.width() * body.height()
        assert not any(a.intersects(b) for a, b in combinations(parts, 2))


def test_each_hall_shows_its_own_call_and_one_lost_line_is_told_for_all(qtbot):
    faces = [face_of("pl", calls, place) for place, calls in enumerate((1, 3))]
    moment = Moment(0.0, NINE)
    lost, _ = advance(Board(), LineDown(9.0), moment)
    sign = Wording(WORDS).face(lost, moment, is_time_known=True)
    texts = [
        piece.text for piece in shown(qtbot, "three", [*faces, sign]).pieces() if isinstance(piece, Text)
    ]
    assert {"Sala obsługi A", "Sala obsługi B"} <= set(texts)
    assert any("Brak połączenia" in text for text in texts)


def test_what_is_announced_in_any_hall_is_announced_and_who_is_called_in_all_is_known(qtbot, tmp_path):
    client = Client("http://127.0.0.1:9", None, ServerClock())
    made = [BoardPresenter(client, Wording(WORDS), Memory(tmp_path / hall), hall) for hall in "AB"]
    halls = Halls(made)
    heard = []
    for signal in (halls.announced, halls.calls_changed, halls.faces_changed, halls.arrived):
        signal.connect(lambda value: heard.append(value))
    made[1].announced.emit("a call")
    made[0].calls_changed.emit(frozenset({"P001"}))
    made[1].calls_changed.emit(frozenset({"L001"}))
    made[1].arrived.emit("L001")
    face = face_of("pl", 1)
    made[1].face_changed.emit(face)
    assert heard[:4] == ["a call", {"P001"}, {"P001", "L001"}, "L001"]
    assert heard[4][1] == face
    assert len(heard[4]) == 2
