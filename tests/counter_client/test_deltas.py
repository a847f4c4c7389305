"""The counter's lists after one fact, row by row; None wherever only the server can tell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from counter_client.deltas import after_fact
from tests.counter_client.samples import NOW, row, snapshot
from wire.messages import CallingOrder, CounterSnapshot, FactData, WaitingTicket
from wire.vocabulary import CounterState, Priority, TicketAction

ORDER = CallingOrder(lead_seconds=900, overdue_seconds=600, maximum_wait_seconds=1800)
SOON = NOW + timedelta(seconds=1)


def line(*rows: WaitingTicket, total: int | None = None, **changes: Any) -> CounterSnapshot:
    """Make a counter before which these wait."""
    facts: dict[str, Any] = {"waiting": list(rows), "waiting_total": len(rows) if total is None else total}
    return snapshot(**(facts | {"order": ORDER} | changes))


def long_line(listed: int, total: int) -> CounterSnapshot:
    return line(*(row(1000 + place, "P", 20) for place in range(listed)), total=total)


def newcomer(**changes: Any) -> FactData:
    """Make the fact of a walk-in ticket that is issued just after the snapshot."""
    facts: dict[str, Any] = {"at": SOON, "ticket": 99, "number": "P099", "service": "P", "lane": "walk_in"}
    return FactData(**(facts | changes))


def ids(found: CounterSnapshot | None) -> list[int]:
    assert found is not None
    return [each.id for each in found.waiting]


def test_a_fact_that_the_snapshot_counts_already_changes_nothing() -> None:
    before = line()
    assert after_fact(before, 100, "ticket.issued", newcomer()) is before
    after = after_fact(before, 101, "ticket.issued", newcomer())
    assert after is not None
    assert (after.as_of, after.waiting_total) == (101, 1)


def test_the_place_of_a_number_that_a_kiosk_gave_alone_is_the_servers_to_tell() -> None:
    assert after_fact(line(), 101, "ticket.issued", newcomer(offline=NOW - timedelta(minutes=20))) is None


def test_a_newcomer_stands_in_the_line_with_all_that_a_row_shows() -> None:
    at = NOW + timedelta(hours=1)
    after = after_fact(line(), 101, "ticket.issued", newcomer(lane="booked", appointment_at=at))
    assert after is not None
    assert after.waiting == [
        WaitingTicket(
            id=99,
            number="P099",
            service="P",
            appointment_at=at,
            queued_at=SOON,
            actions=[TicketAction.CALL, TicketAction.WITHDRAW],
        )
    ]


@pytest.mark.parametrize(
    ("minutes", "walk_in_minutes", "order"),
    [
        (None, 5, [1, 99]),
        (10, 5, [99, 1]),
        (15, 5, [99, 1]),
        (15.25, 5, [1, 99]),
        (10, 29, [99, 1]),
        (10, 30, [1, 99]),
        (-9, 30, [1, 99]),
        (-10, 30, [99, 1]),
        (-9, 29, [99, 1]),
    ],
)
def test_a_newcomer_stands_where_the_order_puts_them(
    minutes: float | None, walk_in_minutes: float, order: list[int]
) -> None:
    """Overdue by ten minutes, waiting for half an hour, due within a quarter, walk-in, later: in this order."""
    waits = row(1, "P", 0, queued_at=SOON - timedelta(minutes=walk_in_minutes))
    at = None if minutes is None else SOON + timedelta(minutes=minutes)
    told = newcomer(appointment_at=at, lane="walk_in" if at is None else "booked")
    assert ids(after_fact(line(waits), 101, "ticket.issued", told)) == order


def test_who_has_waited_too_long_stands_before_all_who_are_due() -> None:
    order = CallingOrder(lead_seconds=900, overdue_seconds=1200, maximum_wait_seconds=300)
    waits = row(1, "P", 0, queued_at=SOON - timedelta(minutes=5))
    told = newcomer(appointment_at=SOON - timedelta(minutes=15), lane="booked")
    assert ids(after_fact(line(waits, order=order), 101, "ticket.issued", told)) == [1, 99]


def test_equal_places_are_by_the_hour_and_then_by_the_ticket() -> None:
    due = NOW + timedelta(minutes=5)
    rows = (row(200, "P", 1, appointment_at=due), row(50, "P", 1, appointment_at=due + timedelta(minutes=1)))
    told = newcomer(appointment_at=due, lane="booked")
    assert ids(after_fact(line(*rows), 101, "ticket.issued", told)) == [99, 200, 50]


def test_who_has_priority_stands_before_all_others() -> None:
    first = row(1, "P", 1, priority=Priority.DISABILITY)
    told = newcomer(appointment_at=NOW - timedelta(minutes=30), lane="booked")
    assert ids(after_fact(line(first), 101, "ticket.issued", told)) == [1, 99]


def test_who_was_made_urgent_stays_before_all_others() -> None:
    urgent = [
        row(which, "P", 5, urgent_since=NOW - timedelta(minutes=ago)) for which, ago in ((3, 2), (4, 1))
    ]
    with_priority = row(2, "P", 20, priority=Priority.DISABILITY)
    after = after_fact(line(*urgent, with_priority, row(1, "P", 50)), 101, "ticket.issued", newcomer())
    assert ids(after) == [3, 4, 2, 1, 99]


@pytest.mark.parametrize("missing", ["ticket", "number", "service"])
def test_the_server_is_asked_about_a_newcomer_who_is_told_by_half(missing: str) -> None:
    assert after_fact(line(), 101, "ticket.issued", newcomer(**{missing: None})) is None


@pytest.mark.parametrize("lane", ["priority", None])
def test_the_server_is_asked_about_a_newcomer_of_another_lane(lane: str | None) -> None:
    assert after_fact(line(), 101, "ticket.issued", newcomer(lane=lane)) is None


def test_the_server_is_asked_where_the_order_is_not_known() -> None:
    assert after_fact(line(order=None), 101, "ticket.issued", newcomer()) is None


def test_a_newcomer_of_another_service_or_who_stands_there_already_changes_no_list() -> None:
    before = line(row(99, "P", 0))
    for told in (newcomer(service="X", number="X001", ticket=1), newcomer()):
        after = after_fact(before, 101, "ticket.issued", told)
        assert after == before.model_copy(update={"as_of": 101})


@pytest.mark.parametrize(
    ("listed", "total", "at", "is_told"),
    [
        (59, 59, NOW, True),
        (60, 60, NOW, False),
        (60, 60, SOON, True),
        (60, 80, NOW, False),
        (60, 80, SOON, True),
        (40, 80, NOW, False),
    ],
)
def test_of_a_line_longer_than_is_shown_only_a_later_newcomer_is_told(
    listed: int, total: int, at: Any, is_told: bool
) -> None:
    after = after_fact(long_line(listed, total), 101, "ticket.issued", newcomer(at=at))
    assert (after is not None) is is_told
    if after is not None:
        assert after.waiting_total == total + 1


@pytest.mark.parametrize(("listed", "total", "shown"), [(59, 59, 60), (60, 60, 60), (40, 80, 40)])
def test_the_last_of_a_long_line_is_counted_and_listed_while_there_is_room(
    listed: int, total: int, shown: int
) -> None:
    after = after_fact(long_line(listed, total), 101, "ticket.issued", newcomer())
    assert len(ids(after)) == shown
    assert (ids(after)[-1] == 99) is (shown > listed)


def test_the_first_of_a_long_line_is_listed_and_sixty_are_shown() -> None:
    told = newcomer(appointment_at=NOW, lane="booked")
    after = after_fact(long_line(60, 80), 101, "ticket.issued", told)
    assert (ids(after)[0], len(ids(after))) == (99, 60)


@pytest.mark.parametrize("kind", ["ticket.called", "ticket.withdrawn"])
def test_who_goes_leaves_the_line_or_the_parked(kind: str) -> None:
    before = line(row(1, "P", 3), row(2, "P", 2), parked=[row(3, "P", 9), row(4, "P", 8)])
    after = after_fact(before, 101, kind, FactData(at=SOON, ticket=1, counter=8))
    assert after is not None
    assert (ids(after), after.waiting_total, [each.id for each in after.parked]) == ([2], 1, [3, 4])
    after = after_fact(before, 101, kind, FactData(at=SOON, ticket=3, counter=8))
    assert after is not None
    assert (ids(after), after.waiting_total, [each.id for each in after.parked]) == ([1, 2], 2, [4])


@pytest.mark.parametrize(
    ("listed", "total", "is_told"),
    [(5, 5, True), (59, 59, True), (31, 80, True), (30, 80, False), (30, 60, False), (60, 60, True)],
)
def test_a_list_that_grows_too_short_for_a_long_line_is_asked_for(
    listed: int, total: int, is_told: bool
) -> None:
    gone = FactData(at=SOON, ticket=1000, counter=8)
    after = after_fact(long_line(listed, total), 101, "ticket.called", gone)
    assert (after is not None) is is_told
    if after is not None:
        assert (len(ids(after)), after.waiting_total) == (listed - 1, total - 1)


def test_who_is_not_listed_may_stand_behind_those_of_a_long_line() -> None:
    gone = FactData(at=SOON, ticket=7, counter=8)
    assert after_fact(long_line(60, 80), 101, "ticket.called", gone) is None
    whole = long_line(20, 20)
    assert after_fact(whole, 101, "ticket.called", gone) == whole.model_copy(update={"as_of": 101})


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("counter.opened", CounterState.OPEN),
        ("counter.paused", CounterState.PAUSED),
        ("counter.closed", CounterState.CLOSED),
        ("clerk.signed_out", CounterState.CLOSED),
    ],
)
def test_another_counter_changes_its_state_alone(kind: str, state: CounterState) -> None:
    after = after_fact(line(), 101, kind, FactData(at=SOON, counter=12))
    assert after is not None
    assert [(each.number, each.state) for each in after.transfer_counters] == [
        (5, CounterState.OPEN),
        (12, state),
    ]


@pytest.mark.parametrize("kind", ["ticket.recalled", "ticket.started", "clerk.signed_in"])
def test_what_happens_elsewhere_changes_nothing_and_here_it_is_asked_for(kind: str) -> None:
    before = line()
    elsewhere = after_fact(before, 101, kind, FactData(at=SOON, counter=8))
    assert elsewhere == before.model_copy(update={"as_of": 101})
    assert after_fact(before, 101, kind, FactData(at=SOON, counter=before.number)) is None
    assert after_fact(before, 101, "ticket.put_back", FactData(at=SOON, counter=8)) is None
