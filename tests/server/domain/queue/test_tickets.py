"""The ticket's table against the sentence of api.md, its refusals, and its numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.queue.tickets import (
    TRANSITIONS,
    NotAllowed,
    Shown,
    calls_after,
    next_status,
    permitted,
    shown_again,
    ticket_number,
)
from wire.vocabulary import TicketAction as Action
from wire.vocabulary import TicketStatus as Status

API_MD = (
    "waiting → call called, withdraw withdrawn · "
    "called → recall called, start serving, put-back waiting, park parked, no-show no_show, transfer waiting, "
    "withdraw withdrawn · "
    "serving → finish finished, park parked, transfer waiting · "
    "parked → call called, withdraw withdrawn · "
    "no_show → reinstate waiting"
)
SPEC = {
    (Status(status), Action(action)): Status(result)
    for status, steps in (state.split(" → ") for state in API_MD.split(" · "))
    for action, result in (step.split() for step in steps.split(", "))
}
ENOUGH_CALLS = 3


def test_the_table_is_that_of_the_api_in_its_order():
    assert list(TRANSITIONS.items()) == list(SPEC.items())


@pytest.mark.parametrize(("status", "action"), list(product(Status, Action)))
def test_every_step_is_taken_or_refused_with_what_is_permitted(status: Status, action: Action):
    if (status, action) in SPEC:
        assert next_status(status, action, ENOUGH_CALLS, 3) is SPEC[status, action]
        return
    with pytest.raises(NotAllowed) as refused:
        next_status(status, action, ENOUGH_CALLS, 3)
    assert refused.value.status is status
    assert refused.value.action is action
    assert refused.value.permitted == tuple(step for of, step in SPEC if of is status)


@pytest.mark.parametrize(("calls", "may_give_up"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_visitor_is_given_up_only_after_three_calls(calls: int, may_give_up: bool):
    assert (Action.NO_SHOW in permitted(Status.CALLED, calls, no_show_after_calls=3)) is may_give_up
    if not may_give_up:
        with pytest.raises(NotAllowed):
            next_status(Status.CALLED, Action.NO_SHOW, calls, no_show_after_calls=3)


def test_one_call_and_two_recalls_are_three_calls():
    calls = 0
    for action in (Action.CALL, Action.RECALL, Action.RECALL):
        assert Action.NO_SHOW not in permitted(Status.CALLED, calls, no_show_after_calls=3)
        calls = calls_after(action, calls)
    assert Action.NO_SHOW in permitted(Status.CALLED, calls, no_show_after_calls=3)


@pytest.mark.parametrize("action", [Action.PUT_BACK, Action.PARK, Action.TRANSFER, Action.REINSTATE])
def test_who_leaves_the_counter_is_called_anew(action: Action):
    assert calls_after(action, 3) == 0


@pytest.mark.parametrize("action", [Action.START, Action.FINISH, Action.NO_SHOW, Action.WITHDRAW])
def test_other_steps_keep_the_calls_on_record(action: Action):
    assert calls_after(action, 2) == 2


@pytest.mark.parametrize(("ordinal", "number"), [(1, "P001"), (42, "P042"), (999, "P999"), (1000, "P1000")])
def test_numbers_are_read_as_three_digits_and_grow(ordinal: int, number: str):
    assert ticket_number("P", ordinal) == number


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_no_two_ordinals_of_a_series_make_one_number(one: int, other: int):
    assert (ticket_number("P", one) == ticket_number("P", other)) == (one == other)


NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
GRACE = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (Status.FINISHED, Shown.FINISHED),
        (Status.WITHDRAWN, Shown.WITHDRAWN),
        *(
            (status, Shown.REPEAT)
            for status in (Status.WAITING, Status.CALLED, Status.SERVING, Status.PARKED)
        ),
    ],
)
def test_a_code_brings_what_became_of_its_ticket(status: Status, shown: Shown):
    for ended_at in (None, NOW):
        for came_back in (False, True):
            assert shown_again(status, ended_at, NOW, GRACE, came_back=came_back) is shown


@pytest.mark.parametrize(
    ("ago", "grace", "came_back", "shown"),
    [
        (GRACE, GRACE, False, Shown.BACK_IN_LINE),
        (timedelta(0), GRACE, False, Shown.BACK_IN_LINE),
        (GRACE + timedelta.resolution, GRACE, False, Shown.NO_SHOW),
        (GRACE, GRACE, True, Shown.NO_SHOW),
        (timedelta(0), timedelta(0), False, Shown.NO_SHOW),
        (None, GRACE, False, Shown.NO_SHOW),
    ],
)
def test_a_missed_call_is_mended_once_within_the_grace(
    ago: timedelta | None, grace: timedelta, came_back: bool, shown: Shown
):
    ended_at = None if ago is None else NOW - ago
    assert shown_again(Status.NO_SHOW, ended_at, NOW, grace, came_back=came_back) is shown
