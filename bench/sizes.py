"""What each request costs the processor in offices of three sizes: how it grows with what has grown.

A figure is an exponent: 0 where the size does not matter, 1 where twice as many cost twice as much, from the
middle size to the large one. Streams have their own figure (`numerek bench streams`: one more stream).
"""

from __future__ import annotations

import math
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from bench.hall import remember
from bench.hot_requests import WAITING, busy
from bench.in_process import Opened, Server, Step, opened
from bench.profile import Script
from bench.table import Row
from server.services.booking.slots.planning import plan_service
from server.services.office.set_up import set_up_office

ROUNDS, _WARM_UP = 12, 4
_LINEAR = 1.1  # one, and what a figure may be off
_HOURS = {
    "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "hours": "08:00-18:00",
    "every_minutes": 60,
}
_LETTERS = "ABCDEFGHJKLMNPRSTUWYZ"  # without those that would be taken for digits


def run() -> list[Row]:
    """Measure the requests in offices of three sizes in each dimension, on SQLite."""
    rows = _grown("waiting", (10, 300, 10_000), lambda _office, _size: None)
    rows += _grown("branches", (1, 20, 200), lambda office, size: _branches(office, size, services=1))
    rows += _grown("days behind", (1, 30, 1_000), _days)
    return rows + _grown(
        "services with 90 days of hours",
        (1, 20, 200),
        lambda office, size: _branches(office, size // 20, 20, slots=True),
    )


def _grown(what: str, sizes: tuple[int, int, int], fill: Callable[[Opened, int], None]) -> list[Row]:
    found = [_measured(what, size, fill) for size in sizes]
    return [_row(f"{kind}: {what}", sizes, [each[kind] for each in found]) for kind in found[0]]


def _row(what: str, sizes: tuple[int, int, int], ms: list[float]) -> Row:
    exponent = math.log(ms[2] / ms[1]) / math.log(sizes[2] / sizes[1])
    told = ", ".join(
        f"{size:,}: {each:.2f} ms".replace(",", " ") for size, each in zip(sizes, ms, strict=True)
    )
    return Row(what, exponent, f"exponent ({told})", "≤ 1", exponent <= _LINEAR)


def _measured(what: str, size: int, fill: Callable[[Opened, int], None]) -> Mapping[str, float]:
    """Return the milliseconds of processor time of each kind of request in an office of a size."""
    seconds: dict[str, list[float]] = defaultdict(list)

    def done(step: Step, spent: float) -> None:
        if step.name:
            seconds[step.name].append(spent)

    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="numerek-bench-"))
        office = stack.enter_context(opened(Path(folder)))
        fill(office, size)
        server = Server(office.runtime)
        waiting = size if what == "waiting" else WAITING
        script = Script(busy(office, server.portal, ROUNDS + _WARM_UP, waiting=waiting))
        script.play(server, _WARM_UP, lambda _step, _spent: None)
        script.play(server, ROUNDS, done)
        server.close()
    return {kind: median(each) * 1e3 for kind, each in seconds.items()}


def _days(office: Opened, days: int) -> None:
    """Let so many days be over, a hundred tickets each."""
    remember(office.runtime.store, office.runtime.context(), days)


def _branches(office: Opened, count: int, services: int, *, slots: bool = False) -> None:
    """Set up so many further branches with their services, and the hours of 90 days where wanted."""
    booking = {"horizon_days": 90, "slots": [_HOURS]} if slots else {}
    runtime = office.runtime
    named = [
        _branch(f"branch{place}", [_service(letter, booking) for letter in _LETTERS[:services]])
        for place in range(count)
    ]
    if named:
        runtime.store.write(lambda session: set_up_office(session, runtime.clock.now(), {"branch": named}))
        runtime.office.forget()
    context = runtime.context()
    for branch in context.office.branches.values() if slots else ():
        if branch.code.startswith("branch"):
            for service in branch.services.values():
                plan_service(runtime.store, context, service)


def _branch(code: str, services: list[dict[str, Any]]) -> dict[str, Any]:
    hall = {"code": "A", "name": "Sala A"}
    return {"code": code, "name": code, "public_holidays": "none", "hall": [hall], "service": services}


def _service(letter: str, booking: dict[str, Any]) -> dict[str, Any]:
    return {"letter": letter, "names": {"pl": f"Usługa {letter}"}} | ({"booking": booking} if booking else {})
