"""The event log: sealed in one order, chained by hashes, and an edited row is found."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, delete, select, update

from bench.statements import Listener, listener
from server.store import facts, write
from server.store.facts import NewFact, SealedFact, facts_after, note, verify_chain
from server.store.store import Store
from server.store.tables import Fact
from server.workers.forecaster import Forecaster
from tests.server.at_once import at_once
from tests.server.movable_clock import TEN
from tests.server.sample_office import SampleOffice
from wire.vocabulary import FactType


def fact(number: int) -> NewFact:
    """Make a fact that tells its number."""
    return NewFact(FactType.TICKET_ISSUED, TEN, 1, {"ticket": number, "number": "Żółć 9"})


def sealed(store: Store, count: int) -> list[SealedFact]:
    """Wait until so many facts are sealed and return them."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        found = store.read(lambda session: facts_after(session, 0, 10_000))
        if len(found) >= count:
            return found
        time.sleep(0.01)
    raise AssertionError(f"{len(found)} facts were sealed, {count} expected")


@pytest.fixture
def store(database_url: str) -> Any:
    """Give an empty store on each database."""
    made = Store(database_url)
    yield made
    made.close()


def test_facts_stand_in_one_order_without_gaps_whoever_wrote_them(store: Store) -> None:
    at_once(8, lambda place: [store.write(lambda s, n=n: note(s, fact(place * 100 + n))) for n in range(12)])
    found = sealed(store, 96)
    assert [each.feed_number for each in found] == list(range(1, 97))
    assert {each.data["ticket"] for each in found} == {p * 100 + n for p in range(8) for n in range(12)}
    for place in range(8):
        own = [each.data["ticket"] for each in found if each.data["ticket"] // 100 == place]
        assert own == sorted(own)
    assert store.read(verify_chain) is None


def test_two_servers_on_one_database_seal_one_chain(database_url: str, store: Store) -> None:
    if store.sqlite:
        pytest.skip("SQLite has one server")
    other = Store(database_url)
    try:
        stores = (store, other)
        at_once(4, lambda p: [stores[p % 2].write(lambda s, n=n: note(s, fact(n))) for n in range(10)])
        assert [each.feed_number for each in sealed(store, 40)] == list(range(1, 41))
        assert store.read(verify_chain) is None
    finally:
        other.close()


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"ticket": 3, "number": "P999"}},
        {"type": "ticket.called"},
        {"branch_id": 2},
        {"at": TEN.replace(microsecond=1)},
        {"chain_hash": bytes(32)},
    ],
)
def test_an_edited_row_is_found(store: Store, change: dict[str, Any]) -> None:
    for number in range(6):
        store.write(lambda session, n=number: note(session, fact(n)))
    sealed(store, 6)
    assert store.read(verify_chain) is None
    store.write(lambda s: s.execute(update(Fact).where(Fact.feed_number == 4).values(**change)))
    assert store.read(verify_chain) == 4


def test_a_row_taken_out_of_the_middle_is_found(store: Store) -> None:
    for number in range(6):
        store.write(lambda session, n=number: note(session, fact(n)))
    sealed(store, 6)
    store.write(lambda session: session.execute(delete(Fact).where(Fact.feed_number == 3)))
    assert store.read(verify_chain) == 4


def test_a_fact_of_work_that_failed_is_not_written(store: Store) -> None:
    def work(session: Any) -> None:
        note(session, fact(1))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.write(work)
    store.write(lambda session: note(session, fact(2)))
    assert [each.data["ticket"] for each in sealed(store, 1)] == [2]


@pytest.mark.parametrize("count", [1, 3, 4, 5, 9])
def test_all_facts_of_one_piece_of_work_stand_in_their_order(store: Store, count: int) -> None:
    for first in (0, 100):
        store.write(lambda s, first=first: [note(s, fact(first + place)) for place in range(count)])
    told = [each.data["ticket"] for each in sealed(store, 2 * count)]
    assert told == [*range(count), *range(100, 100 + count)]
    assert store.read(verify_chain) is None


