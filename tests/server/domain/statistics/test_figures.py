"""Buckets and quantiles, sums of a day, periods."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.statistics import buckets
from server.domain.statistics.figures import Figures, Row, cleaned, together
from server.domain.statistics.open_times import Presence
from server.domain.statistics.periods import LONGEST_DAYS, Named, Period, before, named, own
from server.domain.statistics.sums import Booking, Cell, Desk, Rules, sums_of
from tests.server.domain.statistics.test_visits import visit
from tests.server.movable_clock import at

RULES = Rules(ZoneInfo("Europe/Warsaw"), {1: 10, 2: 5}, frozenset({"wrong_person"}), frozenset({"no_papers"}))
TODAY = date(2026, 11, 29)


@given(st.lists(st.integers(0, 7200), min_size=1, max_size=40), st.sampled_from([0.5, 0.8, 0.95]))
def test_a_quantile_is_exact_to_its_bucket(seconds: list[int], share: float) -> None:
    counts = [0] * buckets.COUNT
    for each in seconds:
        counts[buckets.bucket(each)] += 1
    told = buckets.quantile(counts, share)
    exact = sorted(seconds)[max(-(-int(share * 100) * len(seconds) // 100) - 1, 0)] / 60
    place = buckets.bucket(round(exact * 60))
    low = buckets.EDGES[place - 1] if place else 0
    assert told is not None
    assert low - 1e-9 <= told <= buckets.EDGES[place] + 1e-9


def test_buckets_at_their_edges() -> None:
    assert [buckets.bucket(each) for each in (0, 60, 61, 120, 7200, 7201)] == [0, 0, 1, 1, 15, 16]
    assert [buckets.lead_bucket(each) for each in (-1, 0, 1, 2, 30, 31)] == [0, 0, 1, 2, 5, 6]
    assert buckets.quantile([0] * buckets.COUNT, 0.5) is None
    assert buckets.quantile([0] * 16 + [9], 0.5) == 120


def test_the_sums_of_a_small_day() -> None:
    visits = [
        visit(),
        visit(id=2, outcome="wrong_person", called_at=at("10:11"), calls=(at("10:11"),)),
        visit(id=3, is_booked=True, outcome="no_papers", service_id=2),
        visit(id=4, status="no_show", outcome=None, issued_at=at("10:30"), queued_at=at("10:00")),
    ]
    bookings = [
        Booking(2, at("10:00"), at("10:00") - timedelta(days=3)),
        Booking(2, at("12:00"), at("10:00") - timedelta(days=40), is_lapsed=True),
        Booking(2, at("12:00"), at("10:00"), is_cancelled=True),
    ]
    found, _ = sums_of(visits, bookings, [], RULES)
    assert set(found) == {
        Cell(1, 10, "walk_in", "kept"),
        Cell(1, 10, "walk_in", "abandoned"),
        Cell(2, 10, "booked", "kept"),
        Cell(2, 12, "booked", "kept"),
    }
    kept = found[Cell(1, 10, "walk_in", "kept")]
    assert (kept["issued"], kept["served"], kept["waits"], kept["in_target"]) == (2, 1, 2, 1)
    assert (kept["wait_seconds"], kept["wait_05"], kept["wait_06"]) == (600 + 660, 1, 1)
    gone = found[Cell(1, 10, "walk_in", "abandoned")]
    assert (gone["issued"], gone["no_show"], gone["waits"], gone["services"]) == (1, 1, 1, 0)
    booked = found[Cell(2, 10, "booked", "kept")]
    assert (booked["booked"], booked["in_target"], booked["without_documents"]) == (1, 0, 1)
    assert (booked["lead_2"], booked["served"]) == (1, 1)
    lapsed = found[Cell(2, 12, "booked", "kept")]
    assert (lapsed["booked"], lapsed["lapsed"], lapsed["cancelled"], lapsed["lead_6"]) == (1, 1, 1, 1)
    assert (lapsed["issued"], lapsed["lead_0"]) == (0, 0)


def test_the_hour_is_of_the_branchs_clock_on_the_day_that_it_goes_back() -> None:
    twice = [at("2:30") - timedelta(days=29), at("2:30") - timedelta(days=29, hours=1)]
    visits = [visit(id=n, issued_at=each) for n, each in enumerate(twice)]
    found, _ = sums_of(visits, [], [], RULES)
    assert {cell.hour: counts["issued"] for cell, counts in found.items()} == {2: 2}


def test_counters_and_presences_that_overlap() -> None:
    presences = [
        Presence(7, 70, at("9:00"), at("10:00")),
        Presence(7, 71, at("9:30"), at("11:00")),
        Presence(8, 70, at("9:00"), at("9:30")),
    ]
    _, found = sums_of([visit(clerk_id=70)], [], presences, RULES)
    assert found[Desk(7, None)]["open_seconds"] == 2 * 3600
    assert found[Desk(7, None)]["busy_seconds"] == 360
    assert set(found) == {Desk(7, None), Desk(8, None)}, "no clerk unless the office allows it"
    _, named_too = sums_of([visit(clerk_id=70)], [], presences, Rules(RULES.zone, {}, by_clerk=True))
    assert {desk: counts["open_seconds"] for desk, counts in named_too.items()} == {
        Desk(7, 70): 3600,
        Desk(7, 71): 3600,
        Desk(8, 70): 1800,
    }


def test_cleaned_figures_leave_out_what_was_never_used() -> None:
    rows = [
        Row(1, 0, 10, "walk_in", kind, Counter(issued=1, waits=1, in_target=kind == "kept"))
        for kind in ("kept", "abandoned", "duplicate")
    ]
    assert together(rows).in_target == pytest.approx(1 / 3)
    assert together(cleaned(rows)).in_target == 1
    assert Figures(Counter()).in_target is None
    assert Figures(Counter()).mean("wait") is None


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        (Named.TODAY, "2026-11-29", "2026-11-29"),
        (Named.YESTERDAY, "2026-11-28", "2026-11-28"),
        (Named.WEEK, "2026-11-23", "2026-11-29"),
        (Named.MONTH, "2026-11-01", "2026-11-29"),
        (Named.LAST_MONTH, "2026-10-01", "2026-10-31"),
        (Named.YEAR, "2025-11-30", "2026-11-29"),
    ],
)
def test_named_periods(name: Named, first: str, last: str) -> None:
    assert named(name, TODAY) == Period(date.fromisoformat(first), date.fromisoformat(last))


def test_the_period_before() -> None:
    assert before(named(Named.LAST_MONTH, TODAY)) == Period(date(2026, 9, 1), date(2026, 9, 30))
    assert before(Period(TODAY, TODAY)) == Period(date(2026, 11, 22), date(2026, 11, 22))
    part = before(named(Named.MONTH, TODAY))
    assert (part.days, part.first.weekday()) == (29, date(2026, 11, 1).weekday())
    assert part.last < date(2026, 11, 1)


def test_a_period_of_ones_own_is_put_right_and_bounded() -> None:
    assert own(date(2026, 2, 2), date(2026, 1, 1)) == Period(date(2026, 1, 1), date(2026, 2, 2))
    assert own(date(2000, 1, 1), TODAY).days == LONGEST_DAYS
