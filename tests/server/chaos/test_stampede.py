"""More people than places, all at once over HTTP: each place is sold once, and everybody hears what came of it.

That reading first and writing then would sell too many, tests/server/services/booking/slots/test_places.py shows.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from bench import load
from bench.crowd import Person, came_of, fill_in, hold, log_in
from bench.stampede import Sold, count_sold
from server.http.asgi import Limits
from server.services.office.settings import ServiceView
from server.store.facts import verify_chain
from server.store.tables import Draft, Message, Reservation, Slot
from tests.server.at_once import at_once
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice
from tests.server.served.conftest import Served

PEOPLE, PLACES, THREADS = 240, 20, 40
BUSY, ATTEMPTS = "status 503", 20
FIRST = at("10:00") + timedelta(days=1)
HOURS = [FIRST + timedelta(minutes=10 * place) for place in range(PLACES)]
TEMPLATE = {"days": ["mon"], "hours": "08:00-09:00", "every_minutes": 60}
SHAPES = [pytest.param(1, id="many hours of one place"), pytest.param(PLACES, id="one hour of many places")]


@dataclass
class Crowd:
    """People in front of a served office, each one click from a place."""

    office: SampleOffice
    served: Served
    service: ServiceView
    people: list[Person]

    def requests(self, people: Sequence[Person], hours: Sequence[datetime]) -> list[bytes]:
        """Fill in a draft for each of these people, for the hour in the same place."""
        drafts = fill_in(self.office.runtime, people, self.service, hours)
        return [hold(*each, "__Host-numerek") for each in zip(people, drafts, strict=True)]

    def ask(self, requests: Sequence[bytes]) -> Counter[str]:
        """Send them from many threads at once; count what each was told. Who hears `busy` asks again."""

        def some(place: int) -> Counter[str]:
            told: Counter[str] = Counter()
            left = requests[place::THREADS]
            for _ in range(ATTEMPTS):
                answers = self._ask_once(left)
                told.update(each for each in answers if each != BUSY)
                left = [request for request, each in zip(left, answers, strict=True) if each == BUSY]
                if not left:
                    return told
            return told + Counter({BUSY: len(left)})

        return sum(at_once(min(THREADS, len(requests)), some), Counter[str]())

    def _ask_once(self, requests: Sequence[bytes]) -> list[str]:
        answers: list[str] = []

        def read(head: bytes) -> str:
            answers.append(came_of(head))
            return answers[-1]

        load.run(self.served.port, iter(requests), 1, read)
        return answers

    @property
    def sold(self) -> Sold:
        """Count what was sold."""
        return self.office.store.read(lambda session: count_sold(session, self.service.id))


@pytest.fixture(autouse=True)
def patient_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let writes wait long, unlike elsewhere in this folder: it is not their limits that is tested here."""
    monkeypatch.setattr("server.store.engine.PATIENCE_SECONDS", 30.0)
    monkeypatch.setattr("tests.server.sample_office.ANSWER_SECONDS", 30.0)


@pytest.fixture
def crowd(office: SampleOffice) -> Iterator[Crowd]:
    portal: Flask = office.app.extensions["portal"]()
    office.set_policy("L", booking={"slots": [TEMPLATE], "account_limit": 1})
    served = Served(office, Limits())
    served.wait()
    branch = office.runtime.office.current().branch_named("wroclaw")
    assert branch is not None
    yield Crowd(office, served, branch.services["L"], log_in(office.runtime, portal, PEOPLE))
    served.stop()


@pytest.mark.parametrize("capacity", SHAPES)
def test_of_many_at_once_exactly_as_many_hold_a_place_as_there_are(crowd: Crowd, capacity: int) -> None:
    hours = HOURS[: PLACES // capacity]
    for hour in hours:
        crowd.office.open_slot("L", hour, capacity)
    wanted = hours * (PEOPLE // len(hours))
    random.Random(20).shuffle(wanted)
    told = crowd.ask(crowd.requests(crowd.people, wanted))
    assert told == {"held": PLACES, "slot_full": PEOPLE - PLACES}
    assert crowd.sold.is_exactly(PLACES)
    _assert_all_belongs_together(crowd, hours)


def test_who_asks_in_several_tabs_at_once_holds_one_place(crowd: Crowd) -> None:
    people = crowd.people[:PLACES]
    for hour in HOURS[:4]:
        crowd.office.open_slot("L", hour, PLACES)
    tabs = [crowd.requests(people, [hour] * len(people)) for hour in HOURS[:4]]
    told = crowd.ask([request for each in zip(*tabs, strict=True) for request in each])
    assert told["held"] == PLACES
    assert sum(told.values()) == 4 * PLACES
    assert crowd.sold == Sold(PLACES, PLACES, PLACES, 0)


def test_a_form_that_is_sent_again_and_again_holds_one_place(crowd: Crowd) -> None:
    crowd.office.open_slot("L", FIRST, 50)
    (request,) = crowd.requests(crowd.people[:1], [FIRST])
    assert crowd.ask([request] * THREADS) == {"held": THREADS}
    assert crowd.sold == Sold(1, 1, 1, 0)


def test_a_session_or_a_form_of_somebody_else_holds_nothing(crowd: Crowd) -> None:
    """Control: the checks are on in what is measured."""
    crowd.office.open_slot("L", FIRST, 50)
    one, other = crowd.people[:2]
    drafts = fill_in(crowd.office.runtime, [one, other], crowd.service, [FIRST] * 2)
    mixed = Person(one.account_id, one.email, one.cookie, other.form_token)
    told = crowd.ask([hold(mixed, drafts[0], "__Host-numerek"), hold(one, drafts[1], "__Host-numerek")])
    assert told == {"status 400": 1, "status 404": 1}
    assert crowd.sold == Sold(0, 0, 0, 0)


def _assert_all_belongs_together(crowd: Crowd, hours: Sequence[datetime]) -> None:
    """Each visit has its code in the outbox, its draft, its fact; the chain of facts is whole.

    The scheduler may have opened the hours of the template meanwhile: nobody asked for these.
    """
    office = crowd.office
    held = {row.id for row in office.rows(Reservation, Reservation.status == "held")}
    assert len(held) == PLACES
    assert {row.reservation_id for row in office.rows(Message)} == held
    assert {row.reservation_id for row in office.rows(Draft) if row.reservation_id} == held
    assert {row.data["reservation"] for row in office.facts("reservation.held")} == held
    assert all(
        row.taken == row.capacity
        for row in office.rows(Slot, Slot.service_id == crowd.service.id, Slot.starts_at.in_(hours))
    )
    assert office.store.read(_chain_problem) is None


def _chain_problem(session: Session) -> int | None:
    return verify_chain(session)
