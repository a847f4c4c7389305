"""Why somebody was called before somebody else: every kind of reason, and none that the calling order denies."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.queue.order import CallPolicy, CounterRules, LineTicket, choose
from server.domain.queue.reasons import Reason, why
from server.domain.queue.tickets import TicketId

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
POLICY = CallPolicy()


def ticket(
    number: int,
    queued: float,
    *,
    booked: float | None = None,
    priority: bool = False,
    urgent: float | None = None,
) -> LineTicket:
    """A ticket by minutes from noon."""

    def at(minutes: float | None) -> datetime | None:
        return None if minutes is None else NOON + timedelta(minutes=minutes)

    since = NOON + timedelta(minutes=queued)
    return LineTicket(TicketId(number), 1, since, at(booked), priority, at(urgent))


MINE = ticket(5, -20)


@pytest.mark.parametrize(
    ("mine", "other", "reason"),
    [
        (MINE, ticket(9, -2, urgent=-1), Reason.URGENT),
        (MINE, ticket(9, -2, priority=True), Reason.PRIORITY),
        (ticket(5, -20, priority=True), ticket(9, -2), Reason.SHARE),
        (MINE, ticket(9, -2, booked=0), Reason.BOOKED),
        (MINE, ticket(4, -21), Reason.LONGER),
        (ticket(5, -20, booked=0), ticket(4, -21, booked=-5), Reason.BOOKED),
        (ticket(5, -20, booked=60), ticket(9, -2), Reason.YOU_ARE_EARLY),
        (ticket(5, -20, booked=0), ticket(1, -500), Reason.LONGER),
        (ticket(5, -20, priority=True), ticket(4, -21, priority=True), Reason.LONGER),
        (MINE, ticket(9, -2), Reason.COUNTER),
    ],
)
def test_each_reason_is_told(mine: LineTicket, other: LineTicket, reason: Reason) -> None:
    assert why(mine, other, NOON, POLICY) is reason


def test_who_was_made_urgent_only_later_was_not_called_for_that() -> None:
    assert why(MINE, ticket(4, -21, urgent=5), NOON, POLICY) is not Reason.URGENT


def test_decisions_of_people_come_before_every_rule() -> None:
    other = ticket(9, -2, urgent=-1)
    assert why(MINE, other, NOON, POLICY, out_of_order=True) is Reason.STAFF
    assert why(MINE, ticket(9, -2), NOON, POLICY, sent_to_counter=True) is Reason.SENT


def test_what_the_order_of_one_line_calls_first_never_needs_a_counters_own_rules() -> None:
    dice = random.Random(7)
    told = set()
    for _ in range(4_000):
        line = [
            ticket(
                number,
                -dice.randint(0, 200),
                booked=dice.choice([None, dice.randint(-60, 90)]),
                priority=dice.random() < 0.2,
                urgent=-1 if dice.random() < 0.1 else None,
            )
            for number in (1, 2)
        ]
        share = dice.choice([None, 0])
        first = choose(line, NOON, CounterRules(policy=POLICY), share)
        assert first is not None
        mine = line[1] if first is line[0] else line[0]
        told.add(reason := why(mine, first, NOON, POLICY))
        assert reason not in (Reason.STAFF, Reason.SENT, Reason.COUNTER), (mine, first)
    assert told == set(Reason) - {Reason.STAFF, Reason.SENT, Reason.COUNTER, Reason.PAUSED}


def test_who_asked_for_more_time_is_told_so_and_only_of_those_who_stood_behind() -> None:
    behind, before = ticket(9, -2), ticket(8, -60)
    mine = ticket(1, -30)
    assert why(mine, behind, NOON, POLICY, paused=True) is Reason.PAUSED
    assert why(mine, before, NOON, POLICY, paused=True) is Reason.LONGER
    assert why(mine, ticket(9, -2, urgent=-1), NOON, POLICY, paused=True) is Reason.URGENT
