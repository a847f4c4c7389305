"""What happened to a reservation is found whole, also where commands waited for their turn beside others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.store.facts import NewFact, note
from server.store.queries.booking import desk
from tests.server.sample_office import SampleOffice
from wire.vocabulary import FactType


@pytest.mark.parametrize("before", [1, 2, 5, 40])
@pytest.mark.parametrize("after", [1, 2, 5, 40])
def test_a_fact_that_was_written_before_older_ones_is_found(
    office: SampleOffice, before: int, after: int
) -> None:
    now = office.clock.now()
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    ats = [
        *(now - timedelta(hours=1) for _ in range(before)),
        now,
        *(now - timedelta(seconds=8) for _ in range(after)),
        now + timedelta(seconds=1),
    ]

    def write(session) -> None:  # type: ignore[no-untyped-def]
        for n, at in enumerate(ats):
            about = 4711 if n in (before, len(ats) - 1) else n
            note(session, NewFact(FactType.RESERVATION_BOOKED, at, branch.id, {"reservation": about}))

    office.store.write(write)
    found = office.store.read(
        lambda session: [fact.at for fact in desk.facts_of(session, branch.id, 4711, now, 100)]
    )
    assert found == [now, now + timedelta(seconds=1)]
