"""A part of the benchmark ends within its time, and growth is told at the marks and for each thousand."""

from __future__ import annotations

import signal
import threading

import pytest

from bench.__main__ import BOUND_SECONDS, PARTS
from bench.many_visits import grown
from bench.table import Row, bounded


def test_a_part_that_hangs_is_ended_and_told_and_the_next_one_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    let_go = []

    def hangs() -> list[Row]:
        try:
            threading.Event().wait()
        finally:
            let_go.append(True)
        return []

    before = signal.getsignal(signal.SIGALRM)
    assert bounded("hangs", hangs, 0.05) == [Row("hangs", "not over", "", "within 0 s", met=False)]
    assert let_go, "what it had started is ended on the way out"
    assert bounded("next", lambda: [Row("next", 1, "s")], 30.0) == [Row("next", 1, "s")]
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert capsys.readouterr().err.count("measuring") == 2


def test_every_bound_is_of_a_part() -> None:
    assert set(BOUND_SECONDS) <= set(PARTS)


def test_growth_is_told_at_each_mark_and_from_a_fifth_on() -> None:
    held = {200: 100.0, 1_000: 100.0, 4_000: 120.0, 5_000: 122.0, 10_000: 130.0, 20_000: 128.0}
    rows = {row.what: row for row in grown("kiosk", "visits", held)}
    assert [row.value for row in rows.values()] == [100, 122, 130, 128, 0.5]
    assert rows["kiosk: memory after 20000 visits"].met
    assert not grown("kiosk", "visits", held | {20_000: 133.0})[-2].met, "more than 1.1 times what it was"


def test_growth_of_a_run_that_was_ended_early_is_told_as_far_as_it_came() -> None:
    rows = grown("board", "calls", {200: 80.0, 1_000: 100.0, 2_000: 101.0})
    assert [(row.what, row.value) for row in rows] == [
        ("board: memory after 1000 calls", 100.0),
        ("board: memory after 2000 calls", 101.0),
        ("board: memory, more for each 1 000 calls since 1000", 1.0),
    ]
