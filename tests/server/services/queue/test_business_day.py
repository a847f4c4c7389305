"""Numbers over the day's end: no two people with one number, and nothing in hand counts for a night."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from server.store.queries import forecast
from server.store.tables import Counter, Ticket
from server.workers.sweeper import Sweeper
from tests.server.sample_office import SampleOffice
from tests.server.services.queue.test_handling import act


def sweep(office: SampleOffice) -> None:
    Sweeper(office.store, office.runtime.context).look()


def numbers(office: SampleOffice, count: int) -> list[str]:
    return [office.walk_in("N")["number"] for _ in range(count)]


def test_over_midnight_no_number_is_given_that_still_waits(office: SampleOffice) -> None:
    office.clock.set("23:57")
    assert numbers(office, 2) == ["N001", "N002"]
    assert act(office.clerk(7), office.rows(Ticket)[0].id, "withdraw")[0] == 200
    office.clock.advance(minutes=4)
    assert numbers(office, 3) == ["N001", "N003", "N004"]
    waiting = [row.number for row in office.rows(Ticket) if row.status == "waiting"]
    assert sorted(waiting) == ["N001", "N002", "N003", "N004"]


def test_a_day_that_starts_at_four_goes_on_with_its_numbers_after_midnight(office: SampleOffice) -> None:
    office.set_policy(day_starts_at="04:00")
    office.clock.set("23:57")
    assert numbers(office, 1) == ["N001"]
    office.clock.advance(hours=4)
    assert numbers(office, 1) == ["N002"]
    for row in office.rows(Ticket):
        assert act(office.clerk(7), row.id, "withdraw")[0] == 200
    office.clock.advance(minutes=3)
    assert numbers(office, 1) == ["N001"]


@pytest.mark.parametrize(
    ("day", "nights"),
    [
        ("2026-11-23", 1),  # a night
        ("2026-11-27", 3),  # a weekend
        ("2026-10-24", 1),  # the clock goes back
        ("2027-03-27", 1),  # the clock goes forward
    ],
)
def test_what_is_in_hand_when_the_day_ends_is_ended_as_what_it_is(
    office: SampleOffice, day: str, nights: int
) -> None:
    office.clock.set(datetime.fromisoformat(f"{day}T15:00:00+01:00"))
    served, called = office.walk_in("N")["id"], office.walk_in("N")["id"]
    for ticket_id, counter, steps in ((served, 7, ("call", "start")), (called, 8, ("call",))):
        for step in steps:
            assert act(office.clerk(counter), ticket_id, step)[0] == 200
    office.clock.advance(days=nights)
    sweep(office)
    rows = {row.id: row for row in office.rows(Ticket)}
    assert (rows[served].status, rows[served].outcome) == ("finished", "not_closed")
    assert (rows[called].status, rows[called].outcome) == ("no_show", "not_closed")
    states = {row.number: row.state for row in office.rows(Counter) if row.number in (7, 8)}
    assert set(states.values()) == {"closed"}
    assert {fact.data["reason"] for fact in office.facts("ticket.not_closed")} == {"day_over"}


def test_what_was_set_aside_is_withdrawn_with_its_day(office: SampleOffice) -> None:
    office.clock.set("15:00")
    ticket_id = office.walk_in("N")["id"]
    for step in ("call", "park"):
        assert act(office.clerk(7), ticket_id, step)[0] == 200
    office.clock.advance(hours=18)
    sweep(office)
    assert office.ticket(ticket_id).status == "withdrawn"
    assert office.facts("ticket.withdrawn")[-1].data["reason"] == "day_over"


def test_nobody_is_ended_before_the_patience_is_over(office: SampleOffice) -> None:
    office.clock.set("23:50")
    ticket_id = office.walk_in("N")["id"]
    for step in ("call", "start"):
        act(office.clerk(7), ticket_id, step)
    office.clock.advance(minutes=69)
    sweep(office)
    assert office.ticket(ticket_id).status == "serving"
    office.clock.advance(minutes=2)
    sweep(office)
    assert office.ticket(ticket_id).status == "finished"


def test_its_hours_enter_no_forecast_and_no_figure_and_the_clerk_is_told(office: SampleOffice) -> None:
    office.clock.set("15:00")
    ticket_id = office.walk_in("N")["id"]
    for step in ("call", "start"):
        act(office.clerk(7), ticket_id, step)
    office.clock.advance(hours=18)
    sweep(office)
    assert measured(office) == 0
    assert office.sign_in(7).not_closed == ("N001",)
    figures = office.clerk(7).get("/counters/7").get_json()["figures"]
    assert (figures["served"], figures.get("mean_service_seconds")) == (0, None)
    office.clock.advance(days=5)
    assert office.sign_in(7).not_closed == ()


def test_control_without_the_outcome_the_night_would_be_a_visit(office: SampleOffice) -> None:
    office.clock.set("15:00")
    ticket_id = office.walk_in("N")["id"]
    for step in ("call", "start"):
        act(office.clerk(7), ticket_id, step)
    office.clock.advance(hours=18)
    sweep(office)
    table = Ticket.__table__
    office.store.write(lambda session: session.execute(table.update().values(outcome="served")))
    assert measured(office) == 1


def measured(office: SampleOffice) -> int:
    """Count the visits from which the office learns how long one takes."""
    since = office.clock.now() - timedelta(days=1)
    return len(office.store.read(lambda session: forecast.visits(session, office.service_id("N"), since)))
