"""A call that the server traces is noted as shown when it is painted: not when it is heard, and in its turn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from display_board import board as board_module
from display_board.__main__ import TEXTS
from display_board.board import Board
from display_board.counter_wording import CounterWording
from display_board.traced_calls import TracedCalls
from display_board.views.board_view import BoardView
from display_board.wording import Wording
from terminal.texts import Texts
from tests.display_board.samples import call, fact, snapshot


def test_a_call_is_heard_seen_in_the_picture_and_painted_once():
    calls = TracedCalls()
    calls.heard(1, "one")
    calls.heard(2, "two")
    assert calls.painted() == []
    calls.look(lambda call: call == 2)
    assert calls.painted() == ["two"]
    calls.look(lambda call: True)
    assert (calls.painted(), calls.painted()) == (["one"], [])


def test_of_too_many_the_oldest_are_forgotten():
    calls = TracedCalls()
    for number in range(60):
        calls.heard(number, str(number))
    calls.look(lambda call: True)
    calls.heard(60, "60")
    calls.look(lambda call: True)
    assert calls.painted() == [str(number) for number in range(11, 61)]


def test_each_kind_of_display_knows_which_call_it_shows(qapp):
    hall, counter = Wording(Texts(TEXTS)), CounterWording(Texts(TEXTS), 7)
    board = Board(
        snapshot=snapshot(), shown=call(1, counter=8), recent=(call(1, counter=8),), queue=(call(2),)
    )
    assert [hall.shows(board, number) for number in (1, 2)] == [True, False]
    assert [counter.shows(board, number) for number in (1, 2)] == [False, True]
    assert not hall.shows(Board(), 1)
    assert not counter.shows(Board(), 1)


@pytest.fixture
def screen(office, screens):
    """Give a board in front of the fake office, and what it noted as shown."""
    screen = screens()
    screen.noted = []
    screen.presenter._reports.note = screen.noted.extend
    return screen


def told(office, number, traceparent):
    """Call somebody, with a traceparent."""
    made = call(number).model_copy(update={"called_at": datetime.now(UTC)})
    office.called.append(made)
    office.feed.add(number, "ticket.called", fact(made), traceparent)


def test_a_call_is_noted_when_it_is_painted_and_not_before(qtbot, office, screen):
    qtbot.waitUntil(lambda: bool(screen.face.place))
    told(office, 1, "one")
    qtbot.waitUntil(lambda: screen.number == "P001")
    assert screen.noted == []
    view = BoardView()
    qtbot.addWidget(view)
    view.painted.connect(screen.presenter.painted)
    view.show_face(screen.face)
    view.grab()
    assert screen.noted == ["one"]
    view.grab()
    assert screen.noted == ["one"]


def test_a_call_that_waits_for_its_turn_is_noted_in_its_turn(qtbot, office, screen, monkeypatch):
    monkeypatch.setattr(board_module, "SHOW_SECONDS", 0.3)
    monkeypatch.setattr(board_module, "SHOW_SECONDS_IN_A_RUSH", 0.3)
    qtbot.waitUntil(lambda: bool(screen.face.place))
    told(office, 1, "one")
    told(office, 2, "two")
    told(office, 3, "")
    seen = []
    screen.presenter.face_changed.connect(lambda _: (screen.presenter.painted(), seen.append(screen.number)))
    qtbot.waitUntil(lambda: "two" in screen.noted)
    assert screen.noted == ["one", "two"]
    assert seen[-1] in ("P002", "P003")
    qtbot.waitUntil(lambda: screen.number == "P003")
    screen.presenter.painted()
    assert screen.noted == ["one", "two"]
