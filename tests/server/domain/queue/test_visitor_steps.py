"""A visitor's own steps: the whole table, a pause once a ticket, *I am here* only where it means something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.queue.tickets import NotAllowed
from server.domain.queue.visitor_steps import (
    TRANSITIONS,
    Own,
    VisitorPolicy,
    VisitorStep,
    next_status,
    offered,
)
from wire.vocabulary import TicketStatus as Status

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=10)
LEAVE, PAUSE, BACK, HERE = (
    *(VisitorStep.LEAVE, VisitorStep.PAUSE),
    *(VisitorStep.COME_BACK, VisitorStep.ANNOUNCE),
)
USUAL = VisitorPolicy()
ENDED = (Status.SERVING, Status.FINISHED, Status.NO_SHOW, Status.WITHDRAWN)
STATES = {
    "waits": (Own(Status.WAITING), (PAUSE, LEAVE)),
    "waits after a pause": (Own(Status.WAITING, paused_until=NOON), (LEAVE,)),
    "waits after a missed call": (Own(Status.WAITING, came_back_at=NOON), (PAUSE, LEAVE, HERE)),
    "waits and said it": (Own(Status.WAITING, came_back_at=NOON, announced_at=LATER), (PAUSE, LEAVE)),
    "called": (Own(Status.CALLED, NOON), (HERE,)),
    "called and said it": (Own(Status.CALLED, NOON, announced_at=LATER), ()),
    "called again since": (Own(Status.CALLED, LATER, announced_at=NOON), (HERE,)),
    "paused": (Own(Status.PARKED, paused_until=LATER), (BACK, LEAVE)),
    "set aside by a clerk": (Own(Status.PARKED, NOON), (LEAVE,)),
    "called in a pause, then set aside": (Own(Status.PARKED, NOON, paused_until=LATER), (LEAVE,)),
} | {str(status): (Own(status, NOON), ()) for status in ENDED}


@pytest.mark.parametrize("name", STATES)
def test_in_each_state_these_steps_are_offered_and_no_others(name: str) -> None:
    own, steps = STATES[name]
    assert offered(own, USUAL) == steps
    for step in VisitorStep:
        if step in steps:
            assert next_status(own, step, USUAL) is TRANSITIONS[own.status, step]
        else:
            with pytest.raises(NotAllowed):
                next_status(own, step, USUAL)


def test_an_office_may_offer_neither_a_pause_nor_the_announcement() -> None:
    strict = VisitorPolicy(pause=timedelta(0), announce=False)
    assert offered(Own(Status.WAITING), strict) == (LEAVE,)
    assert offered(Own(Status.CALLED, NOON), strict) == ()
    # Who is in a pause already comes back all the same.
    assert offered(Own(Status.PARKED, paused_until=LATER), strict) == (BACK, LEAVE)
