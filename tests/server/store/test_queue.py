"""The line's index look-ups: the heads give whom ranking everybody gives, and the counts are the true ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from server.domain.queue import order
from server.domain.queue.order import CallPolicy, CounterRules, LineTicket
from server.domain.queue.tickets import TicketId
from server.services.queue.views.board import in_order
from server.store.queries import queue as line_rows
from server.store.tables import Counter, Ticket
from tests.examples import examples
from tests.server.movable_clock import TEN
from tests.server.sample_office import SampleOffice

POLICY = CallPolicy()
RULES = CounterRules(POLICY)
MINUTES = st.integers(-70, 70)


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """Draw somebody who waits."""
    queued = TEN + timedelta(minutes=draw(st.integers(-70, 0)))
    booked = draw(st.none() | MINUTES)
    return {
        "queued_at": queued,
        "appointment_at": None if booked is None else TEN + timedelta(minutes=booked),
        "priority": draw(st.sampled_from([None, None, "elderly"])),
        "urgent_since": queued if draw(st.integers(0, 9)) == 0 else None,
        "service": draw(st.sampled_from("PPPNL")),
        "for_counter": draw(st.sampled_from([None, None, None, None, 7, 8])),
        "status": draw(st.sampled_from(["waiting"] * 5 + ["parked", "finished"])),
    }


def write(session: Session, office: SampleOffice, crowd: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write the crowd as rows, in the order of issue, and return them with their ids."""
    session.execute(delete(Ticket))
    context = office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    rows = []
    for ordinal, person in enumerate(crowd, 1):
        service = branch.services[person["service"]]
        counter = branch.counters.get(person["for_counter"] or 0)
        placed = seen(person | {"service_id": service.id, "id": ordinal})
        rows.append(
            {
                **{
                    name: person[name] for name in ("queued_at", "appointment_at", "priority", "urgent_since")
                },
                **{"id": ordinal, "branch_id": branch.id, "hall_id": branch.halls["A"].id, "call_count": 0},
                **{"service_id": service.id, "day": TEN.date(), "series": "P", "ordinal": ordinal},
                **{"number": f"P{ordinal:03d}", "status": person["status"], "language": "pl"},
                **{"issued_at": person["queued_at"], "for_counter_id": counter.id if counter else None},
                **{"lane": str(order.lane_of(placed)), "lane_at": order.lane_at(placed)},
            }
        )
    if rows:
        session.execute(insert(Ticket), rows)
    return rows


def seen(row: dict[str, Any]) -> LineTicket:
    """See a row as the order does."""
    return LineTicket(
        TicketId(row["id"]),
        row["service_id"],
        row["queued_at"],
        row["appointment_at"],
        row["priority"] is not None,
        row["urgent_since"],
        "pl",
    )


def waiting(
    rows: Sequence[dict[str, Any]], services: Sequence[int], counter_id: int | None
) -> list[LineTicket]:
    """List who waits for a counter: its services' lines, and who was sent to it."""
    return [
        seen(row)
        for row in rows
        if row["status"] == "waiting"
        and (
            (row["for_counter_id"] is None and row["service_id"] in services)
            or (counter_id is not None and row["for_counter_id"] == counter_id)
        )
    ]


def drawn(count: int) -> Any:
    """Set how many crowds are drawn."""
    return settings(max_examples=examples(count), database=None)


CROWD = st.lists(people(), max_size=25)
LATER = st.integers(0, 60).map(lambda minutes: TEN + timedelta(minutes=minutes))


def test_the_heads_give_whom_ranking_everybody_gives(office: SampleOffice) -> None:
    counter = _counter(office, 7)

    @drawn(60)
    @given(crowd=CROWD, now=LATER, since=st.none() | st.integers(0, 2))
    def compare(crowd: list[dict[str, Any]], now: datetime, since: int | None) -> None:
        rows = office.store.write(lambda session: write(session, office, crowd))
        heads = office.store.read(lambda s: line_rows.heads(s, counter.service_ids, counter.id))
        everybody = waiting(rows, counter.service_ids, counter.id)
        assert order.choose(heads, now, RULES, since) == order.choose(everybody, now, RULES, since)
        assert len(heads) <= 6 * len(counter.service_ids) + sum(
            row["for_counter_id"] == counter.id for row in rows
        )

    compare()


def test_passing_over_those_who_are_held_gives_the_next_ones(office: SampleOffice) -> None:
    counter = _counter(office, 7)

    @drawn(30)
    @given(crowd=CROWD, now=LATER)
    def compare(crowd: list[dict[str, Any]], now: datetime) -> None:
        rows = office.store.write(lambda session: write(session, office, crowd))
        everybody = waiting(rows, counter.service_ids, counter.id)
        by_rank = sorted(everybody, key=lambda ticket: order.rank(ticket, now, POLICY, True))
        passed: set[int] = set()
        for expected in by_rank[:5]:
            found = office.store.read(
                lambda s: line_rows.heads(s, counter.service_ids, counter.id, 1 + len(passed))
            )
            free = [ticket for ticket in found if ticket.id not in passed]
            assert order.choose(free, now, RULES, None) == expected
            passed.add(expected.id)

    compare()


def test_people_ahead_are_those_who_rank_before(office: SampleOffice) -> None:
    @drawn(60)
    @given(crowd=st.lists(people(), min_size=1, max_size=25), now=LATER, data=st.data())
    def compare(crowd: list[dict[str, Any]], now: datetime, data: st.DataObject) -> None:
        rows = office.store.write(lambda session: write(session, office, crowd))
        mine = seen(data.draw(st.sampled_from(rows)))
        at = order.judged_at(mine, now, POLICY)
        own_rank = order.rank(mine, at, POLICY, True)
        others = waiting(rows, [mine.service_id], None)
        expected = sum(order.rank(other, at, POLICY, True) < own_rank for other in others)
        ranges, on_board = order.ahead(mine, now, POLICY), order.ahead_now(mine, now, POLICY)
        assert office.store.read(lambda s: line_rows.count_ahead(s, mine.service_id, ranges)) == expected
        before = office.store.read(lambda s: line_rows.count_ahead(s, mine.service_id, on_board))
        both = office.store.read(lambda s: line_rows.count_ahead_twice(s, mine.service_id, ranges, on_board))
        assert both == (expected, before)

    compare()


def test_the_list_of_a_counter_is_in_the_order_of_calls(office: SampleOffice) -> None:
    counter = _counter(office, 7)

    @drawn(25)
    @given(crowd=CROWD)
    def compare(crowd: list[dict[str, Any]]) -> None:
        rows = office.store.write(lambda session: write(session, office, crowd))
        context = office.runtime.context()
        shown = office.store.read(lambda s: in_order(s, context, RULES, counter.service_ids, counter.id, 60))
        everybody = waiting(rows, counter.service_ids, counter.id)
        assert {ticket.id for ticket in shown} == {ticket.id for ticket in everybody}
        first = order.choose(everybody, context.now, RULES, None)
        assert (shown[0] if shown else None) == first

    compare()


def test_waiting_by_service_counts_who_waits(office: SampleOffice) -> None:
    for service in "PPN":
        office.walk_in(service)
    service_ids = _counter(office, 7).service_ids
    counts = office.store.read(lambda session: line_rows.waiting_by_service(session, service_ids))
    assert counts == {office.service_id("P"): 2, office.service_id("N"): 1}


def _counter(office: SampleOffice, number: int) -> Any:
    row = office.rows(Counter, Counter.number == number)[0]
    return office.runtime.context().office.counters[row.id]
