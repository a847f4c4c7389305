"""Reads that may be seconds old come from a standby server, but never older than promised nor than one's own.

The pages are asked here too, since a standby takes long to make.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from deploy.postgres import Cluster
from server.store.errors import StoreUnavailable
from server.store.replica import Replica
from server.store.store import Store
from server.store.tables import Setting
from server.web import pages
from tests.server.a_standby import Standby, running_standby, state, until
from tests.server.databases import empty
from tests.server.movable_clock import MovableClock
from tests.server.portal.booking_visitor import CALENDAR, DAY, Visitor
from tests.server.portal.browser import Browser
from tests.server.sample_office import application_for, sample_office

_LONG, _SHORT = 3600.0, 0.5


@pytest.fixture(scope="module")
def standby(postgres_cluster: Cluster) -> Iterator[Standby]:
    """Give a standby of the module's own; the run's PostgreSQL only says whether there can be one."""
    with running_standby() as made:
        yield made


@pytest.fixture
def store(standby: Standby) -> Iterator[Store]:
    """Give a store whose replica may be an hour old."""
    made = standby.store(_LONG)
    yield made
    made.close()


def at_standby(session: Session) -> bool:
    found: bool = session.execute(text("SELECT pg_is_in_recovery()")).scalar_one()
    return found


def settings(session: Session) -> tuple[bool, int]:
    """Say whether a standby was asked, and how many settings there are."""
    return at_standby(session), session.execute(text("SELECT count(*) FROM setting")).scalar_one()


def add(store: Store, name: str) -> int:
    """Write; return how many settings there are then."""
    store.write(lambda session: session.add(Setting(name=name, value="1")))
    return store.read(settings)[1]


def test_what_may_be_old_is_read_on_the_standby_and_all_else_on_the_primary(store: Store) -> None:
    assert store.read_recent(at_standby) is True
    assert store.read(at_standby) is False
    assert store.look(lambda place: place.execute(text("SELECT pg_is_in_recovery()")).scalar_one()) is False
    assert store.recent_reads == {"replica": 1, "primary": 0}


def test_who_wrote_does_not_see_what_was_before(standby: Standby, store: Store) -> None:
    with standby.held_up():
        before = store.position()
        now = add(store, "own")
        # Others see the old state, which is not older than an hour: the control of both.
        assert store.read_recent(settings) == (True, now - 1)
        assert store.read_recent(settings, before) == (True, now - 1)
        own = store.position()
        assert store.read_recent(settings, own) == (False, now)
        assert store.recent_reads == {"replica": 2, "primary": 1}
    assert store.read_recent(settings, own) == (True, now)


def test_a_standby_that_lags_more_than_its_bound_is_not_read(standby: Standby, store: Store) -> None:
    strict = standby.store(_SHORT)
    assert strict.read_recent(at_standby) is True
    with standby.held_up():
        now = add(strict, "late")
        until(lambda: state(strict) == "lagging")
        assert strict.replica is not None
        assert strict.replica.lag_seconds is not None
        assert strict.replica.lag_seconds > _SHORT
        assert strict.read_recent(settings) == (False, now)
        # Control: with another bound it is read, and is old.
        assert store.read_recent(settings) == (True, now - 1)
    until(lambda: state(strict) == "ok")
    assert strict.read_recent(settings) == (True, now)
    strict.close()


def test_the_read_itself_finds_out_that_the_standby_lags(
    standby: Standby, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two looks: the last one still found it fit."""
    replica = store.replica
    assert replica is not None
    with standby.held_up():
        now = add(store, "unseen")
        assert store.read_recent(settings) == (True, now - 1)
        monkeypatch.setattr(Replica, "_look", lambda _: None)
        here = replica.position()
        monkeypatch.setattr(replica, "_least", lambda: here)
        replica.state = "ok"
        assert store.read_recent(settings) == (False, now)
        assert replica.state == "lagging"


