"""On PostgreSQL facts are sealed behind the commits, whatever happens to one round of it."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import TimeoutError as PoolTimeout

from server.store import write
from tests.server.sample_office import SampleOffice


def test_a_round_that_got_no_connection_does_not_end_the_sealing(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    if office.store.sqlite:
        pytest.skip("SQLite's one writer seals what it writes itself")
    rounds: list[int] = []
    seal = write.seal_pending

    def sealed(connection: Connection) -> int:
        rounds.append(1)
        if len(rounds) == 1:
            raise PoolTimeout("all connections are in use")
        return seal(connection)

    monkeypatch.setattr(write, "seal_pending", sealed)
    office.walk_in("N")
    until = time.monotonic() + 10
    while time.monotonic() < until and any(
        fact.feed_number is None for fact in office.facts("ticket.issued")
    ):
        time.sleep(0.01)
    assert len(rounds) > 1
    assert [fact.feed_number is None for fact in office.facts("ticket.issued")] == [False]
