"""The line to the server is cut in the middle of everything: visitors have numbers, and the line is right."""

from __future__ import annotations

import time

from deploy.demo.offscreen.waiting import until
from kiosk.alone.standby import Standby
from kiosk.visit.screens import SlipState, Start, TicketShown
from tests.journeys.conftest import Hall
from tests.journeys.test_late_numbers import COUNTER, PATIENCE_S, standing_still, waiting


def standby_of(hall: Hall) -> Standby:
    """Have the kiosk at its start with its list; return what keeps it ready."""
    hall.ready_kiosk()
    until(lambda: hall.desk_alone().is_open, "the kiosk's list", PATIENCE_S)
    standby = hall.kiosk.running.presenter._standby
    assert standby is not None
    return standby


def take(hall: Hall, code: str) -> str:
    """Show a code, and take the paper; return the number."""
    hall.kiosk.enter_code(code)
    hall.kiosk.until_shows(TicketShown, PATIENCE_S)
    until(lambda: hall.slip_is(SlipState.PRINTED), "the slip printed", PATIENCE_S)
    number = hall.ticket().number
    hall.kiosk.go_home()
    return number


def test_who_comes_while_the_server_is_down_is_in_line_when_it_is_back(hall: Hall) -> None:
    standby, kiosk, visitor = standby_of(hall), hall.kiosk, hall.visitor("P")
    before = waiting(hall, hall.clerk_at(COUNTER))
    hall.kill_server()
    until(lambda: kiosk.screen.around.alone, "the kiosk goes on alone", PATIENCE_S)
    assert isinstance(kiosk.screen, Start)
    number = take(hall, visitor["code"])
    assert number == "PX01"
    assert take(hall, visitor["code"]) == number, "a copy of the same number"
    assert standby.unsent == 1
    hall.restart_server()
    until(lambda: standby.unsent == 0, "the entry is with the server", PATIENCE_S)
    until(lambda: not kiosk.screen.around.alone, "the kiosk is back", PATIENCE_S)
    assert waiting(hall, hall.clerk_at(COUNTER)).keys() - before.keys() == {number}
    assert take(hall, visitor["code"]) == number, "now the server tells it"


def test_a_number_that_the_server_gave_unheard_gives_way_to_the_paper(hall: Hall) -> None:
    standby, visitor, clerk = standby_of(hall), hall.visitor("P"), hall.clerk_at(COUNTER)
    before = waiting(hall, clerk)
    with standing_still(hall):
        number = take(hall, visitor["code"])
        assert number.startswith("PX")
        (entry,) = standby.journal.pending()
        assert entry.made.unanswered
    # Qt's events do not run here: the server carries out what it was asked, unheard.
    deadline = time.monotonic() + PATIENCE_S
    while not (new := waiting(hall, clerk).keys() - before.keys()):
        assert time.monotonic() < deadline, "the server gave no number"
        time.sleep(0.05)
    assert new != {number}
    until(lambda: standby.unsent == 0, "the entry is with the server", PATIENCE_S)
    assert waiting(hall, clerk).keys() - before.keys() == {number}, "one visitor, one place in line"
