"""Every engine of the cluster is killed under load: nothing acknowledged is lost, and people are served again."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator

import psycopg
import pytest

from deploy.cluster.database import QUICKEST, Node, Timing
from deploy.cluster.engine import HOST, Engine
from deploy.cluster.people import Hall
from deploy.cluster.running import Cluster
from deploy.cluster.verdict import judge, read_kept
from tests.server.chaos.clusters import Watched, started

_LONG_SECONDS = 3_000
_ROUNDS = 3
# Patroni's lease, its look, and what a promotion and a busy machine add.
_LEASE_SECONDS = 30 + 10 + 20.0
# Patroni that systemd starts again at once does not wait for the end of its own lease: it gives it away.
_AGAIN_SECONDS = 30.0


@pytest.mark.timeout(900)
def test_the_primary_dies_while_people_check_in() -> None:
    with started(QUICKEST) as cluster:
        watched, primary = Watched(cluster), cluster.database.primary()
        watched.harm("primary and its Patroni", primary.kill)
        assert cluster.database.wait_primary(primary) is not primary
        assert watched.hall.sent_away, "nobody was at a kiosk when the primary died"
        watched.assert_whole()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give a cluster with Patroni's own timing to all long tests of this module."""
    with started(Timing()) as cluster:
        yield cluster


@pytest.fixture
def whole(cluster: Cluster) -> Iterator[Cluster]:
    """Give it with all engines running, before and after."""
    _mend(cluster)
    yield cluster
    _mend(cluster)


@pytest.mark.long
@pytest.mark.timeout(_LONG_SECONDS)
def test_primaries_die_with_their_patroni(whole: Cluster) -> None:
    watched = Watched(whole)
    for _ in range(_ROUNDS):
        watched.harm("primary and its Patroni", whole.database.primary().kill)
        _mend(whole)
    watched.assert_whole()
    assert max(watched.pauses["primary and its Patroni"]) < _LEASE_SECONDS


@pytest.mark.long
@pytest.mark.timeout(_LONG_SECONDS)
def test_primaries_die_alone(whole: Cluster) -> None:
    watched = Watched(whole)
    for _ in range(_ROUNDS):
        watched.harm("PostgreSQL of the primary", whole.database.primary().kill_postgres)
        _mend(whole)
    watched.assert_whole()
    assert max(watched.pauses["PostgreSQL of the primary"]) < _LEASE_SECONDS


@pytest.mark.long
@pytest.mark.timeout(_LONG_SECONDS)
def test_primaries_die_with_their_patroni_which_systemd_starts_again(whole: Cluster) -> None:
    watched, what = Watched(whole), "primary and its Patroni, which starts again"

    for _ in range(_ROUNDS):
        primary = whole.database.primary()

        def killed_both(node: Node = primary) -> None:
            node.kill()
            node.patroni.start()

        watched.harm(what, killed_both)
        _mend(whole)
    watched.assert_whole()
    assert max(watched.pauses[what]) < _AGAIN_SECONDS


@pytest.mark.long
@pytest.mark.timeout(_LONG_SECONDS)
def test_standbys_die(whole: Cluster) -> None:
    watched, database = Watched(whole), whole.database
    for _ in range(_ROUNDS):
        watched.harm("synchronous standby", database.synchronous().kill)
        _mend(whole)
        both = (database.primary(), database.synchronous())
        third = next(each for each in database.nodes if each not in both)
        watched.harm("other standby", third.kill)
        _mend(whole)
    watched.assert_whole()


@pytest.mark.long
@pytest.mark.timeout(_LONG_SECONDS)
def test_engines_and_servers_die(whole: Cluster) -> None:
    watched = Watched(whole)
    for round_ in range(_ROUNDS):
        watched.harm("etcd's leader", _leader_of_etcd(whole).kill, seconds=25)
        _mend(whole)
        for name, engine in (
            ("PgBouncer", whole.pooler),
            ("HAProxy", whole.balancer),
            ("Redis", whole.redis),
            ("a server", whole.servers[round_ % len(whole.servers)]),
        ):
            watched.harm(name, _killed_and_started(engine))
            _mend(whole)
    watched.assert_whole()


