"""Past days read from tickets and facts: who came, what counters did, by which rules; and days that do not."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import delete, update

from server.domain.queue.what_if_day import Day, DeskChange
from server.domain.queue.what_if_figures import answer
from server.services.context import RuleBroken
from server.services.office import editing, things
from server.services.queue import what_if
from server.services.queue.what_if import Asked, CounterTried, Found, Tried
from server.store.tables import Counter, Fact, Service, Ticket
from tests.server.movable_clock import TEN
from tests.server.sample_office import SampleOffice

YESTERDAY = TEN.date()


def lives(office: SampleOffice, minutes: int = 6, people: int = 3) -> None:
    """Let some walk-ins of N come together at ten and be served at counter 7, one after the other."""
    clerk = office.clerk(7)
    clerk.post("/counters/7/state", {"state": "open"})
    for _ in range(people):
        office.kiosk.post("/tickets", {"service": "N"})
    for _ in range(people):
        ticket = clerk.post("/counters/7/call-next").get_json()["ticket"]["id"]
        clerk.post(f"/tickets/{ticket}/start")
        office.clock.advance(minutes=minutes)
        clerk.post(f"/tickets/{ticket}/finish", {"outcome": "served"})
        office.clock.advance(seconds=30)
    clerk.post("/counters/7/state", {"state": "closed"})


def asked(office: SampleOffice, of: Asked) -> Found:
    """Read what a question is about."""
    context = office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    return office.store.read(lambda session: what_if.read_asked(session, context, branch, of))


def read(office: SampleOffice, day: date = YESTERDAY) -> Day:
    """Read a day."""
    return asked(office, Asked(day)).asked[0][0]


def refused(office: SampleOffice, of: Asked) -> str:
    """Say why a question is refused."""
    with pytest.raises(RuleBroken) as broken:
        asked(office, of)
    return broken.value.reason


def test_a_day_is_read_as_it_was_and_comes_out_as_it_was(office: SampleOffice) -> None:
    lives(office)
    office.clock.advance(days=1)
    day = read(office)
    assert [each.lasts for each in day.visitors] == [360.0] * 3
    assert [each.waited for each in day.visitors] == [0.0, 390.0, 780.0]
    assert day.gaps == (30.0, 30.0)
    (desk,) = [each for each in day.desks if each.shifts]
    assert desk.number == 7
    assert day.desks_by_tickets == 0
    found = answer([(day, asked(office, Asked(YESTERDAY)).asked[0][1])], 10)
    assert [(each.real, each.played) for each in found.believed] == [(390.0, 390.0)]


def test_a_break_of_a_counter_is_no_gap_between_two_visitors(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    for _ in range(2):
        office.kiosk.post("/tickets", {"service": "N"})
    for _ in range(2):
        ticket = clerk.post("/counters/7/call-next").get_json()["ticket"]["id"]
        clerk.post(f"/tickets/{ticket}/start")
        office.clock.advance(minutes=5)
        clerk.post(f"/tickets/{ticket}/finish", {"outcome": "served"})
        office.clock.advance(minutes=20)
    office.clock.advance(days=1)
    day = read(office)
    assert day.gaps == ()
    (desk,) = [each for each in day.desks if each.shifts]
    assert desk.shifts[1].begins - desk.shifts[0].ends == 20 * 60


def test_a_counter_without_facts_was_open_from_its_first_call_to_the_last_visit(office: SampleOffice) -> None:
    lives(office)
    office.store.write(lambda session: session.execute(delete(Fact).where(Fact.type.like("counter.%"))))
    office.clock.advance(days=1)
    day = read(office)
    assert day.desks_by_tickets == 1
    ((desk,),) = ([each.shifts for each in day.desks if each.shifts],)
    assert [(each.begins - 10 * 3600, each.ends - 10 * 3600) for each in desk] == [(0, 1140)]


def test_rules_and_counters_are_those_of_the_day(office: SampleOffice) -> None:
    lives(office)
    office.clock.advance(days=1)
    author = editing.Author(office.clock.now())
    wanted = {
        things.counter("wroclaw", 7): {"services": ["P"]},
        things.branch("wroclaw"): {"maximum_wait_minutes": 5},
    }
    office.store.write(lambda session: editing.change_together(session, author, wanted))
    office.runtime.office.forget()
    day = read(office)
    (desk,) = [each for each in day.desks if each.shifts]
    letters = what_if.letters(office.runtime.context().office.branch_named("wroclaw"))  # type: ignore[arg-type]
    assert {letters[each] for each in desk.shifts[0].services} == {"P", "N"}
    assert {each.maximum_wait for each in day.rules} == {timedelta(minutes=45)}


def test_what_is_tried_is_written_for_the_day(office: SampleOffice) -> None:
    lives(office)
    office.clock.advance(days=1)
    tried = Tried(
        (CounterTried(8, DeskChange.OPEN, ("N",), time(9), time(12)),),
        {"N": time(7, 30)},
        {"maximum_wait_minutes": 20, "priority_every": 3},
        {"N": 50},
    )
    ((day, changes),) = asked(office, Asked(YESTERDAY, tried=tried)).asked
    (at,) = changes.at_desks
    assert (at.begins, at.ends) == (9 * 3600, 12 * 3600)
    letters = list(office.runtime.context().office.branch_named("wroclaw").services)  # type: ignore[union-attr]
    assert [letters[each] for each in at.services] == ["N"]
    assert changes.opens == {letters.index("N"): 7.5 * 3600}
    assert changes.arrivals == {letters.index("N"): 50.0}
    assert changes.priority_every == 3
    assert {each.maximum_wait for each in changes.rules or ()} == {timedelta(minutes=20)}
    assert answer([(day, changes)], 5).runs == 5


def test_rules_of_one_service_are_tried_for_it_alone(office: SampleOffice) -> None:
    lives(office)
    office.set_policy("P", overdue_minutes=30)
    office.clock.advance(days=1)
    own = {"N": {"maximum_wait_minutes": 5, "after_maximum_wait": "alarm"}, "P": {"call_lead_minutes": 7}}
    tried = Tried(rules={"maximum_wait_minutes": 20, "overdue_minutes": 11}, own=own)
    ((_day, changes),) = asked(office, Asked(YESTERDAY, tried=tried)).asked
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    assert changes.rules is not None
    rules = dict(zip(what_if.letters(branch), changes.rules, strict=True))
    minutes = {
        letter: [each / timedelta(minutes=1) for each in (rule.lead, rule.overdue, rule.maximum_wait)]
        for letter, rule in rules.items()
    }
    assert minutes == {
        "N": [2, 11, 5],
        "P": [7, 30, 20],
        **{letter: [2, 11, 20] for letter in "LTK"},
    }
    assert [letter for letter, rule in rules.items() if not rule.long_wait_first] == ["N"]


def test_days_that_are_not_over_or_had_nobody_are_refused(office: SampleOffice) -> None:
    lives(office)
    assert refused(office, Asked(YESTERDAY)) == "not_over"
    assert refused(office, Asked(YESTERDAY + timedelta(days=30))) == "not_over"
    assert refused(office, Asked(YESTERDAY - timedelta(days=1))) == "no_tickets"
    office.clock.advance(days=1)
    assert refused(office, Asked(weekday=(YESTERDAY.weekday() + 1) % 7)) == "no_tickets"


def test_an_average_day_takes_the_last_ones_of_its_weekday(office: SampleOffice) -> None:
    lives(office)
    office.clock.advance(days=7)
    lives(office, minutes=9, people=2)
    office.clock.advance(days=1)
    found = asked(office, Asked(weekday=YESTERDAY.weekday()))
    assert found.days == (YESTERDAY + timedelta(days=7), YESTERDAY)
    assert found.tickets == 5


@pytest.mark.parametrize(
    "harm",
    [
        {"finished_at": None, "status": "serving"},
        {"finished_at": TEN - timedelta(hours=1)},
        {"called_at": TEN - timedelta(hours=2)},
        {"called_at": TEN + timedelta(hours=12), "finished_at": TEN + timedelta(hours=13)},
        {"outcome": "not_closed"},
        {"status": "parked"},
        {"queued_at": TEN - timedelta(days=3)},
    ],
)
def test_a_ticket_with_impossible_times_takes_no_sense_from_the_others(
    office: SampleOffice, harm: dict[str, object]
) -> None:
    lives(office)
    first = office.store.read(lambda session: session.query(Ticket.id).order_by(Ticket.id).first()[0])  # type: ignore[index]
    office.store.write(
        lambda session: session.execute(update(Ticket).where(Ticket.id == first).values(**harm))
    )
    office.clock.advance(days=1)
    day = read(office)
    assert len(day.visitors) == 3
    assert all(each.came >= 0 and (each.lasts is None or each.lasts >= 0) for each in day.visitors)
    found = answer([(day, asked(office, Asked(YESTERDAY)).asked[0][1])], 5)
    assert found.services[0].people == 3


def test_a_service_and_a_counter_that_are_put_away_are_played_as_they_were(office: SampleOffice) -> None:
    lives(office)
    office.clock.advance(days=1)

    def put_away(session: object) -> None:
        session.execute(update(Counter).where(Counter.number == 7).values(archived=True))  # type: ignore[attr-defined]
        session.execute(  # type: ignore[attr-defined]
            update(Service)
            .where(Service.letter == "N")
            .values(policy={"archived": True}, names={"pl": "Inna"})
        )

    office.store.write(put_away)
    office.runtime.office.forget()
    day = read(office)
    assert len(day.visitors) == 3
    assert [each.number for each in day.desks if each.shifts] == [7]


def test_the_hour_that_a_clock_repeats_is_no_harm(office: SampleOffice) -> None:
    office.clock.set(datetime.fromisoformat("2026-10-25T09:00:00+00:00"))
    lives(office)
    office.clock.advance(days=1)
    day = read(office, date(2026, 10, 25))
    assert [round(each.came / 3600) for each in day.visitors] == [11, 11, 11]
