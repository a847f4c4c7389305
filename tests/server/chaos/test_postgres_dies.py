"""PostgreSQL's sessions are cut, one is killed, and it restarts, under load: the server comes back by itself."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.postgres import Cluster, is_installed, running_cluster
from tests.server.chaos.boards import Boards
from tests.server.chaos.on_postgres import OfficeOnPostgres, assert_whole, plain, sealed_tip
from tests.server.chaos.running import Load, command

_AGAIN_SECONDS = 15.0


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Give a PostgreSQL of this test's own, since it is to be broken."""
    if not is_installed():
        pytest.skip("PostgreSQL is not installed: ./numerek setup --test")
    with running_cluster(fsync=False) as made:
        yield made


@pytest.fixture
def office(cluster: Cluster, tmp_path: Path) -> OfficeOnPostgres:
    """Give the sample office on the cluster."""
    return OfficeOnPostgres(tmp_path, cluster.create_database("numerek"))


@pytest.fixture
def port(office: OfficeOnPostgres) -> Iterator[int]:
    """Serve the office."""
    with office.server() as server:
        yield server.port


def test_the_server_comes_back_after_every_way_of_losing_postgres(
    cluster: Cluster, office: OfficeOnPostgres, port: int, request: pytest.FixtureRequest
) -> None:
    rounds = 10 if request.config.getoption("--long") else 1
    kiosk = office.told["device_tokens"]["kiosk"]
    with Boards(
        port, [office.told["device_tokens"]["board"]], "ticket.issued", 3, sealed_tip(office.url)
    ) as boards:
        boards.wait(lambda each: each.connections == 1)
        load, slowest = Load(port, kiosk, clients=6), {}
        load.start([("tickets", {"service": "N"})] * 100_000)
        for harm in (_cut_sessions, _kill_one, Cluster.restart) * rounds:
            _until_given(load, 10)
            harm(cluster)
            slowest[harm.__name__] = max(slowest.get(harm.__name__, 0.0), _until_given(load, 10))
        load.end()
        assert (
            command(port, "tickets", {"service": "N"}, kiosk, load.given[0].key).body
            == load.given[0].answer.body
        )
        behind = boards.wait(lambda each: len(each.heard) >= len(load.given), _AGAIN_SECONDS)
        began = time.monotonic()
        last = Load(port, kiosk, clients=1)
        last.start([("tickets", {"service": "N"})])
        _until_given(last, 1)
        last.end()
        load.given += last.given
        boards.wait(lambda each: len(each.heard) >= len(load.given), _AGAIN_SECONDS)
        rung = time.monotonic() - began
        assert all(each.connections == 1 for each in boards.all), "the server let its streams go"
    assert {each.answer.status for each in load.given} == {201}
    reasons = Counter(answer.reason for answer in load.refused)
    assert set(reasons) <= {"database_gone", "database_busy", "overloaded"}
    assert reasons["database_gone"], "no request met the harm"
    for board in boards.all:
        assert len(board.heard) == len(set(board.heard)) == len(load.given)
    assert_whole(office.url, [each.number for each in load.given])
    print(
        f"\n{len(load.given)} tickets; 503s {dict(reasons)}; giving again after "
        + ", ".join(f"{name.strip('_')} {seconds:.2f} s" for name, seconds in slowest.items())
        + f"; boards caught up after {behind:.2f} s, then a call in {rung * 1000:.0f} ms"
    )


def _cut_sessions(cluster: Cluster) -> None:
    """End every session of the server, its listener's too."""
    with psycopg.connect(plain(cluster.url())) as administrator:
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'numerek'"
        )


def _kill_one(cluster: Cluster) -> None:
    """SIGKILL one session's process: PostgreSQL then cuts all others and recovers as after a crash."""
    with psycopg.connect(plain(cluster.url())) as administrator:
        found = administrator.execute("SELECT pid FROM pg_stat_activity WHERE datname = 'numerek' LIMIT 1")
        row = found.fetchone()
    assert row is not None
    os.kill(row[0], signal.SIGKILL)


def _until_given(load: Load, more: int) -> float:
    """Wait until so many more tickets are given; return the seconds."""
    began, before = time.monotonic(), len(load.given)
    while len(load.given) < before + more:
        assert time.monotonic() - began < _AGAIN_SECONDS, load.refused[-1:]
        time.sleep(0.005)
    return time.monotonic() - began
