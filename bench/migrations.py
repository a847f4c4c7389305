"""The last migrations on a full database of PostgreSQL: how long each takes, and how long others wait for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from sqlalchemy import Engine, text

from bench.table import Row
from deploy.postgres import running_cluster
from server.clock import SystemClock
from server.services.office.set_up import set_up_office
from server.store.engine import open_single
from server.store.migrate import _config, _patiently, bring_to, upgrade
from server.store.store import Store

VERSIONS = Path(__file__).parents[1] / "server/store/migrations/versions"
DAYS, TICKETS_A_DAY = 250, 2_000
"""A year of a voivodeship: 500 000 tickets, as many calls, two facts each."""
MEASURED = 6
GOAL_MS = 200
_TRY_EACH_SECONDS = 0.01
# What a check-in and a call need of these tables; who only reads needs less.
_WORK = "LOCK TABLE ticket, call, fact, device, clerk_session IN ROW EXCLUSIVE MODE"
_OFFICE: dict[str, Any] = {
    "code": "bench",
    "name": "Bench",
    "hall": [{"code": "A", "name": "A"}],
    "service": [{"letter": "P", "names": {"pl": "P"}}],
    "counter": [{"number": 1, "hall": "A", "services": ["P"]}],
}
_BEGAN = 1_767_225_600_000_000
"""The first of January 2026 as tables hold an instant, in microseconds."""
_PLACES = "(SELECT id FROM {0} LIMIT 1)"
_FILL = (
    "SET LOCAL session_replication_role = replica",  # references are right, and need no check of each row
    f"""INSERT INTO ticket (branch_id, hall_id, service_id, counter_id, day, series, ordinal, number, status,
        lane, lane_at, language, issued_at, queued_at, called_at, started_at, finished_at, outcome, call_count)
    SELECT {", ".join(_PLACES.format(name) for name in ("branch", "hall", "service", "counter"))},
        date '2026-01-01' + n / {TICKETS_A_DAY}, 'P', n % {TICKETS_A_DAY} + 1, 'P' || n % {TICKETS_A_DAY},
        'finished', 'walk_in', at, 'pl', at, at, at, at, at, 'served', 1
    FROM generate_series(0, {DAYS * TICKETS_A_DAY - 1}) n,
        LATERAL (SELECT {_BEGAN} + n * 30000000::bigint AS at) t""",
    """INSERT INTO call (ticket_id, hall_id, counter_id, called_at)
    SELECT id, hall_id, counter_id, called_at FROM ticket""",
    """INSERT INTO fact (feed_number, chain_hash, at, type, branch_id, data)
    SELECT 2 * id + n, '\\x00', issued_at, 'ticket.issued', branch_id, '{}'
    FROM ticket, generate_series(0, 1) n""",
    "ANALYZE",
)


def run() -> list[Row]:
    """Fill a database at the newest version, go back some versions, and come forward one by one."""
    with running_cluster() as cluster:
        url = cluster.create_database("bench")
        upgrade(url)
        store = Store(url)
        now = SystemClock().now()
        store.write(lambda session: set_up_office(session, now, {"branch": [_OFFICE]}))
        store.close()
        engine = open_single(url)
        with engine.begin() as connection:
            for statement in _FILL:
                connection.execute(text(statement))
            versions = _versions()
            _patiently(connection, lambda: command.downgrade(_config(connection), versions[0]))
        rows = [Row("tickets and calls, each", DAYS * TICKETS_A_DAY, "rows")]
        for version in versions[1:]:
            rows += _measured(engine, version)
        engine.dispose()
    return rows


def _versions() -> list[str]:
    """List the last versions, the oldest first, and before them the one to start from."""
    return sorted(file.name[:4] for file in VERSIONS.glob("[0-9]*_*.py"))[-MEASURED - 1 :]


def _measured(engine: Engine, version: str) -> list[Row]:
    began = time.perf_counter()
    with engine.connect() as connection, _someone_works(engine) as waits:
        bring_to(connection, version)
    taken = time.perf_counter() - began
    longest = max(waits) * 1e3
    return [
        Row(f"migration {version}", taken, "s"),
        Row(
            f"migration {version}: longest wait of a check-in",
            longest,
            "ms",
            f"≤ {GOAL_MS}",
            longest <= GOAL_MS,
        ),
    ]


@contextmanager
def _someone_works(engine: Engine) -> Iterator[list[float]]:
    """Lock again and again what a check-in locks, and note how long each lock was waited for, in seconds."""
    waits: list[float] = []
    over = threading.Event()
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def work() -> None:
        with psycopg.connect(address) as connection:
            while not over.wait(_TRY_EACH_SECONDS):
                began = time.perf_counter()
                connection.execute(_WORK)
                connection.commit()
                waits.append(time.perf_counter() - began)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()