def test_where_nobody_looks_any_more_the_primary_is_read(standby: Standby) -> None:
    store = standby.store(_SHORT)
    replica = store.replica
    assert replica is not None
    replica.close()
    until(lambda: replica._least() is None)
    assert state(store) == "ok"
    assert store.read_recent(at_standby) is False
    store.close()


def test_a_read_that_is_cut_goes_on_at_the_primary(store: Store) -> None:
    def cut(session: Session) -> bool:
        if at_standby(session):
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return at_standby(session)

    assert store.read_recent(cut) is False
    until(lambda: state(store) == "ok" and store.read_recent(at_standby))


def test_a_standby_that_is_gone_is_not_asked_and_comes_back(standby: Standby, store: Store) -> None:
    standby.cluster.halt()
    try:
        assert store.read_recent(at_standby) is False
        until(lambda: bool(store.replica and store.replica.lag_seconds is None))
        assert state(store) == "gone"
        assert store.read_recent(at_standby) is False
    finally:
        standby.cluster.start()
    until(lambda: state(store) == "ok")
    assert store.read_recent(at_standby) is True


def test_a_node_that_follows_nobody_is_no_replica(standby: Standby) -> None:
    """As after its promotion: nobody could say how old it is."""
    store = Store(standby.url, read_url=standby.url)
    assert store.replica is not None
    until(lambda: bool(store.replica and store.replica._noted))
    assert state(store) == "gone"
    assert store.read_recent(at_standby) is False
    assert store.recent_reads == {"replica": 0, "primary": 1}
    store.close()


def test_who_wrote_as_the_primary_went_away_reads_on_no_standby(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not known how far it had come then."""

    def away() -> int:
        raise StoreUnavailable("database_gone")

    with monkeypatch.context() as patch:
        patch.setattr(store.replica, "_ask_primary", away)
        since = store.position()
    assert store.read_recent(at_standby, since) is False
    assert store.read_recent(at_standby) is True


def test_a_mistake_is_told_and_not_tried_elsewhere(store: Store) -> None:
    with pytest.raises(ProgrammingError):
        store.read_recent(lambda session: session.execute(text("SELECT nothing FROM nowhere")))
    assert store.recent_reads == {"replica": 0, "primary": 0}
    assert store.read_recent(at_standby) is True


def test_without_a_replica_all_is_read_as_ever_and_nothing_more_is_asked(migrated_file: object) -> None:
    store = Store(f"sqlite:///{migrated_file}", read_url="postgresql+psycopg://nobody@/nothing")
    assert store.replica is None
    assert store.position() == 0
    assert store.read_recent(lambda session: session.execute(text("SELECT 1")).scalar_one()) == 1
    store.close()


@pytest.fixture
def visitor(standby: Standby, clock: MovableClock) -> Iterator[Visitor]:
    """Give a visitor before an office whose pages may be an hour old, with one hour to book."""
    empty(standby.url)
    with sample_office(standby.url, clock) as office:
        old = standby.store(_LONG)
        application_for(replace(office.runtime, store=old))
        made = Visitor(office, Browser(office.app))
        made.rule()
        made.open()
        office.wait_until_sealed()
        yield made
        old.close()


@pytest.mark.parametrize("is_remembered", [True, False], ids=["remembered", "control"])
def test_who_booked_an_hour_does_not_see_it_free_again(
    standby: Standby, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, is_remembered: bool
) -> None:
    """Also once they have logged out."""
    if not is_remembered:
        monkeypatch.setattr(pages, "remember", lambda: None)
    free, full = "24 November 2026: last place", "24 November 2026: the limit of the day is used up"
    visitor.log_in()
    with standby.held_up():
        assert free in visitor.browser.get(CALENDAR).words
        visitor.begin()
        visitor.fill_in()
        visitor.hold()
        visitor.office.wait_until_sealed()
        log_out = visitor.browser.get("/en/log-out")
        assert visitor.browser.submit(log_out, "/en/log-out").status == 303
        assert (full if is_remembered else free) in visitor.browser.get(CALENDAR).words
        assert ("10:00" in visitor.browser.get(f"{CALENDAR}/{DAY}").words) is not is_remembered
