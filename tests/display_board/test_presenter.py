"""The board with a server that dies, comes back and forgets: always the right picture, each call once."""

from __future__ import annotations

import pytest

from display_board import board as board_module
from display_board import presenter as presenter_module
from tests.display_board.samples import call, fact


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    """Let boards of these tests wait less between calls, questions and signs."""
    monkeypatch.setattr(board_module, "SHOW_SECONDS", 0.1)
    monkeypatch.setattr(board_module, "SHOW_SECONDS_IN_A_RUSH", 0.1)
    monkeypatch.setattr(board_module, "SIGN_AFTER_SECONDS", 0.2)
    monkeypatch.setattr(presenter_module, "TICK_MS", 20)
    monkeypatch.setattr(presenter_module, "LOOK_AGAIN_MS", (10, 20))
    monkeypatch.setattr(presenter_module, "ASK_AGAIN_MS", 20)
    monkeypatch.setattr(presenter_module, "PATIENCE_SECONDS", 0.2)


def test_a_call_is_shown_and_announced(qtbot, office, screens):
    office.waiting = [(["P043"], 1)]
    screen = screens()
    qtbot.waitUntil(lambda: bool(screen.face.waiting))
    assert screen.face.place == "Urząd Wojewódzki · Sala A"
    assert screen.face.rest[0] == "Prosimy czekać na wezwanie numeru"
    office.call(call(1, language="en"))
    qtbot.waitUntil(lambda: screen.number == "P001")
    assert (screen.announced, screen.face.called.second) == ([1], "counter")
    assert screen.face.called.lit


def test_calls_made_together_are_announced_in_order(qtbot, office, screens):
    screen = screens()
    for number in (1, 2, 3, 4):
        office.call(call(number))
    qtbot.waitUntil(lambda: len(screen.announced) >= 4)
    assert screen.announced == [1, 2, 3, 4]


def test_a_server_that_comes_later_is_found(qtbot, office, screens):
    office.server.stop()
    screen = screens()
    assert screen.face.rest[0] == "Łączymy się z systemem"
    qtbot.waitUntil(lambda: bool(screen.face.sign))
    office.call(call(1))
    office.server.start()
    qtbot.waitUntil(lambda: screen.number == "P001" and not screen.face.sign)
    assert screen.announced == [1]


def test_nothing_is_missed_or_told_twice_over_a_restart_of_the_server(qtbot, office, screens):
    screen = screens()
    office.call(call(1))
    qtbot.waitUntil(lambda: screen.number == "P001")
    office.server.stop()
    qtbot.waitUntil(lambda: bool(screen.face.sign))
    assert screen.number == "P001"
    office.call(call(2))
    office.server.start()
    office.call(call(3))
    qtbot.waitUntil(lambda: screen.number == "P003" and not screen.face.sign)
    assert screen.announced == [1, 2, 3]


def test_a_server_that_lost_its_feed_is_followed_from_a_new_snapshot(qtbot, office, screens):
    screen = screens()
    office.call(call(1))
    qtbot.waitUntil(lambda: screen.number == "P001")
    office.is_stream_gone = True
    office.call(call(2), is_told=False)
    office.server.stop()
    office.server.start()
    qtbot.waitUntil(lambda: screen.number == "P002")
    assert screen.announced == [1, 2]


def test_a_restarted_board_shows_the_call_in_silence(qtbot, office, screens):
    first = screens()
    office.call(call(1))
    qtbot.waitUntil(lambda: first.announced == [1])
    first.presenter.stop()
    office.call(call(2))
    second = screens()
    qtbot.waitUntil(lambda: second.number == "P002")
    assert second.announced == [2]
    assert [row.number for row in second.face.rows] == ["P002", "P001"]
    second.presenter.stop()
    third = screens()
    qtbot.waitUntil(lambda: third.number == "P002")
    assert third.announced == []
    assert not third.face.called.lit


def test_a_call_changes_the_line_without_a_look(qtbot, office, screens):
    office.waiting = [(["P001", "P002"], 2)]
    screen = screens()
    qtbot.waitUntil(lambda: bool(screen.face and screen.face.waiting))
    office.waiting = [(["P001", "P002"], 9)]
    office.call(call(1))
    qtbot.waitUntil(lambda: screen.announced == [1])
    assert (screen.face.waiting[0].numbers, screen.face.waiting[0].total) == (("P002",), 1)


def test_a_ticket_that_comes_back_into_a_line_lets_the_board_look_again(qtbot, office, screens):
    screen = screens()
    qtbot.waitUntil(lambda: office.looks >= 1)
    office.call(call(1))
    office.waiting = [(["P001", "P002"], 9)]
    office.called[-1] = office.called[-1].model_copy(update={"active": False})
    office.called.append(call(2))
    office.feed.add(2, "ticket.put_back", fact(call(1)))
    qtbot.waitUntil(lambda: bool(screen.face.waiting))
    assert screen.face.waiting[0].total == 9


def test_a_refused_board_says_so_and_goes_on_asking(qtbot, office, screens, monkeypatch):
    monkeypatch.setattr(presenter_module, "REFUSED_AGAIN_MS", 20)
    answer, refusals = office.server.answer, []

    def refuse(exchange):
        refusals.append(exchange.path)
        exchange.reply(401, {"title": "Who is this?", "status": 401, "reason": "unknown_token"})

    office.server.answer = refuse
    screen = screens()
    qtbot.waitUntil(lambda: bool(screen.face.sign) and len(refusals) > 1)
    office.server.answer = answer
    qtbot.waitUntil(lambda: screen.face.sign == "")


def test_a_stopped_board_is_silent(qtbot, office, screens):
    screen = screens()
    qtbot.waitUntil(lambda: office.looks >= 1)
    screen.presenter.stop()
    screen.face = None
    office.call(call(1))
    qtbot.wait(60)
    assert (screen.face, screen.announced) == (None, [])
