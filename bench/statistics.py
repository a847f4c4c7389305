"""Reports over a year with 2 000 tickets a day, on both databases; and what a day costs the keeper."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from bench.table import Row
from deploy.demo.history import MadeDay, made_day
from deploy.postgres import is_installed, running_cluster
from server.app import build_runtime
from server.clock import SystemClock
from server.domain.statistics.periods import Period, before
from server.services.context import Context
from server.services.office.set_up import set_up_office
from server.services.office.settings import BranchView
from server.services.statistics.keeping import keep_sums, rules_of
from server.services.statistics.report import report
from server.store.keyring import Keyring
from server.store.migrate import upgrade
from server.store.queries.statistics.sums import write_sums
from server.store.store import Store
from server.store.tables import SummedDay, Ticket

DAYS, TICKETS = 365, 2_000
_GOAL = 1.0
_ROUNDS = 5
_PATTERNS = 10
_A_WRITE = 5
_SERVICES, _COUNTERS = "PLNTKDSZ", 20


def run() -> list[Row]:
    """Measure on SQLite, and on PostgreSQL where it is installed."""
    rows = []
    for name, url in _databases():
        with url as at:
            rows += _measured(name, at)
    return rows


def _databases() -> Iterator[tuple[str, Any]]:
    yield "SQLite", _file()
    if is_installed():
        yield "PostgreSQL", _cluster()


@contextmanager
def _file() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="numerek-bench-") as name:
        yield f"sqlite:///{Path(name) / 'numerek.db'}"


@contextmanager
def _cluster() -> Iterator[str]:
    with running_cluster() as cluster:
        yield cluster.create_database("bench")


def _measured(name: str, url: str) -> list[Row]:
    upgrade(url)
    store = Store(url)
    try:
        runtime = build_runtime(store, SystemClock(), Keyring(bytes(range(32))), "http://127.0.0.1")
        now = runtime.clock.now()
        store.write(lambda session: set_up_office(session, now, _office()))
        runtime.office.forget()
        context = runtime.context()
        branch = context.office.branch_named("bench")
        assert branch is not None
        today = branch.policy.business_day(now)
        keeper = _keeper(store, context, branch, today)
        cells = _fill(store, branch, today)
        year = Period(today - timedelta(days=DAYS - 1), today)
        periods = {"a year": year, "a month": Period(today - timedelta(days=30), today)}
        reports = {what: _seconds(store, branch, period) for what, period in periods.items()}
    finally:
        store.close()
    return [
        Row(f"{name}: cells of a year with {TICKETS:,} tickets a day", cells, ""),
        *(
            Row(f"{name}: report of {what} beside the one before", seconds, "s", "≤ 1", seconds <= _GOAL)
            for what, seconds in reports.items()
        ),
        Row(f"{name}: the keeper sums up a day of {TICKETS:,} tickets", keeper, "s"),
    ]


def _office() -> dict[str, Any]:
    services = [
        {"letter": letter, "names": {"pl": letter}, "walk_in": place % 2 == 0}
        for place, letter in enumerate(_SERVICES)
    ]
    counters = [
        {"number": number, "hall": "A", "services": [_SERVICES[(number + more) % 8] for more in range(3)]}
        for number in range(1, _COUNTERS + 1)
    ]
    hall = {"code": "A", "name": "A"}
    branch = {"code": "bench", "name": "Bench", "hall": [hall], "service": services, "counter": counters}
    return {"branch": [branch]}


def _fill(store: Store, branch: BranchView, today: date) -> int:
    """Write the sums of two years, from some made days in turn; return the cells of one of them."""
    chance, rules = random.Random(1), rules_of(branch)
    patterns = [
        made.sums(rules) for made in (made_day(chance, branch, today, TICKETS) for _ in range(_PATTERNS))
    ]

    def write(session: Session, begun: int) -> None:
        for ago in range(begun, min(begun + _A_WRITE, 2 * DAYS)):
            day = today - timedelta(days=ago)
            write_sums(session, branch.id, day, *patterns[ago % _PATTERNS])
            row = {"branch_id": branch.id, "day": day, "is_due": False, "is_sample": True}
            session.execute(insert(SummedDay).values(row))

    for begun in range(1, 2 * DAYS, _A_WRITE):
        store.write(partial(write, begun=begun))
    return sum(len(patterns[ago % _PATTERNS][0]) for ago in range(1, DAYS))


def _seconds(store: Store, branch: BranchView, period: Period) -> float:
    """Time what a page reads and works out: the report of a period, and of the one before for comparison."""
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for each in (period, before(period)):
            brief = each != period
            found = store.read(partial(report, branch=branch, period=each, is_raw=False, headlines=brief))
            _looked_at(found)
        times.append(time.perf_counter() - began)
    return median(times)


def _looked_at(found: Any) -> None:
    """Work out all that a page shows."""
    groups = (found.by_service, found.by_hour, found.by_weekday, found.by_weekday_and_hour, found.by_origin)
    for group in groups:
        for figures in group.values():
            _ = figures.wait(0.5), figures.wait(0.95), figures.in_target, figures.mean("service")


def _keeper(store: Store, context: Context, branch: BranchView, today: date) -> float:
    """Write a day of tickets, and time the look that sums it up."""
    made = made_day(random.Random(2), branch, today, TICKETS)
    store.write(lambda session: _tickets(session, branch, today, made))
    keep_sums(store, context)
    store.write(lambda session: session.execute(update(SummedDay).values(is_due=True)))
    return _timed(lambda: keep_sums(store, context))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _tickets(session: Session, branch: BranchView, day: date, made: MadeDay) -> None:
    hall = next(iter(branch.halls.values())).id
    rows = [
        {
            "branch_id": branch.id,
            "hall_id": hall,
            "service_id": visit.service_id,
            "day": day,
            "series": "X",
            "ordinal": number,
            "number": f"X{number}",
            "status": visit.status,
            "lane": "walk_in",
            "lane_at": visit.queued_at,
            "language": visit.language,
            "issued_at": visit.issued_at,
            "queued_at": visit.queued_at,
            "called_at": visit.called_at,
            "started_at": visit.started_at,
            "finished_at": visit.finished_at,
            "outcome": visit.outcome,
            "counter_id": visit.counter_id,
            "call_count": 0,
        }
        for number, visit in enumerate(made.visits, start=1)
    ]
    session.execute(insert(Ticket), rows)
