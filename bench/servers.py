"""Two servers on one PostgreSQL, one behind PgBouncer: how soon one hears of the other, and what is sealed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import func, insert, select

from bench import load
from bench.hall import UNLIMITED, Hall, free_port, hall, running
from bench.streams import CALLS, FEW, STREAMS_EACH, WARM_CALLS, Clerk, call_to_event, calm_down
from bench.table import Row
from deploy import pgbouncer
from deploy.demo.folder import server_tables, toml_of
from deploy.postgres import Cluster, is_installed, running_cluster
from server.clock import SystemClock
from server.store.engine import open_single
from server.store.facts import seal_pending
from server.store.migrate import upgrade
from server.store.tables import Fact
from wire.vocabulary import FactType

TICKETS, FACTS, CLIENTS = 600, 20_000, 16


def run() -> list[Row]:
    """Call on one server with boards on the other, let both write at once, and seal as fast as one can."""
    if not is_installed() or not pgbouncer.is_installed():
        return [Row("two servers, PostgreSQL and PgBouncer", "not installed", "")]
    with running_cluster() as cluster, pgbouncer.running_pooler(cluster.folder) as pooler:
        return [*_two_servers(cluster, pooler.url("two")), *_sealing(cluster.create_database("sealing"))]


def _two_servers(cluster: Cluster, pooled: str) -> list[Row]:
    direct = cluster.create_database("two")
    boards, waiting = FEW // STREAMS_EACH + 1, 2 * (CALLS + WARM_CALLS) + 10
    with hall(waiting=waiting, boards=boards, tables={"portal": UNLIMITED}, database=direct) as one:
        port = free_port()
        behind = server_tables(f"http://127.0.0.1:{port}")
        behind["server"] |= {"database_url": pooled, "session_database_url": direct}
        behind["portal"] = UNLIMITED
        file = one.folder / "behind.toml"
        file.write_text(toml_of(behind), encoding="utf-8")
        with running(("server", "--config", str(file)), one.folder, port) as (process, _):
            other = replace(one, port=port, process_id=process.pid)
            number, token = one.sign_in(0)
            calm_down(one)
            calm_down(other)
            heard = call_to_event(other, Clerk(one, number, token), FEW)
            p99 = heard.at(0.99)
            return [
                Row(f"call on one server -> board on the other, {FEW} streams, p50", heard.at(0.5), "ms"),
                Row(
                    f"call on one server -> board on the other, {FEW} streams, p99",
                    p99,
                    "ms",
                    "≤ 100",
                    p99 <= 100,
                ),
                *_both_write(direct, [one.port, port], one),
            ]


def _both_write(database: str, ports: list[int], office: Hall) -> list[Row]:
    """Give tickets on both as fast as they can; say how many facts that makes, and how far behind sealing is."""
    engine = open_single(database)
    with engine.connect() as connection:
        before = connection.execute(select(func.count()).select_from(Fact)).scalar_one()
        result = load.run(ports, _wishes(office), CLIENTS)
        ended = time.perf_counter()
        written = connection.execute(select(func.count()).select_from(Fact)).scalar_one() - before
        unsealed = select(Fact.id).where(Fact.feed_number.is_(None)).limit(1)
        while connection.execute(unsealed).first() is not None:
            connection.rollback()
            time.sleep(0.005)
    rate = written / result.seconds
    return [
        Row("two servers give tickets: facts", rate, "/s"),
        Row(
            "two servers give tickets: the last one sealed after the last answer",
            (time.perf_counter() - ended) * 1e3,
            "ms",
        ),
    ]


def _wishes(office: Hall) -> Iterator[bytes]:
    for _ in range(TICKETS):
        yield load.command("/api/v1/tickets", office.kiosk, b'{"service":"N"}')


def _sealing(database: str) -> list[Row]:
    """Seal what waits, on one connection and with nobody else there."""
    upgrade(database)
    fact = {
        "at": SystemClock().now(),
        "type": str(FactType.TICKET_ISSUED),
        "branch_id": None,
        "data": {"ticket": 4711, "number": "P042", "service": "P", "hall": "A", "lane": "normal"},
    }
    with open_single(database).begin() as connection:
        connection.execute(insert(Fact), [fact] * FACTS)
    with open_single(database).connect() as connection:
        began, used = time.perf_counter(), time.process_time()
        while seal_pending(connection):
            connection.commit()
        took, used = time.perf_counter() - began, time.process_time() - used
    return [
        Row("one sealer: facts", FACTS / took, "/s"),
        Row("one sealer: its processor, a fact", used / FACTS * 1e6, "µs"),
    ]