def test_the_log_goes_on_behind_what_another_program_wrote(database_url: str, store: Store) -> None:
    """The writer remembers the end of the log: without the look in its statement the number would be taken."""
    other = Store(database_url)
    try:
        for place in range(3):
            for each in (store, other):
                each.write(lambda session, place=place: note(session, fact(place)))
        assert [each.feed_number for each in sealed(store, 6)] == list(range(1, 7))
        assert store.read(verify_chain) is None
    finally:
        other.close()


@pytest.mark.parametrize("left", [0, 2])
def test_the_log_goes_on_behind_what_is_left_of_it(store: Store, left: int) -> None:
    """Without the look in the writer's statement there would be a hole in the chain."""
    if not store.sqlite:
        pytest.skip("PostgreSQL's sealer reads the end at each round")
    for number in range(3):
        store.write(lambda session, n=number: note(session, fact(n)))
    with store.engine.begin() as connection:
        connection.execute(delete(Fact).where(Fact.feed_number > left))
    store.write(lambda session: [note(session, fact(n)) for n in (7, 8)])
    assert [each.feed_number for each in sealed(store, left + 2)] == list(range(1, left + 3))
    assert store.read(verify_chain) is None


def test_the_log_survives_a_restart_and_goes_on_behind_its_end(database_url: str, store: Store) -> None:
    store.write(lambda session: note(session, fact(1)))
    sealed(store, 1)
    store.close()
    again = Store(database_url)
    try:
        again.write(lambda session: note(session, fact(2)))
        assert [each.feed_number for each in sealed(again, 2)] == [1, 2]
        assert again.read(verify_chain) is None
    finally:
        again.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_was_written_while_the_last_round_ran_is_sealed_too(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, may_end = threading.Event(), threading.Event()

    def slowly(connection: Connection) -> int:
        count = facts.seal_pending(connection)
        looked.set()
        may_end.wait(60)
        return count

    monkeypatch.setattr(write, "seal_pending", slowly)
    store = Store(database_url)
    assert looked.wait(60)
    store.write(lambda session: note(session, fact(1)))
    closing = threading.Thread(target=store.close)
    closing.start()
    closing.join(0.5)
    may_end.set()
    closing.join(60)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert connection.scalar(select(Fact.feed_number)) == 1
    engine.dispose()


def test_every_step_of_a_visit_is_a_fact_with_ids_only(office: SampleOffice) -> None:
    booked = office.book("P", "10:15", name="Marker Markiewicz")
    office.clock.set("9:50")
    ticket = office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["ticket"]
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    for action, body in (("recall", {}), ("start", {}), ("finish", {"outcome": "served"})):
        assert clerk.post(f"/tickets/{ticket['id']}/{action}", body).status_code == 200
    types = [fact.type for fact in office.facts() if fact.type != "office.changed"]
    assert types == [
        "reservation.booked",
        "ticket.issued",
        "reservation.checked_in",
        "clerk.signed_in",
        "ticket.called",
        "ticket.recalled",
        "ticket.started",
        "ticket.finished",
    ]
    assert "Mark" not in str([fact.data for fact in office.facts()])
    sealed(office.store, len(types) + 2)
    assert office.store.read(verify_chain) is None


@pytest.fixture
def ear() -> Iterator[Listener]:
    """Listen to the database of an office that is opened after it."""
    with listener() as hearing:
        yield hearing


def test_a_scanned_code_takes_eight_statements(ear: Listener, office: SampleOffice) -> None:
    """Device, reservation twice, people ahead, number, ticket, answer, and the facts (docs/performance.md)."""
    first, second = (office.book("P", at)["qr"] for at in ("10:15", "10:30"))
    office.clock.set("9:50")
    assert office.kiosk.post("/check-ins", {"code": first}).status_code == 201
    office.wait_until_sealed()
    Forecaster(office.store, office.runtime.context).look()  # as beside a server, each second
    with ear.listening():
        assert office.kiosk.post("/check-ins", {"code": second}).status_code == 201
        told = [each.text for each in ear.heard if not each.is_of_a_transaction]
    told = told[: 1 + max(place for place, text in enumerate(told) if "INSERT INTO fact" in text)]
    assert len(told) == 8, told  # what PostgreSQL's sealer sends comes after them
