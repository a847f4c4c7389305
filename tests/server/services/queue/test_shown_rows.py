"""What counters and boards are shown by hot statements is what the rows of the database say, field for field."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.api import counters, responses
from server.services.queue.views import ticket as shown
from server.store.tables import Call, Counter, Ticket
from tests.server.sample_office import Door, SampleOffice
from tests.server.services.queue.a_day import Day
from wire.messages import BoardSnapshot, CounterSnapshot, WaitingTicket
from wire.vocabulary import CounterState, TicketAction

STEPS = 80
ASIDE = {"parked": "parked", "no_shows": "no_show", "finished": "finished"}


@pytest.fixture(params=range(3))
def day(office: SampleOffice, request: pytest.FixtureRequest) -> Day:
    """Let a quarter of an hour happen, with waits of all lengths; a supervisor works at counter 8."""
    office.set_policy(target_wait_minutes=2, out_of_order="supervisors")
    day = Day(office, request.param, {7: office.clerk(7), 8: office.supervisor(8), 1: office.clerk(1)})
    for _ in range(STEPS):
        office.clock.advance(seconds=day.chance.randrange(20))
        day.happens()
    for number in (7, 8, 8, 8):
        serve(office, day.clerks[number], number)
    office.wait_until_sealed()
    return day


def serve(office: SampleOffice, clerk: Door, number: int) -> None:
    """Serve whom the counter has in hand, else the next one."""
    office.walk_in("P")
    clerk.post(f"/counters/{number}/state", {"state": "open"})
    said = clerk.post(f"/counters/{number}/call-next").get_json()
    ticket = said["ticket"]["id"] if "ticket" in said else said["facts"]["ticket"]
    clerk.post(f"/tickets/{ticket}/start")
    office.clock.advance(seconds=45 + number)
    assert clerk.post(f"/tickets/{ticket}/finish", {"outcome": "served"}).status_code == 200


def whole(session: Session, office: SampleOffice, ticket: Ticket) -> WaitingTicket:
    """Show a row by the way of a single ticket, which reads all of it through the ORM."""
    view = shown.view(session, office.runtime.context(), ticket, in_line=False)
    return responses.like(WaitingTicket, view)


def snapshot(door: Door, number: int) -> CounterSnapshot:
    return CounterSnapshot.model_validate_json(door.get(f"/counters/{number}").data)


def test_a_line_of_a_list_is_the_ticket_of_its_row(office: SampleOffice, day: Day) -> None:
    for number in (7, 8):
        seen = snapshot(day.clerks[number], number)
        place = office.runtime.context().branch(1).counters[number]

        def compare(session: Session, seen: CounterSnapshot = seen, place: Any = place) -> int:
            rows = list(session.execute(select(Ticket)).scalars())
            mine = [row for row in rows if row.service_id in place.service_ids]
            lines = {row.id: whole(session, office, row) for row in rows}
            is_supervisor = seen.finished is not None
            for line in seen.waiting:
                actions = [
                    each for each in lines[line.id].actions if is_supervisor or each != TicketAction.CALL
                ]
                assert line == lines[line.id].model_copy(update={"actions": actions})
            for name, status in ASIDE.items():
                found = getattr(seen, name)
                if found is not None:
                    assert all(line == lines[line.id] for line in found)
                    assert {line.id for line in found} == {row.id for row in mine if row.status == status}
            at_hand = [row for row in rows if row.counter_id == place.id]
            at_hand = [row for row in at_hand if row.status in ("called", "serving")]
            assert [seen.current] == ([responses.ticket(current(session, row)) for row in at_hand] or [None])
            return len(seen.waiting)

        def current(session: Session, row: Ticket) -> shown.TicketView:
            return shown.for_clerk(session, office.runtime.context(), row)

        assert office.store.read(compare) > 0


def test_the_days_figures_are_those_of_the_rows(office: SampleOffice, day: Day) -> None:
    ended = 0
    for number in (7, 8, 1):
        figures = snapshot(day.clerks[number], number).figures
        place = office.runtime.context().branch(1).counters[number]
        rows = office.rows(Ticket, Ticket.counter_id == place.id)
        done = [row for row in rows if row.status == "finished"]
        lasted = [(row.finished_at - row.started_at).total_seconds() for row in done]
        waited = [(row.called_at - row.queued_at).total_seconds() for row in done]
        in_time = sum(each <= 60 * figures.target_wait_minutes for each in waited)
        assert (figures.served, figures.no_show) == (len(done), sum(row.status == "no_show" for row in rows))
        assert figures.mean_service_seconds == (round(sum(lasted) / len(lasted)) if lasted else None)
        assert figures.within_target_share == (in_time / len(waited) if waited else None)
        ended += len(done)
    assert ended > 0


def test_a_board_shows_the_calls_of_the_rows(office: SampleOffice, day: Day) -> None:
    board = BoardSnapshot.model_validate_json(office.board.get("/boards/A").data)
    numbers = {row.id: row.number for row in office.rows(Counter)}
    tickets = {row.id: row for row in office.rows(Ticket)}
    calls = {row.id: row for row in office.rows(Call)}
    assert board.called
    for each in board.called:
        call = calls[each.id]
        ticket = tickets[call.ticket_id]
        assert each.called_at == call.called_at
        assert (each.number, each.counter) == (ticket.number, numbers[call.counter_id])
        assert (each.language, each.active) == (ticket.language, ticket.status in ("called", "serving"))
    for line in board.waiting:
        mine = office.service_id(line.service)
        waiting = [row for row in tickets.values() if (row.service_id, row.status) == (mine, "waiting")]
        assert line.total == sum(row.for_counter_id is None for row in waiting)
        assert set(line.numbers) <= {row.number for row in waiting}


def test_a_command_is_answered_with_what_it_has_just_changed(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = office.clerk(7)

    def told(state: str) -> str:
        return str(clerk.post("/counters/7/state", {"state": state}).get_json()["state"])

    assert [told(each) for each in ("paused", "open")] == ["paused", "open"]
    # The control: hot statements see nothing that the ORM has not written yet.
    real = counters.counter

    def unwritten(*given: Any, **more: Any) -> Any:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(Session, "flush", lambda _self: None)
            return real(*given, **more)

    monkeypatch.setattr(counters, "counter", unwritten)
    assert told("paused") == CounterState.OPEN