@pytest.mark.long
@pytest.mark.timeout(_LONG_SECONDS)
def test_a_primary_that_sleeps_and_wakes_serves_nobody_any_more(whole: Cluster) -> None:
    watched, old = Watched(whole), whole.database.primary()
    postmaster = old.postmaster()
    assert postmaster is not None
    asleep = [old.patroni.process_id, postmaster, *old.processes("postgres")]
    watched.harm("primary asleep", lambda: [os.kill(each, signal.SIGSTOP) for each in asleep])
    assert whole.database.wait_primary(old) is not old
    watched.harm("old primary awake", lambda: [os.kill(each, signal.SIGCONT) for each in asleep])
    watched.assert_whole()


@pytest.mark.long
@pytest.mark.timeout(_LONG_SECONDS)
@pytest.mark.parametrize("is_synchronous", [True, False], ids=["synchronous", "control: asynchronous"])
def test_only_without_synchronous_standbys_something_is_lost(whole: Cluster, is_synchronous: bool) -> None:
    database = whole.database
    primary = database.primary()
    if not is_synchronous:
        primary.change(synchronous_mode=False, synchronous_mode_strict=False, maximum_lag_on_failover=1 << 30)
        _until(lambda: not _names(whole, primary), "asynchronous standbys")
    try:
        hall = Hall(whole.port, whole.told)
        hall.start()
        hall.wait_answered(40)
        for sender in primary.processes("walsender"):
            os.kill(sender, signal.SIGSTOP)  # from now on no standby hears anything
        before = len(hall.answered)
        time.sleep(2)  # so much load that nobody copies
        acknowledged = len(hall.answered) - before
        primary.kill()
        leader = database.wait_primary(primary)
        hall.wait_answered(40)
        hall.end()
        verdict = judge(hall.answered, read_kept(database.conninfo(leader)), [])
    finally:
        database.wait_primary().change(
            synchronous_mode=True, synchronous_mode_strict=True, maximum_lag_on_failover=1 << 20
        )
    print(f"\n{acknowledged} acknowledged without a copy, lost {len(verdict.lost)}: {verdict.lost[:5]}")
    assert bool(verdict.lost) is not is_synchronous
    assert (verdict.doubled == [] and verdict.missing == []) or not is_synchronous


def _killed_and_started(engine: Engine) -> Callable[[], None]:
    """Kill an engine and start it again at once, as systemd does."""

    def do() -> None:
        engine.kill()
        engine.start()

    return do


def _mend(cluster: Cluster) -> None:
    """Start whatever does not run, and wait until all is as it was."""
    database = cluster.database
    for engine in (*database.etcd, cluster.redis, cluster.balancer, cluster.pooler, *cluster.servers):
        if not engine.is_running:
            engine.start()
    for node in database.nodes:
        if not node.patroni.is_running:
            node.patroni.start()
    database.wait_whole()
    cluster.wait_served()


def _leader_of_etcd(cluster: Cluster) -> Engine:
    for engine, port in cluster.database.etcd_ports():
        with urllib.request.urlopen(f"http://{HOST}:{port}/v2/stats/self", timeout=5) as answer:
            said = json.load(answer)
        if said["state"] == "StateLeader":
            return engine
    raise AssertionError("no etcd leads")


def _names(cluster: Cluster, node: Node) -> str:

    with psycopg.connect(cluster.database.conninfo(node)) as connection:
        row = connection.execute("SHOW synchronous_standby_names").fetchone()
    assert row is not None
    return str(row[0])


def _until(holds: Callable[[], bool], for_what: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, for_what
        time.sleep(0.1)
