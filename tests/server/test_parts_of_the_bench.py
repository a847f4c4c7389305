"""The profile of the bench gives each part its own time, hears every statement, and leaves no trace."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from bench.parts import Accounts, Spent, Wrapping
from bench.profile import REST, Found
from bench.statements import listener
from server.api import routes
from server.domain.queue import tickets
from server.services.access import identity
from server.store.migrate import upgrade
from server.store.prepared import Prepared
from server.store.store import Store
from server.store.tables import Setting

SET = Prepared(insert(Setting), ("name", "value"))


def burn(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_time_belongs_to_the_part_that_is_innermost() -> None:
    accounts = Accounts()
    inner = accounts.wrapped(lambda: burn(0.04), "rows")

    def use_case() -> None:
        burn(0.02)
        inner()

    accounts.wrapped(use_case, "use case")()
    took = accounts.take()
    assert took["rows"].seconds == pytest.approx(0.04, abs=0.005)
    assert took["use case"].seconds == pytest.approx(0.02, abs=0.005)
    assert (took["rows"].edges, took["use case"].edges) == (1, 2)
    assert accounts.take() == {}


def test_what_counting_costs_is_taken_off_by_how_often_parts_meet() -> None:
    """Two parts take 100 µs each; one meets others nine times as often, and counting cost 10 µs each time."""
    found = Found(
        whole=[300e-6],
        wrapped=[400e-6],
        parts=[{"rows": Spent(190e-6, 9), "commit": Spent(110e-6, 1)}],
    )
    assert found.counting_us == pytest.approx(10)
    assert [found.part_us(each) for each in ("rows", "commit", REST)] == pytest.approx([100, 100, 100])


def test_wrapping_is_seen_where_a_function_is_imported_and_is_taken_back() -> None:
    real, handlers = (identity.identify, tickets.next_status, Prepared.run), routes.ROUTES[:]
    with Wrapping(Accounts()).on():
        assert routes.identify is identity.identify is not real[0]
        assert tickets.next_status is not real[1]
        assert Prepared.run is not real[2]
        assert routes.ROUTES[0].handler is not handlers[0].handler
    assert (identity.identify, tickets.next_status, Prepared.run) == real
    assert routes.identify is real[0]
    assert handlers == routes.ROUTES


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/numerek.db"
    cluster = request.getfixturevalue("postgres_cluster")
    return str(cluster.create_database(f"parts_{request.getfixturevalue('worker_id')}"))


def test_every_statement_is_heard_also_a_prepared_one_and_those_of_a_transaction(url: str) -> None:
    upgrade(url)
    with listener() as ear:
        store = Store(url)
        store.write(lambda session: session.execute(text("SELECT 1")))
        assert ear.heard == []  # nobody listens yet

        def work(session: Session) -> None:
            SET.run(session, {"name": "bench", "value": "1"})
            session.execute(text("SELECT 2"))

        with ear.listening():
            store.write(work)
            told = [each.text for each in ear.heard]
            count = ear.count()
        store.close()
    assert [each for each in told if "INSERT INTO setting" in each]
    assert count == (2, 4 if store.sqlite else 2)
    assert ear.heard == []
