"""Of several servers on one database one leads, and another when that is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest

from deploy.pgbouncer import Pooler
from server.store import leadership
from server.store.leadership import Leadership
from server.store.store import Store
from server.workers.scheduler import Job, Scheduler
from tests.server.movable_clock import MovableClock
from tests.server.sample_office import SampleOffice

TAKES_OVER_SECONDS = 5.0
_PATIENCE_SECONDS = 30.0
postgres_only = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def stores(database_url: str) -> Iterator[list[Store]]:
    """Give the stores of two servers."""
    made = [Store(database_url), Store(database_url)]
    yield made
    for store in made:
        store.close()


@pytest.fixture
def two(stores: list[Store]) -> Iterator[list[Leadership]]:
    """Give two servers that both would lead, the first of them asking first."""
    made = [Leadership(store) for store in stores]
    for each in made:
        each.start()
        until(made[0].leads)  # before the second one asks
    yield made
    for each in made:
        each.stop()


def until(what: Callable[[], bool], seconds: float = _PATIENCE_SECONDS) -> float:
    """Wait until something is so; return the seconds that it took."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() < began + seconds, "it did not come"
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_with_sqlite_the_one_server_leads(database_url: str) -> None:
    store = Store(database_url)
    alone = Leadership(store)
    alone.start()
    assert alone.leads()
    alone.stop()
    store.close()


@postgres_only
def test_one_of_two_leads_and_the_other_once_that_one_stops(two: list[Leadership]) -> None:
    first, second = two
    assert not second.leads()
    first.stop()
    assert not first.leads()
    assert until(second.leads) < TAKES_OVER_SECONDS


@postgres_only
def test_two_never_lead_at_once_though_the_one_that_does_is_cut_off(
    two: list[Leadership], stores: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not both_lead(two, stores[0].url, cuts=3)
    # The control: whoever gets the lock leads at once, while the other does not know yet that it lost it.
    monkeypatch.setattr(leadership, "_WAITS_SECONDS", -10.0)
    assert both_lead(two, stores[0].url, cuts=40)


def both_lead(two: list[Leadership], url: str, cuts: int) -> bool:
    """Cut the leader's connection so often; say whether both were seen to lead."""
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as administrator:
        for _ in range(cuts):
            until(lambda: two[0].leads() or two[1].leads())
            led = next((each for each in two if each.leads()), None)
            if led is None:
                continue  # an answer of the database came late, and did not count any more
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                [leadership.LEADER_LOCK],
            )
            while led.leads():
                # Asked once more: this test may be held up between the two questions.
                if two[0].leads() and two[1].leads() and two[0].leads():
                    return True
                time.sleep(0.002)
    return False


@postgres_only
def test_nobody_leads_by_a_lock_on_a_connection_that_a_pool_lends(
    database_url: str, pooler: Pooler, caplog: pytest.LogCaptureFixture
) -> None:
    """Behind PgBouncer two servers would have the same session, and so both the lock."""
    stores = [Store(pooler.url(database_url.partition("@/")[2].partition("?")[0])) for _ in range(2)]
    two = [Leadership(store) for store in stores]
    for each in two:
        each.start()
    until(lambda: sum("session_database_url" in record.message for record in caplog.records) == 2)
    assert not any(each.leads() for each in two)
    for each in two:
        each.stop()
    for store in stores:
        store.close()


@postgres_only
def test_a_job_runs_on_the_server_that_leads_and_one_of_each_server_on_both(
    office: SampleOffice, two: list[Leadership], clock: MovableClock
) -> None:
    ran: list[str] = []
    jobs = (
        Job("for all", timedelta(0), lambda *_: ran.append("for all")),
        Job("own", timedelta(0), lambda *_: ran.append("own"), everywhere=True),
    )
    for each in two:
        Scheduler(office.store, office.runtime.context, None, jobs, each.leads).look()
    assert ran == ["for all", "own", "own"]
    # The control: without the lock each server does it.
    for _ in two:
        Scheduler(office.store, office.runtime.context, None, jobs).look()
    assert ran.count("for all") == 3


@postgres_only
def test_a_job_is_due_at_once_for_whoever_leads_next(office: SampleOffice) -> None:
    ran: list[int] = []
    leads = threading.Event()
    jobs = (Job("hourly", timedelta(hours=1), lambda *_: ran.append(1)),)
    scheduler = Scheduler(office.store, office.runtime.context, None, jobs, leads.is_set)
    for has, times in ((False, 0), (True, 1), (True, 1), (False, 1), (True, 2)):
        leads.set() if has else leads.clear()
        scheduler.look()
        assert len(ran) == times
