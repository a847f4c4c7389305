"""A counter's snapshot changed by the facts of the stream equals the one that the server would give anew."""

from __future__ import annotations

import json
from typing import Any

import pytest

from counter_client.deltas import after_fact
from server.push.feed import EVERYBODY, Audience, Event
from server.store.facts import facts_after
from tests.server.sample_office import SampleOffice
from tests.server.services.queue.a_day import Day
from tests.server.services.queue.test_reopening import finished
from wire.messages import CounterSnapshot, FactData

COUNTER = 7
TOPICS = frozenset({"hall:A", f"counter:{COUNTER}", EVERYBODY})
STEPS = 60


class Watcher:
    """Counter 7, which follows the stream; it asks only where a fact does not tell enough."""

    def __init__(self, office: SampleOffice) -> None:
        self.office = office
        self.door = office.clerk(COUNTER)
        self.deltas = self.looks = 0
        self.snapshot = self.fresh()

    def fresh(self) -> CounterSnapshot:
        """Take the snapshot anew, once all facts are in the feed."""
        self.office.wait_until_sealed()
        return CounterSnapshot.model_validate_json(self.door.get(f"/counters/{COUNTER}").data)

    def look(self) -> None:
        """Begin from a snapshot."""
        self.snapshot = self.fresh()

    def follow(self, fresh: CounterSnapshot) -> None:
        """Take the facts that are behind the snapshot, as they come over the stream."""
        since = self.snapshot.as_of
        for fact in self.office.store.read(lambda session: facts_after(session, since, 1000)):
            event = Event(fact)
            if TOPICS.isdisjoint(event.topics):
                continue
            _, kind, data = event.sent(Audience.STAFF).decode().strip().split("\n")
            said = FactData.model_validate(json.loads(data.removeprefix("data: ")))
            after = after_fact(self.snapshot, event.number, kind.removeprefix("event: "), said)
            if after is None:
                self.looks += 1
                self.snapshot = fresh
                return
            self.deltas += 1
            self.snapshot = after


def shown(snapshot: CounterSnapshot) -> dict[str, Any]:
    """Return what the window shows of a snapshot, whenever it was taken."""
    return snapshot.model_dump(exclude={"as_of", "now"})


@pytest.mark.parametrize("seed", range(6))
def test_snapshot_and_deltas_are_a_fresh_snapshot(office: SampleOffice, seed: int) -> None:
    watcher = Watcher(office)
    day = Day(office, seed, {COUNTER: watcher.door, 8: office.clerk(8), 1: office.clerk(1)})
    for _ in range(STEPS):
        if day.chance.random() < 0.1:
            # The window asks by itself as time passes, since the order of a line changes with it.
            office.clock.advance(seconds=day.chance.randrange(300))
            watcher.look()
        day.happens()
        fresh = watcher.fresh()
        watcher.follow(fresh)
        assert shown(watcher.snapshot) == shown(fresh)
    # A counter at which everything happens still asks; of the others' doings hardly anything is asked for.
    assert watcher.deltas > watcher.looks / 2


def test_check_ins_and_calls_elsewhere_cost_no_look(office: SampleOffice) -> None:
    watcher = Watcher(office)
    other = office.clerk(8)
    watcher.look()
    for _ in range(5):
        office.arrive("P", "10:30")
        office.walk_in("N")
    for _ in range(3):
        ticket = other.post("/counters/8/call-next").get_json()["ticket"]
        other.post(f"/tickets/{ticket['id']}/start")
        other.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"})
    fresh = watcher.fresh()
    watcher.follow(fresh)
    assert shown(watcher.snapshot) == shown(fresh)
    assert (watcher.looks, watcher.deltas) == (0, 19)


def test_whose_ticket_was_reopened_stays_first_when_others_come(office: SampleOffice) -> None:
    office.walk_in("P", priority="disability")
    ticket_id = finished(office)
    said = office.supervisor(8).post(f"/tickets/{ticket_id}/reopen", {"reason": "by_mistake"})
    assert said.status_code == 200
    watcher = Watcher(office)
    office.walk_in("P")
    fresh = watcher.fresh()
    watcher.follow(fresh)
    assert shown(watcher.snapshot) == shown(fresh)
    assert (watcher.snapshot.waiting[0].id, len(fresh.waiting), watcher.looks) == (ticket_id, 3, 0)


def test_in_a_line_longer_than_is_shown_the_rows_are_its_beginning(office: SampleOffice) -> None:
    for _ in range(70):
        office.walk_in("P")
    watcher = Watcher(office)
    other = office.clerk(8)
    watcher.look()
    office.clock.advance(seconds=1)
    for _ in range(4):
        office.walk_in("P")
        ticket = other.post("/counters/8/call-next").get_json()["ticket"]
        other.post(f"/tickets/{ticket['id']}/start")
        other.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"})
    fresh = watcher.fresh()
    watcher.follow(fresh)
    rows = [row.number for row in watcher.snapshot.waiting]
    assert rows == [row.number for row in fresh.waiting][: len(rows)]
    assert (len(rows), watcher.snapshot.waiting_total, fresh.waiting_total) == (56, 70, 70)
    assert watcher.looks == 0


def test_no_fact_tells_who_has_priority_by_which_class(office: SampleOffice) -> None:
    ticket = office.walk_in("P", priority="pregnancy")
    Watcher(office).fresh()
    (fact,) = [
        each for each in office.store.read(lambda s: facts_after(s, 0, 99)) if each.type == "ticket.issued"
    ]
    assert b"pregnancy" not in Event(fact).sent(Audience.STAFF)
    assert ticket["priority"] == "pregnancy"


@pytest.mark.parametrize("minutes", [0, 12, 13, 14, 24, 25, 26, 44, 45, 46, 70])
def test_a_newcomer_stands_where_the_server_puts_them_at_every_hour(
    office: SampleOffice, minutes: int
) -> None:
    for service in "PN":
        office.walk_in(service)
        office.walk_in(service, priority="disability")
        for hour in ("10:15", "10:30", "10:40", "11:05"):
            office.arrive(service, hour)
    watcher = Watcher(office)
    office.clock.advance(minutes=minutes)
    # The order of those who wait has moved on since this snapshot: the newcomer's place is by the time now.
    watcher.look()
    office.walk_in("P")
    office.arrive("N", "11:30")
    fresh = watcher.fresh()
    watcher.follow(fresh)
    assert shown(watcher.snapshot) == shown(fresh)
    assert watcher.looks == 0
