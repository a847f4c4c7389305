"""The server stands still in the middle of a check-in, and its number comes when nobody stands there any more."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.demo.offscreen.waiting import until
from kiosk.visit.events import Press
from kiosk.visit.screens import OutOfOrder, SlipState, TicketShown
from tests.journeys.conftest import Hall

COUNTER = 7
PATIENCE_S = 40


@contextmanager
def standing_still(hall: Hall) -> Iterator[None]:
    """Stop the server as a machine without memory does, and let it go on."""
    os.killpg(hall.server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(hall.server.process.pid, signal.SIGCONT)


def waiting(hall: Hall, clerk: str) -> dict[str, bool]:
    """Read who waits at the counter, and whether each is marked as not handed over."""
    status, shown = hall.ask("GET", f"/api/v1/counters/{COUNTER}", clerk)
    assert status == 200, shown
    return {row["number"]: row["not_handed_over"] for row in shown["waiting"]}


def test_a_number_that_came_too_late_is_marked_and_handed_over_at_the_next_scan(hall: Hall) -> None:
    hall.ready_kiosk()
    kiosk, visitor, clerk = hall.kiosk, hall.visitor("P"), hall.clerk_at(COUNTER)
    before = waiting(hall, clerk)
    hall.without_list()
    with standing_still(hall):
        kiosk.enter_code(visitor["code"])
        kiosk.until_shows(OutOfOrder, PATIENCE_S)
        kiosk._until_heard()
        until(lambda: kiosk.running.presenter._asking._sendings, "the kiosk asks on", PATIENCE_S)
    # Qt's events do not run here: the server gives a number, and the kiosk hears nothing of it.
    deadline = time.monotonic() + PATIENCE_S
    while not (new := waiting(hall, clerk).keys() - before.keys()):
        assert time.monotonic() < deadline, "the server gave no number"
        time.sleep(0.05)
    (number,) = new
    assert waiting(hall, clerk)[number] is False
    kiosk.running.presenter.happened(Press.HOME)
    until(lambda: waiting(hall, clerk)[number], f"{number} is marked for clerks", PATIENCE_S)
    hall.ready_kiosk()
    for is_copy in (False, True):
        kiosk.enter_code(visitor["code"])
        kiosk.until_shows(TicketShown, PATIENCE_S)
        assert (hall.ticket().number, kiosk.screen.repeat) == (number, is_copy)
        until(lambda: hall.slip_is(SlipState.PRINTED), "the slip printed", PATIENCE_S)
        assert waiting(hall, clerk)[number] is False
        kiosk.go_home()
