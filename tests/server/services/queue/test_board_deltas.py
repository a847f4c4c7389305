"""A board that followed the facts of the stream shows what a board would that has just taken its snapshot."""

from __future__ import annotations

import json
from typing import Any

import pytest

from display_board.board import (
    BEAT_SECONDS,
    Board,
    Event,
    FactHeard,
    LookAgain,
    Moment,
    SnapshotTaken,
    Tick,
    advance,
)
from server.push.feed import EVERYBODY, Audience
from server.push.feed import Event as FeedEvent
from server.store.facts import facts_after
from tests.server.sample_office import SampleOffice
from tests.server.services.queue.a_day import Day
from wire.messages import BoardSnapshot, FactData

TOPICS = frozenset({"hall:A", EVERYBODY})
STEPS = 70


class Wall:
    """A board of hall A on its stream; it asks only where a fact does not tell enough, and on its beat."""

    def __init__(self, office: SampleOffice) -> None:
        self.office, self.board, self.seconds = office, Board(), 0.0
        self.looks = self.facts = 0
        self.wants = False
        self.take(SnapshotTaken(self.fresh(), anew=True))

    def fresh(self) -> BoardSnapshot:
        """Take the snapshot anew, once all facts are in the feed."""
        self.office.wait_until_sealed()
        return BoardSnapshot.model_validate_json(self.office.board.get("/boards/A").data)

    def take(self, event: Event) -> None:
        """Let the board take an event."""
        moment = Moment(self.seconds, self.office.clock.now())
        self.board, effects = advance(self.board, event, moment)
        self.wants |= any(isinstance(effect, LookAgain) for effect in effects)

    def follow(self) -> None:
        """Take the facts that came, and look again if one did not tell enough."""
        fresh = self.fresh()
        for fact in self.office.store.read(lambda session: facts_after(session, self.board.as_of, 1000)):
            event = FeedEvent(fact)
            if TOPICS.isdisjoint(event.topics):
                continue
            _, kind, data = event.sent(Audience.SCREEN).decode().strip().split("\n")
            said = FactData.model_validate(json.loads(data.removeprefix("data: ")))
            self.take(FactHeard(event.number, kind.removeprefix("event: "), said))
            self.facts += 1
        self.take(Tick())
        if self.wants:
            self.looks, self.wants = self.looks + 1, False
            self.take(SnapshotTaken(fresh))

    def shown(self) -> tuple[list[Any], list[Any]]:
        """Return who is listed as called and who waits, once every call had its turn."""
        while self.board.queue:
            self.seconds += 10
            self.take(Tick())
        called = [(call.number, call.counter, call.active) for call in self.board.recent][:12]
        return called, [(line.service, line.numbers, line.total) for line in self.board.waiting]


def same(wall: Wall) -> None:
    """Hold a board against one that has just been switched on; of a long line it may list fewer numbers."""
    called, waiting = wall.shown()
    fresh_called, fresh_waiting = Wall(wall.office).shown()
    assert called == fresh_called
    assert [(service, total) for service, _, total in waiting] == [
        (service, total) for service, _, total in fresh_waiting
    ]
    for (_, numbers, total), (_, fresh, _) in zip(waiting, fresh_waiting, strict=True):
        assert numbers == fresh[: len(numbers)]
        assert numbers or not total


@pytest.mark.parametrize("seed", range(6))
def test_a_board_that_follows_shows_the_same_as_a_fresh_one(office: SampleOffice, seed: int) -> None:
    wall = Wall(office)
    day = Day(office, seed, {number: office.clerk(number) for number in (7, 8, 1)})
    for _ in range(STEPS):
        if day.chance.random() < 0.15:
            office.clock.advance(seconds=BEAT_SECONDS * day.chance.randrange(1, 6))
        day.happens()
        wall.follow()
        same(wall)
    assert wall.looks < wall.facts / 2


def test_check_ins_and_calls_cost_no_look_until_the_beat(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    wall = Wall(office)
    for _ in range(14):
        office.arrive("P", "10:30")
        office.walk_in("P")
        office.walk_in("N", priority="elderly")
    wall.follow()
    same(wall)
    for _ in range(5):
        ticket = clerk.post("/counters/7/call-next").get_json()["ticket"]
        clerk.post(f"/tickets/{ticket['id']}/start")
        clerk.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"})
        wall.follow()
        same(wall)
    assert (wall.looks, wall.facts > 50) == (0, True)
    office.clock.advance(seconds=BEAT_SECONDS)
    wall.follow()
    assert wall.looks == 1
    assert wall.shown() == Wall(office).shown()


def test_whoever_is_still_served_stays_on_the_board_however_many_are_called(office: SampleOffice) -> None:
    for _ in range(18):
        office.walk_in("P")
    long, quick = office.clerk(8), office.clerk(7)
    served = long.post("/counters/8/call-next").get_json()["ticket"]
    long.post(f"/tickets/{served['id']}/start")
    for _ in range(15):
        ticket = quick.post("/counters/7/call-next").get_json()["ticket"]
        quick.post(f"/tickets/{ticket['id']}/start")
        quick.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"})
    called = Wall(office).fresh().called
    assert [call.number for call in called if call.active] == [served["number"]]
    assert len([call for call in called if not call.active]) == 12


def test_who_comes_early_stands_behind_all_who_are_due(office: SampleOffice) -> None:
    for _ in range(3):
        office.walk_in("P")
    wall = Wall(office)
    early = office.arrive("P", "10:40")
    # The slip tells who will be called first once they are due; the board lists them as of now.
    assert early["people_ahead"] == 0
    walk_in = office.walk_in("P")
    wall.follow()
    line = next(numbers for service, numbers, _ in wall.shown()[1] if service == "P")
    assert line[-2:] == [walk_in["number"], early["number"]]
    assert wall.looks == 0
    same(wall)


def test_a_board_is_told_nothing_that_it_does_not_show(office: SampleOffice) -> None:
    office.arrive("P", "10:30")
    office.walk_in("P", priority="pregnancy")
    office.kiosk.post("/check-ins", {"code": "00000000"})
    Wall(office).fresh()
    told: dict[Audience, set[str]] = {audience: set() for audience in Audience}
    for fact in office.store.read(lambda session: facts_after(session, 0, 999)):
        for audience, keys in told.items():
            keys |= set(json.loads(FeedEvent(fact).sent(audience).decode().strip().rpartition("data: ")[2]))
    assert told[Audience.SCREEN] == {"at", "hall", "ticket", "number", "service", "ahead"}
    assert {"lane", "appointment_at", "device"} <= told[Audience.STAFF]
