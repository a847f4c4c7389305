"""The sums that are kept of each day equal its rows, whatever happens, on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from server.domain.statistics.periods import Period
from server.services.queue.views.accuracy import branch_accuracy
from server.services.statistics.keeping import keep_sums
from server.services.statistics.report import Report, report
from server.store.queries.statistics import rows
from server.store.tables import Branch, Call, Fact, SummedDay, Ticket
from server.workers.sweeper import Sweeper
from tests.server.movable_clock import TEN
from tests.server.sample_office import SampleOffice
from tests.server.services.queue.a_day import Day

MONDAY = date(2026, 11, 23)
ZONE = ZoneInfo("Europe/Warsaw")


def kept(office: SampleOffice) -> int:
    """Let the keeper look, once all facts are in the feed (on PostgreSQL it takes a moment)."""
    office.wait_until_sealed()
    return keep_sums(office.store, office.runtime.context())


def told(office: SampleOffice, day: date = MONDAY, days: int = 1, **which: Any) -> Report:
    """Return the report of some days, of all tickets."""
    branch = office.runtime.office.current().branch_named("wroclaw")
    assert branch is not None
    period = Period(day, day + timedelta(days=days - 1))
    given = {"is_raw": True} | which
    return office.store.read(lambda session: report(session, branch, period, **given))


def counted(office: SampleOffice, day: date = MONDAY) -> dict[str, Any]:
    """Count a day from its rows, in another way than the product does."""
    tickets = office.rows(Ticket, Ticket.day == day)
    calls: dict[int, list[Any]] = {}
    for call in office.rows(Call):
        calls.setdefault(call.ticket_id, []).append(call.called_at)
    found: Counter[str] = Counter(issued=len(tickets))
    waits = []
    for row in tickets:
        found[f"{row.status}"] += 1
        found[f"hour {row.issued_at.astimezone(ZONE).hour}"] += 1
        found["booked" if row.reservation_id else "walk-in"] += 1
        in_time = [each for each in calls.get(row.id, ()) if each >= row.queued_at]
        if row.called_at is not None and row.called_at >= row.queued_at:
            waits.append((min(in_time) - row.queued_at).total_seconds())
    return {"counts": found, "waits": sorted(waits)}


def same(office: SampleOffice, day: date = MONDAY) -> None:
    """Compare what is kept of a day with its rows."""
    want, have = counted(office, day), told(office, day)
    total = have.total
    assert total.count("issued") == want["counts"]["issued"]
    assert total.count("withdrawn") == want["counts"]["withdrawn"]
    assert total.count("no_show") == want["counts"]["no_show"]
    assert total.count("served") == want["counts"]["finished"]
    assert (total.count("waits"), total.count("wait_seconds")) == (len(want["waits"]), sum(want["waits"]))
    assert sum(total.waits) == len(want["waits"])
    hours = {f"hour {hour}": each.count("issued") for hour, each in have.by_hour.items()}
    assert {name: count for name, count in hours.items() if count} == {
        name: count for name, count in want["counts"].items() if name.startswith("hour ")
    }
    origins = {name: each.count("issued") for name, each in have.by_origin.items()}
    assert origins.get("walk_in", 0) == want["counts"]["walk-in"]
    assert sum(each[2]["issued"] for each in have.days) == want["counts"]["issued"]


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_sums_equal_the_rows_of_any_day(
    office: SampleOffice, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "_AT_ONCE", 3)
    office.clock.set(TEN)  # back again with each example: clocks that go back are among what may happen
    clerks = {number: office.clerk(number) for number in (2, 7, 8)}
    day = Day(office, seed, clerks)
    for step in range(40):
        day.happens()
        office.clock.advance(seconds=13)
        if step % 13 == 0:
            kept(office)
            same(office)
    kept(office)
    same(office)


def test_a_day_is_read_some_tickets_at_a_time(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_AT_ONCE", 2)
    given = [office.walk_in("N")["id"] for _ in range(5)]
    branch = office.runtime.office.current().branch_named("wroclaw")
    assert branch is not None
    read: list[list[int]] = []

    def calls(_session: Any, ticket_ids: list[int]) -> dict[int, Any]:
        read.append(ticket_ids)
        return {}

    monkeypatch.setattr(rows, "_calls", calls)

    def first_and_rest(session: Any) -> list[int]:
        found = rows.visits(session, branch.id, MONDAY)
        first = next(found).id
        assert read == [given[:2]], "no more than these are in memory"
        return [first, *(each.id for each in found)]

    assert office.store.read(first_and_rest) == given
    assert read == [given[:2], given[2:4], given[4:]]


def served(office: SampleOffice, letter: str = "N", counter: int = 7, wait: float = 10) -> int:
    """Let a walk-in wait, and be served for five minutes."""
    ticket: int = office.walk_in(letter)["id"]
    office.clock.advance(minutes=wait)
    clerk = office.clerk(counter)
    assert clerk.post(f"/counters/{counter}/call-next").status_code == 200
    clerk.post(f"/tickets/{ticket}/start")
    office.clock.advance(minutes=5)
    assert clerk.post(f"/tickets/{ticket}/finish", {"outcome": "served"}).status_code == 200
    return ticket


def test_what_stood_before_the_keeper_came_is_summed_up_too(office: SampleOffice) -> None:
    served(office)
    office.clock.set(TEN + timedelta(days=3))
    kept(office)
    assert told(office).total.wait(0.5) == 8.5, "10 minutes lie in the bucket from 7 to 10"
    assert told(office).total.mean("wait") == 10
    assert told(office).standing.due == 0
    assert len(office.rows(SummedDay)) == 1


def test_nothing_is_summed_up_when_nothing_happened(office: SampleOffice) -> None:
    served(office)
    kept(office)
    kept(office)
    assert kept(office) == 0
    served(office)
    assert kept(office) == 1


def test_a_late_fact_makes_an_earlier_day_anew(office: SampleOffice) -> None:
    ticket = office.walk_in("N")["id"]
    kept(office)
    assert told(office).all_tickets.count("withdrawn") == 0
    office.clock.set(TEN + timedelta(days=1))
    Sweeper(office.store, office.runtime.context).look()
    assert office.ticket(ticket).status == "withdrawn"
    kept(office)
    assert told(office).all_tickets.count("withdrawn") == 1
    assert told(office).by_kind["abandoned"].count("issued") == 1
    assert told(office, is_raw=False).total.count("issued") == 0


def test_sums_survive_the_rows_that_they_were_made_from(office: SampleOffice) -> None:
    served(office)
    kept(office)
    office.store.write(lambda session: session.execute(delete(Call)))
    office.store.write(lambda session: session.execute(delete(Ticket)))
    kept(office)
    assert told(office).total.count("served") == 1


def test_a_ticket_that_nobody_finished_has_no_times_and_is_told_apart(office: SampleOffice) -> None:
    office.walk_in("N")
    clerk = office.clerk(7)
    ticket = clerk.post("/counters/7/call-next").get_json()["ticket"]["id"]
    clerk.post(f"/tickets/{ticket}/start")
    office.clock.set(TEN + timedelta(days=1))
    Sweeper(office.store, office.runtime.context).look()
    kept(office)
    total = told(office).total
    assert (total.count("not_closed"), total.count("served"), total.count("waits")) == (1, 0, 0)
    assert (total.mean("service"), total.wait(0.5)) == (None, None)


def test_booked_visits_lead_times_lapses_and_moves(office: SampleOffice) -> None:
    office.clock.set(TEN - timedelta(days=3))
    office.book("P", "10:30")
    moved = office.book("P", TEN + timedelta(days=1))["id"]
    office.clock.set("10:00")
    office.arrive("P", "10:20")
    kept(office)
    assert told(office, MONDAY, 2).by_origin["booked"].count("booked") == 3
    office.clock.set("11:00")
    Sweeper(office.store, office.runtime.context).look()
    office.integrator.delete(f"/reservations/{moved}")
    kept(office)
    booked = told(office).by_origin["booked"]
    assert (booked.count("booked"), booked.count("lapsed"), booked.lapsed) == (2, 1, 0.5)
    assert booked.leads == [1, 0, 1, 0, 0, 0, 0]
    tomorrow = told(office, MONDAY + timedelta(days=1)).total
    assert (tomorrow.count("booked"), tomorrow.count("cancelled")) == (0, 1)


def test_a_service_that_is_renamed_and_put_away_keeps_its_figures(office: SampleOffice) -> None:
    served(office, "N")
    kept(office)
    office.set_policy("N", archived=True)
    served(office, "P", 8)
    kept(office)
    by_service = told(office).by_service
    assert by_service[office.service_id("N")].count("served") == 1
    assert by_service[office.service_id("P")].count("served") == 1


def test_a_target_of_a_services_own_counts(office: SampleOffice) -> None:
    office.set_policy("N", target_wait_minutes=5)
    served(office, "N", wait=6)
    served(office, "P", 8, wait=6)
    kept(office)
    by_service = told(office).by_service
    assert by_service[office.service_id("N")].in_target == 0
    assert by_service[office.service_id("P")].in_target == 1


def test_counters_are_occupied_while_somebody_is_there(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    served(office)
    clerk.delete("/sessions/current")
    office.clock.advance(hours=3)
    kept(office)
    row = told(office).desks[0]
    assert (row.clerk, row.sums["served"], row.sums["busy_seconds"]) == (None, 1, 300)
    assert row.sums["open_seconds"] >= 15 * 60
    assert told(office).clerks == ()


def test_a_break_is_not_open(office: SampleOffice) -> None:
    kept(office)
    clerk = office.clerk(7)
    clerk.post("/counters/7/state", {"state": "closed"})
    for minutes, state in ((20, "open"), (60, "paused"), (15, "open"), (30, "closed")):
        office.clock.advance(minutes=minutes)
        assert clerk.post("/counters/7/state", {"state": state}).status_code < 300
    office.clock.advance(minutes=40)
    kept(office)
    (desk,) = told(office).desks
    assert desk.sums["open_seconds"] == 90 * 60


def test_what_came_of_expected_times_is_what_their_page_says(office: SampleOffice) -> None:
    for wait in (2, 30, 75):
        served(office, wait=wait)
    office.walk_in("N")
    kept(office)
    branch = office.runtime.office.current().branch_named("wroclaw")
    assert branch is not None
    context = office.runtime.context()
    page = office.store.read(lambda session: branch_accuracy(session, context, branch)).whole
    have = told(office, is_raw=False).all_tickets.promises
    assert page is not None
    assert have is not None
    assert (have.promises, have.kept_share, have.near_share) == (3, page.kept_share, page.near_share)
    assert have.error_minutes == pytest.approx(page.error_minutes, abs=0.01)
    assert have.bias_minutes == pytest.approx(page.bias_minutes, abs=0.01)


def test_clerks_are_named_only_where_the_office_allows_it(office: SampleOffice) -> None:
    office.set_policy(statistics_by_clerk=True)
    served(office)
    kept(office)
    assert [(row.clerk, row.sums["served"]) for row in told(office).clerks] == [("Anna Nowak", 1)]
    office.set_policy(statistics_by_clerk=False)
    kept(office)
    office.set_policy(statistics_by_clerk=True)
    assert told(office).clerks == (), "switched off, the names are gone for good"
    assert sum(row.sums["served"] for row in told(office).desks) == 1


def test_a_made_history_stays_as_it_was_made(office: SampleOffice) -> None:
    served(office)
    kept(office)
    office.store.write(lambda session: session.execute(update(SummedDay).values(is_sample=True)))
    served(office)
    kept(office)
    assert told(office).total.count("served") == 1
    assert told(office).standing.samples == 1


def test_personal_data_that_goes_makes_nothing_anew(office: SampleOffice) -> None:
    served(office)
    kept(office)
    branch = office.one(Branch, Branch.code == "wroclaw").id
    fact = {"type": "personal_data.erased", "branch_id": branch, "data": {}, "feed_number": 10**6}
    office.store.write(lambda session: session.add(Fact(at=office.clock.now(), **fact)))
    assert kept(office) == 0
