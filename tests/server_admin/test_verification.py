"""Visits that wait for verification are listed, shown, accepted and rejected from the command line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from server.domain.booking.people import identity_of
from server.services.booking import integrators, verification
from server.services.context import Context
from server.services.office.settings import read_office
from server.services.queue.forecasts import Forecasts
from server.store.open_store import open_store
from server.store.queries.office import grow_version
from server.store.tables import Reservation, Service, Slot
from tests.server_admin.conftest import Desk

HOUR = datetime(2099, 1, 5, 9, 0, tzinfo=UTC)
QUESTIONS = [
    {
        "key": "kind",
        "label": {"pl": "Rodzaj"},
        "kind": "choice",
        "choices": [{"code": "work", "pl": "praca"}],
    },
    {"key": "case_number", "label": {"pl": "Numer sprawy"}},
]


def run(desk: Desk, use_case: Any, *arguments: Any) -> Any:
    """Run a use case in the desk's installation."""
    store, keys = open_store(desk.settings)
    office = store.read(read_office)
    context = Context(datetime.now(UTC), office, Forecasts(), keys, "https://numerek.test")
    done = store.write(lambda session: use_case(session, context, *arguments))
    store.close()
    return done


def row(desk: Desk) -> Any:
    store = desk.store()
    found = store.read(lambda session: session.execute(select(Reservation)).scalar_one())
    store.close()
    return found


def book(session: Any, context: Context) -> int:
    """Have a person wait for verification, asked and answered."""
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    service = branch.services["P"]
    session.add(Slot(service_id=service.id, starts_at=HOUR, capacity=5))
    session.flush()
    person = {
        "name": "Oksana\x1b[31m Koval",
        "document": "FA123456",
        "children": [{"name": "Ola", "birth_year": 2090}],
    }
    identity = identity_of("Oksana Koval", date(1990, 5, 1), "FA123456")
    visit = integrators.Visit("wroclaw", "P", HOUR, "pl", person, identity)
    booked = integrators.book(session, context, visit)
    assert isinstance(booked, integrators.Booked)
    verification.ask(session, context, session.get_one(Reservation, booked.id))
    token = verification.path_of(context, booked.id).rpartition("/")[2]
    said = {"kind": "work", "case_number": "SOC/1"}
    assert verification.answer(session, context, token, said) == verification.Answered()
    return booked.id


def verify_first(session: Any, context: Context) -> None:
    """Have the passport service of Wrocław ask before a visit stands."""
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    policy = {"verification_required": True, "booking": {"questions": QUESTIONS}}
    session.execute(update(Service).where(Service.id == branch.services["P"].id).values(policy=policy))
    grow_version(session)


@pytest.fixture
def waiting(either_desk: Desk) -> tuple[Desk, int]:
    """Give a desk where one visit waits for a decision."""
    run(either_desk, verify_first)
    return either_desk, run(either_desk, book)


def test_what_waits_is_listed_and_shown_with_its_answers(waiting: tuple[Desk, int]) -> None:
    desk, reservation_id = waiting
    listed = desk.good("reservation", "pending")
    assert re.search(rf"{reservation_id} +wroclaw +P +2099-01-05 10:00", listed)
    shown = desk.good("reservation", "pending", reservation_id)
    for told in ("Koval", "FA123456", "Ola (2090)", "praca", "SOC/1"):
        assert told in shown
    assert "\x1b" not in shown


def test_an_accepted_visit_stands_and_is_decided_once(waiting: tuple[Desk, int]) -> None:
    desk, reservation_id = waiting
    assert "is booked" in desk.good("reservation", "accept", reservation_id)
    assert row(desk).status == "booked"
    assert "this one is booked" in desk.refused("reservation", "accept", reservation_id)
    assert "this one is booked" in desk.refused("reservation", "reject", reservation_id, "--reason", "late")


def test_a_rejected_visit_keeps_its_reason(waiting: tuple[Desk, int]) -> None:
    desk, reservation_id = waiting
    assert "--reason is a word" in desk.refused(
        "reservation", "reject", reservation_id, "--reason", "Not a word"
    )
    assert "is rejected" in desk.good("reservation", "reject", reservation_id, "--reason", "wrong_service")
    assert (row(desk).status, row(desk).reason) == ("rejected", "wrong_service")
    assert str(reservation_id) not in desk.good("reservation", "pending").splitlines()[1:]


def test_what_is_not_there_cannot_be_decided(either_desk: Desk) -> None:
    for action in (("accept", 99), ("reject", 99, "--reason", "late"), ("pending", 99)):
        assert "there is no such reservation" in either_desk.refused("reservation", *action)
