"""The story's second part: a clerk at counter 7, and what the board makes of it."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from counter_client.state import Panel
from deploy.demo.asking import fetch_page
from deploy.demo.offscreen.phone import has_browser
from deploy.demo.offscreen.record import Record
from deploy.demo.offscreen.stage import Stage
from deploy.demo.offscreen.waiting import NotSeen, until
from wire.vocabulary import TicketStatus

CONTROL = Qt.KeyboardModifier.ControlModifier


def signs_in(stage: Stage, record: Record) -> None:
    """The clerk signs in at counter 7 and sees who waits."""
    counter = stage.counter
    until(lambda: counter.desk.connected, "the counter's server")
    record.picture(counter.window, "counter-sign-in")
    counter.sign_in(stage.folder.clerk())
    until(lambda: len(counter.desk.rows) >= 4, "the counter lists who waits")
    record.picture(counter.window, "counter-people-wait")


def calls(stage: Stage, record: Record) -> None:
    """F8 calls the next number: the board shows it huge, chimes and reads it aloud."""
    counter, board = stage.counter, stage.board
    counter.press(Qt.Key.Key_F8)
    pressed = time.perf_counter()
    until(lambda: board.announced, "the board announces the call")
    took = (time.perf_counter() - pressed) * 1000
    until(lambda: counter.number, "the counter has the number in hand")
    record.say(f"F8 -> {counter.number} on the board with its chime: {took:.0f} ms")
    if board.shown() != counter.number:
        raise NotSeen(f"the board shows {counter.number}, not {board.shown()}")
    record.picture(board.view, "board-call")
    until(board.heard, "the board reads the call aloud")
    said = board.heard()[0]
    record.sound(board.spoken / said["file"], "board-call")
    record.say(f"the board says: {said['text']} ({said['seconds']:.1f} s)")
    record.picture(counter.window, "counter-called")
    counter.press(Qt.Key.Key_F9)
    until(lambda: len(board.announced) == 2, "the board announces the repeated call", 12)
    record.say(f"F9 -> {counter.number} announced a second time")


def serves(stage: Stage, record: Record) -> None:
    """F8 starts; then finish and next in one key, until a visitor with a reservation is called."""
    counter = stage.counter
    for _ in range(8):
        counter.press(Qt.Key.Key_F8)
        until(lambda: _status(stage) is TicketStatus.SERVING, "serving has started")
        if counter.desk.current and counter.desk.current.reservation:
            return
        record.say(f"F8 -> {counter.number} finished, {_next(stage)} called")
    raise NotSeen("a visitor with a reservation is called")


def verifies(stage: Stage, record: Record) -> None:
    """The clerk compares the confirmation: a wrong one is told, the right one verified."""
    counter = stage.counter
    ticket = counter.desk.current
    right = ticket.reservation.code if ticket and ticket.reservation else None
    other = next(each["code"] for each in stage.folder.admitted("P")[5:] if each["code"] != right)
    _scan_confirmation(stage, other)
    until(lambda: counter.desk.verify.value == "mismatch", "the confirmation of somebody else is told")
    record.picture(counter.window, "counter-confirmation-of-another")
    _scan_confirmation(stage, str(right))
    until(lambda: _is_verified(stage), "the confirmation is verified")
    until(lambda: counter.desk.is_ready, "the counter is ready")
    record.say(f"confirmation of {counter.number} verified")
    record.picture(counter.window, "counter-serving-verified")
    counter.press(Qt.Key.Key_F1)
    until(lambda: counter.desk.dialog, "the counter's keys")
    record.picture(counter.window, "counter-keys")
    QTest.keyClick(counter.window, Qt.Key.Key_Escape)
    until(lambda: counter.desk.dialog is None, "the counter's keys are gone")


def sorts_out(stage: Stage, record: Record) -> None:
    """Finish with an outcome, no-show, park, the parked one again, transfer, put back; and the mini-bar."""
    counter = stage.counter
    counter.press(Qt.Key.Key_F10)
    until(lambda: counter.desk.dialog, "the counter asks for the outcome")
    record.picture(counter.window, "counter-outcome")
    counter.choose(1)
    until(lambda: not counter.number, "the ticket is finished")
    missed = _call(stage)
    for _ in range(2):
        counter.press(Qt.Key.Key_F9)
    counter.press(Qt.Key.Key_F11)
    until(lambda: not counter.number and counter.desk.is_ready, f"{missed} did not come")
    parked = _call(stage)
    counter.press(Qt.Key.Key_F12)
    until(lambda: not counter.number and counter.desk.is_ready, f"{parked} is parked")
    counter.press(Qt.Key.Key_F6)
    until(lambda: counter.desk.panel is Panel.PARKED and counter.desk.rows, "the parked tickets")
    record.picture(counter.window, "counter-parked")
    counter.pick(parked)
    until(lambda: counter.number == parked, f"{parked} is called again")
    counter.press(Qt.Key.Key_F8)
    until(lambda: _status(stage) is TicketStatus.SERVING, "serving has started")
    counter.press(Qt.Key.Key_F12, CONTROL)
    until(lambda: counter.desk.dialog, "the counter asks where to")
    record.picture(counter.window, "counter-transfer")
    counter.choose(1)
    until(lambda: not counter.number, f"{parked} is transferred")
    record.say(f"{missed} did not come; {parked} parked, called again, served and transferred")
    QTest.keyClick(counter.window, Qt.Key.Key_M, CONTROL)
    until(lambda: counter.shell.mini.isVisible(), "the mini-bar")
    record.picture(counter.shell.mini, "counter-mini-bar")
    QTest.keyClick(counter.shell.mini, Qt.Key.Key_M, CONTROL)
    until(lambda: counter.window.isVisible(), "the large window")


def follows(stage: Stage, record: Record) -> None:
    """The visitor's phone shows the place in the line: the page behind the slip's QR."""
    status, answer = stage.kiosk_asks("/api/v1/tickets", {"service": "T", "language": "en"})
    if status != 201:
        raise NotSeen(f"a ticket for the phone, not {status}")
    ticket = answer["ticket"]
    page = fetch_page(ticket["track_url"])
    if ticket["number"] not in page:
        raise NotSeen(f"the phone page shows {ticket['number']}")
    record.text(f"phone-{ticket['number']}.html", page)
    record.say(f"the phone page of {ticket['number']} shows its place in the line")
    if has_browser():
        record.page(stage.phone.open(ticket["track_url"]), "phone")


def _next(stage: Stage) -> str:
    counter, before = stage.counter, stage.counter.number
    counter.press(Qt.Key.Key_F8)
    until(lambda: _status(stage) is TicketStatus.CALLED and counter.number != before, "the next is called")
    return counter.number


def _call(stage: Stage) -> str:
    counter = stage.counter
    counter.press(Qt.Key.Key_F8)
    until(lambda: counter.number, "the next is called")
    return counter.number


def _scan_confirmation(stage: Stage, code: str) -> None:
    counter = stage.counter
    until(lambda: counter.desk.is_ready, "the counter is ready")
    QTest.keyClick(counter.window, Qt.Key.Key_F7)
    field = counter.shell.window.card.verify.field
    QTest.keyClicks(field, code)
    QTest.keyClick(field, Qt.Key.Key_Return)


def _is_verified(stage: Stage) -> bool:
    ticket = stage.counter.desk.current
    return bool(ticket and ticket.reservation and ticket.reservation.confirmation_verified)


def _status(stage: Stage) -> TicketStatus | None:
    ticket = stage.counter.desk.current
    return ticket.status if ticket else None
