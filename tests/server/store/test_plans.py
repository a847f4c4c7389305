"""No hot statement walks through a table that grows: each has an index to go by, on both databases."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bench.hot_requests import busy, hall_steps, other_steps, page_steps
from bench.in_process import Opened, Server, opened
from bench.plans import walks
from bench.statements import Listener, Statement, listener
from server.workers.jobs import JOBS
from server.workers.sweeper import Sweeper

ROUNDS, PEOPLE = 2, 1_000
OFTEN = timedelta(minutes=1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heard]:
    database = None
    if request.param == "postgresql":
        worker = request.getfixturevalue("worker_id")
        database = request.getfixturevalue("postgres_cluster").create_database(f"plans_{worker}")
    with listener() as ear, opened(tmp_path_factory.mktemp("plans"), database) as found:
        yield Heard(found, ear)
    gc.unfreeze()


class Heard:
    """An office on which all hot requests were made, and every statement that this took."""

    def __init__(self, office: Opened, ear: Listener) -> None:
        store, context = office.runtime.store, office.runtime.context
        server = Server(office.runtime)
        ready = busy(office, server.portal, ROUNDS, PEOPLE)
        if not store.sqlite:
            with store.engine.begin() as connection:
                connection.execute(text("ANALYZE"))
        with ear.listening():
            for steps in (
                hall_steps(ready, ready.codes),
                page_steps(ready, range(ROUNDS)),
                other_steps(ready),
            ):
                server.run(steps, lambda _step, _seconds: None)
            self.of_requests = list(ear.heard)
            Sweeper(store, context).look()
            for job in JOBS:
                if job.every <= OFTEN:
                    job.work(store, context(), office.runtime.outside)
            self.of_workers = ear.heard[len(self.of_requests) :]
        self.engine = store.engine
        server.close()


def test_no_request_walks_through_a_table_that_grows(office: Heard) -> None:
    assert len({each.text for each in office.of_requests}) > 100
    assert walks(office.engine, office.of_requests) == []


def test_nor_does_a_look_that_comes_every_minute_or_more_often(office: Heard) -> None:
    assert len(office.of_workers) > 20
    assert walks(office.engine, office.of_workers) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM ticket WHERE note = 'x'",
        "UPDATE reservation SET reason = NULL WHERE language = 'pl'",
        "SELECT r.id FROM ticket AS t JOIN reservation AS r ON r.language = t.language WHERE t.id = 1",
    ],
)
def test_a_statement_without_an_index_is_found(office: Heard, statement: str) -> None:
    (found,) = walks(office.engine, [Statement(statement)])
    assert "SCAN" in found.step.upper()
