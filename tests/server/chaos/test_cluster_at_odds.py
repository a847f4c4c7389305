"""A wrong clock, a full disk, a dead primary that somebody started by hand: nobody is told what is not so."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from deploy.cluster.database import QUICKEST, Node
from deploy.cluster.engine import Engine, give_to_engines, write_for_engines
from deploy.cluster.running import Cluster
from deploy.postgres import program
from tests.server.chaos.clusters import Watched, lead, started

pytestmark = [pytest.mark.long, pytest.mark.timeout(1_200)]
_DISK_BYTES = 500 * 1024 * 1024
_MARGIN_BYTES = 64 * 1024
_PATIENCE_SECONDS = 120.0


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give a cluster whose first server is five minutes ahead, and whose first node has a small disk."""
    mounted: list[Path] = []

    def lay_out(made: Cluster) -> None:
        ours = made.servers[0]
        config = made.folder / "server1" / "config.toml"
        command = [sys.executable, "-m", "tests.server.chaos.server_ahead", "--config", str(config)]
        made.servers[0] = Engine(ours.name, command, ours.log, is_ours=True)
        mounted.extend(_small_disk(made.database.nodes[0]))

    try:
        with started(QUICKEST, lay_out) as made:
            try:
                yield made
            finally:
                made.close()
                _unmount(mounted)
    finally:
        _unmount(mounted)


def test_a_server_that_is_five_minutes_ahead_loses_and_doubles_nothing(cluster: Cluster) -> None:
    watched = Watched(cluster)
    watched.hall.wait_answered(600)
    watched.assert_whole()


def test_a_full_disk_refuses_plainly_until_another_leads_and_loses_nothing(cluster: Cluster) -> None:
    node = cluster.database.nodes[0]
    if not node.folder.is_mount():
        pytest.skip("no right to mount a small disk")
    lead(cluster, node)
    watched = Watched(cluster)
    hall, ballast = watched.hall, node.folder / "ballast"

    def fill() -> None:
        before = len(hall.sent_away)
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(_MARGIN_BYTES)):
                pass
        _until(lambda: len(hall.sent_away) >= before + 20, "the disk never filled")
        print("\n", Counter(why for _, why in hall.sent_away[before:]))
        _until(lambda: _leads_no_more(cluster, node), "nobody else leads")

    try:
        watched.harm("disk of the primary full", fill)
        hall.wait_answered(40)
    finally:
        ballast.unlink()
    cluster.database.wait_whole()
    watched.assert_whole()


def test_a_dead_primary_started_by_hand_on_its_old_timeline_serves_nobody(cluster: Cluster) -> None:
    cluster.database.wait_whole()
    watched, old = Watched(cluster), cluster.database.primary()
    watched.harm("primary and its Patroni", old.kill)
    leader = cluster.database.wait_primary(old)
    postgres = program("postgres")
    assert postgres is not None
    command = [postgres, "-D", str(old.folder / "data"), "-c", "synchronous_standby_names="]
    by_hand = Engine("by hand", command, old.folder / "by-hand.log")
    by_hand.start()
    _serves_nobody_and_comes_back(watched, old, leader, by_hand.kill)


def _serves_nobody_and_comes_back(
    watched: Watched, stray: Node, leader: Node, end: Callable[[], None]
) -> None:
    """Check that nobody is led to a node that takes writes, and that its Patroni makes it follow the leader.

    The control is libpq's own list of hosts: it asks PostgreSQL alone, and is led astray.
    """
    cluster = watched.cluster
    _until(lambda: _timeline(cluster, stray) is not None, f"{stray.name} does not come up")
    hosts = f"host={stray.address},{leader.address} port={stray.port},{leader.port}"
    misled = f"{cluster.database.conninfo(leader)} {hosts} target_session_attrs=read-write"
    with psycopg.connect(misled, autocommit=True) as connection:
        assert connection.info.port == stray.port
        connection.execute("SET synchronous_commit = local")
        connection.execute("CREATE TABLE written_astray ()")
    there, here = _tickets(cluster, stray), _tickets(cluster, leader)
    watched.hall.wait_answered(200)
    assert _tickets(cluster, leader) > here, "nobody took a ticket: the comparison would say nothing"
    assert _tickets(cluster, stray) == there, "somebody wrote where nobody leads"
    print(f"\ntimelines: {_timeline(cluster, stray)} astray, {_timeline(cluster, leader)} of the leader")
    end()
    stray.patroni.start()
    _until(
        lambda: _is_back(cluster, stray), f"{stray.name} does not follow, or keeps what was written astray"
    )
    cluster.database.wait_whole()
    assert cluster.database.primary() is leader
    watched.assert_whole()


def _is_back(cluster: Cluster, node: Node) -> bool:
    """Say whether a node follows, and has forgotten what was written astray."""
    with suppress(psycopg.Error), psycopg.connect(cluster.database.conninfo(node)) as connection:
        row = connection.execute(
            "SELECT pg_is_in_recovery(), to_regclass('written_astray') IS NULL"
        ).fetchone()
        return row == (True, True)
    return False


def _timeline(cluster: Cluster, node: Node) -> int | None:
    """Ask PostgreSQL for its timeline; None where it takes no connections or no writes."""
    try:
        with psycopg.connect(cluster.database.conninfo(node)) as connection:
            row = connection.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()
    except psycopg.Error:
        return None
    return int(row[0][:8], 16) if row else None


def _tickets(cluster: Cluster, node: Node) -> int:
    with psycopg.connect(cluster.database.conninfo(node)) as connection:
        row = connection.execute("SELECT count(*) FROM ticket").fetchone()
    assert row is not None
    return int(row[0])


def _leads_no_more(cluster: Cluster, node: Node) -> bool:
    """Ask for another piece of the write-ahead log, which finds no room; say whether another node leads."""
    with suppress(psycopg.Error), psycopg.connect(cluster.database.conninfo(node), autocommit=True) as old:
        old.execute("SELECT pg_switch_wal()")
    with suppress(RuntimeError):
        return cluster.database.primary() is not node
    return False


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, otherwise
        time.sleep(0.1)


def _small_disk(node: Node) -> list[Path]:
    """Put a node with its settings onto a small disk, and its log elsewhere; none without the right to."""
    config = node.folder / "patroni.yml"
    text = config.read_text()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES},mode=700", "tmpfs", node.folder]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    write_for_engines(config, text)
    give_to_engines(node.folder)
    node.patroni.log = node.folder.with_suffix(".log")
    return [node.folder]


def _unmount(mounted: list[Path]) -> None:
    while mounted:
        subprocess.run(["umount", "--lazy", mounted.pop()], check=False)
