"""Whether it stays as fast: check-ins and calls with 10 and 10 000 waiting, after 1 and after 1 000 days."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from bench import load
from bench.hall import Hall, hall
from bench.table import Row

GOAL = 1.3
ROUNDS = 5
_EACH = 120
_CALLS = 30


def run() -> list[Row]:
    """Measure both halls at once, in turns, so that the machine's noise falls on both alike."""
    rows = _compared("10 000 waiting ÷ 10", {"waiting": 10}, {"waiting": 10_000})
    return rows + _compared(
        "1 000 days behind ÷ 1", {"past_days": 1, "waiting": 10}, {"past_days": 1_000, "waiting": 10}
    )


def _compared(what: str, small: dict[str, Any], large: dict[str, Any]) -> list[Row]:
    each = _EACH * ROUNDS
    with hall(booked=each, **small) as few, hall(booked=each, **large) as many:
        check_ins = _ratio(few, many, _check_in_ms)
        calls = _ratio(few, many, _call_ms)
    return [
        Row(f"check-in, {what}", check_ins, "×", f"≤ {GOAL}", check_ins <= GOAL),
        Row(f"call next, {what}", calls, "×", f"≤ {GOAL}", calls <= GOAL),
    ]


def _ratio(few: Hall, many: Hall, measure: object) -> float:
    """Return the median of the rounds' ratios of medians."""
    return median(measure(many, turn) / measure(few, turn) for turn in range(ROUNDS))  # type: ignore[operator]


def _check_in_ms(office: Hall, turn: int) -> float:
    codes = office.codes[turn * _EACH : (turn + 1) * _EACH]
    requests = (
        load.command("/api/v1/check-ins", office.kiosk, b'{"code":"%s"}' % code.encode()) for code in codes
    )
    return load.run(office.port, requests, 1).p50_ms


def _call_ms(office: Hall, _turn: int) -> float:
    """Call and put back, so that the line stays as long as it is; only the calls are timed."""
    number, token = office.sign_in(0)
    times = []
    for _ in range(_CALLS):
        began = time.perf_counter()
        called = office.post(f"/api/v1/counters/{number}/call-next", {}, token)
        times.append((time.perf_counter() - began) * 1e3)
        office.post(f"/api/v1/tickets/{called['ticket']['id']}/put-back", {}, token)
    return median(times)
