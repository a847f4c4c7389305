"""A branch's forecast is made anew when something happened there, or when some seconds have passed."""

from __future__ import annotations

import pytest

from server.services.queue.forecasts import Forecasts, LineForecast
from server.store.queries import forecast as rows
from tests.server.sample_office import SampleOffice

MOST_ROUNDS = 10


def kept(office: SampleOffice, forecasts: Forecasts) -> dict[str, LineForecast]:
    """Return what is told now, by the branch's code."""
    context = office.runtime.context()
    return {
        branch.code: office.store.read(
            lambda session, each=branch.id: forecasts.look(session, context.office, each, context.now)
        )
        for branch in context.office.branches.values()
    }


def renew(office: SampleOffice, forecasts: Forecasts) -> list[set[str]]:
    """Renew until nothing is due; return for each round the branches that are told something else since."""
    context, rounds = office.runtime.context(), []
    forecasts.beside = True
    while len(rounds) < MOST_ROUNDS:
        before = kept(office, forecasts)
        if not office.store.read(lambda session: forecasts.renew(session, context.office, context.now)):
            break
        after = kept(office, forecasts)
        rounds.append({code for code in after if after[code] is not before[code]})
    return rounds


def test_only_the_branch_to_which_something_happened_is_renewed(office: SampleOffice) -> None:
    forecasts = Forecasts()
    assert renew(office, forecasts) == [{"wroclaw", "legnica"}]
    office.walk_in("N")  # the database counts on from where an earlier test left it: many facts, by their ids
    renew(office, forecasts)
    assert renew(office, forecasts) == []
    office.walk_in("N")
    assert renew(office, forecasts) == [{"wroclaw"}]
    assert renew(office, forecasts) == []


def test_some_seconds_later_every_branch_is_renewed_one_after_the_other(office: SampleOffice) -> None:
    forecasts = Forecasts()
    renew(office, forecasts)
    office.clock.advance(seconds=6)
    assert sorted(renew(office, forecasts), key=sorted) == [{"legnica"}, {"wroclaw"}]


def test_after_a_thousand_facts_every_branch_is_renewed(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecasts = Forecasts()
    renew(office, forecasts)
    monkeypatch.setattr(rows, "MOST_FACTS", 0)
    office.walk_in("N")
    assert sorted(renew(office, forecasts), key=sorted) == [{"legnica"}, {"wroclaw"}]
