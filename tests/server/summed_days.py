"""Past days of the sample office as sums only, as the keeper leaves them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from server.domain.statistics.sums import Cell, Origin
from server.domain.statistics.visits import Kind
from server.store.queries.statistics.sums import write_sums
from tests.server.sample_office import SampleOffice


def past_days(office: SampleOffice, count: int, tickets: Mapping[tuple[str, int], int]) -> None:
    """Sum up some working days before today, each with so many walk-in tickets by service and hour."""
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    today = branch.policy.business_day(office.clock.now())
    days = [today - timedelta(days=back) for back in range(1, 2 * count + 8)]
    working = [day for day in days if day.weekday() < 5][:count]
    sums = {
        Cell(branch.services[letter].id, hour, Origin.WALK_IN, Kind.KEPT): Counter(issued=number)
        for (letter, hour), number in tickets.items()
    }

    def write(session: Any) -> None:
        for day in working:
            write_sums(session, branch.id, day, sums, {})

    office.store.write(write)
