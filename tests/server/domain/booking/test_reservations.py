"""The reservation's table: the full cross product of states and steps."""

from __future__ import annotations

from itertools import product

import pytest

from server.domain.booking.reservations import TRANSITIONS, next_status, permitted
from server.domain.queue.tickets import NotAllowed
from wire.vocabulary import ReservationAction as Action
from wire.vocabulary import ReservationStatus as Status

RULES_MD = (
    "held → activate booked, ask pending, lapse lapsed, cancel cancelled · "
    "pending → accept booked, reject rejected, lapse lapsed, cancel cancelled · "
    "booked → check_in checked_in, lapse lapsed, cancel cancelled · lapsed → reinstate booked"
)
SPEC = {
    (Status(status), Action(action)): Status(result)
    for status, steps in (state.split(" → ") for state in RULES_MD.split(" · "))
    for action, result in (step.split() for step in steps.split(", "))
}


def test_the_table_is_that_of_the_rules_in_its_order():
    assert list(TRANSITIONS.items()) == list(SPEC.items())


@pytest.mark.parametrize(("status", "action"), list(product(Status, Action)))
def test_every_step_is_taken_or_refused_with_what_is_permitted(status: Status, action: Action):
    if (status, action) in SPEC:
        assert next_status(status, action) is SPEC[status, action]
        return
    with pytest.raises(NotAllowed) as refused:
        next_status(status, action)
    assert refused.value.permitted == permitted(status) == tuple(step for of, step in SPEC if of is status)


@pytest.mark.parametrize("status", [Status.CHECKED_IN, Status.CANCELLED, Status.REJECTED])
def test_nothing_more_happens_to_what_has_ended(status: Status):
    assert permitted(status) == ()
