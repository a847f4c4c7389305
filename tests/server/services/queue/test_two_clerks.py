"""Two clerks press *next* at once: no ticket to two counters, no two tickets to one; and a control that fails."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.store.queries import queue as line_rows
from server.store.store import Store
from server.store.tables import Counter as CounterRow
from server.store.tables import Ticket
from tests.server.at_once import at_once
from tests.server.sample_office import SampleOffice


def test_two_clerks_never_call_the_same_visitor(office: SampleOffice) -> None:
    for _ in range(40):
        office.walk_in("P")
    clerks = {7: office.clerk(7), 8: office.clerk(8)}

    def work(place: int) -> list[int]:
        number = (7, 8)[place]
        got = []
        for turn in range(20):
            body = {"finish_current": "served"} if turn else {}
            response = clerks[number].post(f"/counters/{number}/call-next", body)
            assert response.status_code == 200, response.text
            ticket = response.get_json()["ticket"]
            clerks[number].post(f"/tickets/{ticket['id']}/start")
            got.append(ticket["id"])
        return got

    seven, eight = at_once(2, work)
    assert Counter(seven + eight).most_common(1)[0][1] == 1
    assert len(seven + eight) == 40


def test_a_clerk_who_clicks_eight_times_at_once_gets_one_visitor(office: SampleOffice) -> None:
    for _ in range(8):
        office.walk_in("P")
    clerk = office.clerk(7)
    answers = at_once(8, lambda _: clerk.post("/counters/7/call-next"))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert {answer.get_json()["reason"] for answer in answers if answer.status_code == 409} == {
        "counter_busy"
    }
    assert len(office.rows(Ticket, Ticket.status == "called")) == 1


def test_two_clerks_who_want_the_same_ticket_by_number_do_not_both_get_it(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    clerks = [office.clerk(7), office.clerk(8)]
    answers = at_once(
        2, lambda place: clerks[place].post(f"/tickets/{ticket['id']}/call", {"reason": "other"})
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


@pytest.mark.parametrize("sent", ["to another service", "to another counter"])
def test_a_visitor_who_is_sent_elsewhere_while_a_clerk_chooses_is_passed_over(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch, sent: str
) -> None:
    first, second = office.walk_in("P"), office.walk_in("P")
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    elsewhere = min({each.id for each in branch.services.values()} - set(branch.counters[7].service_ids))
    values = {"service_id": elsewhere} if "service" in sent else {"for_counter_id": branch.counters[8].id}
    heads = line_rows.heads

    def read_too_early(session: Session, *given: Any) -> Any:
        found = heads(session, *given)
        session.execute(update(Ticket).where(Ticket.id == first["id"]).values(**values))
        return found

    monkeypatch.setattr(line_rows, "heads", read_too_early)
    assert office.clerk(7).post("/counters/7/call-next").get_json()["ticket"]["id"] == second["id"]
    assert office.ticket(first["id"]).status == "waiting"


def test_the_share_of_priority_visitors_holds_for_two_clerks_at_once(office: SampleOffice) -> None:
    for _ in range(2):
        office.clock.set("9:30")
        office.walk_in("P")
    office.clock.set("9:40")
    for _ in range(2):
        office.walk_in("P", priority="elderly")
    office.clock.set("9:50")
    clerks = {7: office.clerk(7), 8: office.clerk(8)}
    answers = at_once(2, lambda place: clerks[7 + place].post(f"/counters/{7 + place}/call-next"))
    called = [answer.get_json()["ticket"] for answer in answers]
    assert sorted(ticket.get("priority", "") for ticket in called) == ["", "elderly"]


def test_control_reading_first_and_writing_later_calls_one_visitor_twice(office: SampleOffice) -> None:
    ticket_id = office.walk_in("P")["id"]
    gate = threading.Barrier(2)

    def work(place: int) -> int:
        chosen: int = office.store.read(
            lambda session: session.execute(select(Ticket.id).where(Ticket.status == "waiting")).scalar_one()
        )
        gate.wait(10)
        counter = (7, 8)[place]
        office.store.write(lambda session: _call_blindly(session, chosen, counter))
        return chosen

    assert at_once(2, work) == [ticket_id, ticket_id]


def test_control_without_the_index_one_counter_gets_two_visitors(office: SampleOffice) -> None:
    first, second = office.walk_in("P"), office.walk_in("P")
    _drop_index(office.store)
    try:
        for ticket in (first, second):
            office.store.write(lambda session, ticket=ticket: _call_blindly(session, ticket["id"], 7))
        assert len(office.rows(Ticket, Ticket.status == "called")) == 2
    finally:
        office.store.write(_park_all)
        _make_index(office.store)


def test_the_schema_itself_forbids_two_visitors_at_one_counter(office: SampleOffice) -> None:
    first, second = office.walk_in("P"), office.walk_in("P")
    office.store.write(lambda session: _call_blindly(session, first["id"], 7))
    with pytest.raises(IntegrityError):
        office.store.write(lambda session: _call_blindly(session, second["id"], 7))


def _call_blindly(session: Any, ticket_id: int, number: int) -> None:

    counter_id = session.execute(select(CounterRow.id).where(CounterRow.number == number)).scalars().first()
    session.execute(
        update(Ticket).where(Ticket.id == ticket_id).values(status="called", counter_id=counter_id)
    )


def _park_all(session: Any) -> None:
    session.execute(update(Ticket).values(status="parked", counter_id=None))


def _index() -> Any:
    return next(index for index in Ticket.__table__.indexes if index.name == "ix_ticket_in_hand")


def _drop_index(store: Store) -> None:
    store.write(lambda session: _index().drop(session.connection()))


def _make_index(store: Store) -> None:
    store.write(lambda session: _index().create(session.connection()))
