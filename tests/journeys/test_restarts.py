"""The server goes and comes back: nobody is called twice, nobody is left without a word."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from deploy.demo.offscreen.waiting import until
from kiosk.presenter import BEAT_MS, BEAT_PATIENCE_S
from kiosk.questions import ASK_PATIENCE_S
from kiosk.visit.events import Press
from kiosk.visit.screens import OutOfOrder, SlipState, Start, TicketShown
from tests.journeys.conftest import Hall


def test_the_board_catches_up_after_a_restart_and_announces_nothing_twice(hall: Hall) -> None:
    board = hall.board
    until(lambda: board.face.place, "the board's hall")
    for _ in range(3):
        assert hall.kiosk_asks("/api/v1/tickets", {"service": "N"})[0] == 201
    clerk = hall.clerk_at(1)
    first = hall.call(1, clerk)
    until(lambda: board.shown() == first, f"the board shows {first}", 20)
    announced = [call.id for call in board.announced]
    hall.kill_server()
    until(lambda: board.face.sign, "the board's sign of a lost connection", 15)
    assert board.shown() == first, "what was called stands there still"
    hall.restart_server()
    # Called before the board is back: it has to learn of it from the feed.
    second = hall.call(1, clerk)
    until(lambda: board.shown() == second, f"the board shows {second}", 20)
    until(lambda: not board.face.sign, "the sign is gone", 20)
    ids = [call.id for call in board.announced]
    assert ids[: len(announced)] == announced
    assert len(ids) == len(set(ids)) == len(announced) + 1


def test_a_kiosk_without_server_and_list_says_where_to_go_and_recovers(hall: Hall) -> None:
    hall.ready_kiosk()
    kiosk, visitor = hall.kiosk, hall.visitor("K")
    hall.without_list()
    hall.kill_server()
    kiosk.enter_code(visitor["code"])
    # Three seconds are the goal, which its patience holds; a busy machine has three times as long here.
    assert ASK_PATIENCE_S < 3
    assert kiosk.until_shows(OutOfOrder, 20) <= 9_000
    words = [label.text() for label in kiosk.window.findChildren(QLabel) if label.isVisible()]
    assert any("stanowisk" in text and "1" in text for text in words), words
    hall.restart_server()
    kiosk.touch(Press.TRY_AGAIN)
    kiosk.until_shows(TicketShown)
    assert hall.ticket().number.startswith("K")
    until(lambda: hall.slip_is(SlipState.PRINTED), "the slip printed")
    kiosk.go_home()
    assert isinstance(kiosk.screen, Start)


def test_an_idle_kiosk_notices_that_its_server_is_gone(hall: Hall) -> None:
    hall.ready_kiosk()
    kiosk = hall.kiosk
    hall.without_list()
    hall.kill_server()
    # Three seconds are the goal, which beat and patience hold; a busy machine has three times as long here.
    assert BEAT_MS / 1000 + BEAT_PATIENCE_S < 3
    assert kiosk.until_shows(OutOfOrder, 20) <= 9_000
    hall.restart_server()
    kiosk.until_shows(Start, 20)
