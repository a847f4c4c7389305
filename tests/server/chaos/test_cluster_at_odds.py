"""A full disk, a wrong clock, a node that somebody promoted by hand: nobody is told what is not so."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.cluster.database import QUICKEST, Node
from deploy.cluster.engine import Engine, give_to_engines
from deploy.cluster.running import Cluster
from deploy.postgres import account, program
from tests.server.chaos.clusters import Watched, started

pytestmark = [pytest.mark.long, pytest.mark.timeout(1_200)]
_DISK_BYTES = 700 * 1024 * 1024
_MARGIN_BYTES = 64 * 1024


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give a cluster whose first node has a small disk, and whose first server is ahead of its time."""
    mounted: list[Path] = []

    def lay_out(made: Cluster) -> None:
        data = made.database.nodes[0].folder / "data"
        data.mkdir(mode=0o700)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES},mode=700", "tmpfs", data]
        try:
            subprocess.run(mount, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no right to mount a small disk: {error}")
        mounted.append(data)
        give_to_engines(data)
        ours = made.servers[0]
        config = made.folder / "server1" / "config.toml"
        command = [sys.executable, "-m", "tests.server.chaos.server_ahead", "--config", str(config)]
        made.servers[0] = Engine(ours.name, command, ours.log, is_ours=True)

    try:
        with started(QUICKEST, lay_out) as made:
            try:
                yield made
            finally:
                made.database.close()
                _unmount(mounted)
    finally:
        _unmount(mounted)


def test_a_server_that_is_five_minutes_ahead_loses_and_doubles_nothing(cluster: Cluster) -> None:
    watched = Watched(cluster)
    watched.hall.wait_answered(600)
    watched.assert_whole()


def test_a_full_disk_acknowledges_nothing_falsely(cluster: Cluster) -> None:
    watched, primary = Watched(cluster), cluster.database.primary()
    if primary is not cluster.database.nodes[0]:
        primary.switch_over("pg1")
        primary = cluster.database.wait_primary(primary)
    ballast = primary.folder / "data" / "ballast"
    sent_away = len(watched.hall.sent_away)

    def fill() -> None:
        free = os.statvfs(ballast.parent)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_frsize - _MARGIN_BYTES))
        until = time.monotonic() + 120
        while len(watched.hall.sent_away) < sent_away + 20:
            assert time.monotonic() < until, "the disk never filled"
            time.sleep(0.1)
        ballast.unlink()

    watched.harm("disk of the primary full", fill)
    assert len(watched.hall.sent_away) >= sent_away + 20
    watched.assert_whole()


def test_a_node_promoted_by_hand_on_an_old_timeline_is_written_to_by_nobody(cluster: Cluster) -> None:
    cluster.database.wait_whole()
    watched, old = Watched(cluster), cluster.database.primary()
    watched.harm("primary and its Patroni", old.kill)
    leader = cluster.database.wait_primary(old)
    _promote_by_hand(old)
    watched.hall.wait_answered(200)
    there, here = _tickets(cluster, old), _tickets(cluster, leader)
    watched.hall.wait_answered(200)
    assert _tickets(cluster, leader) > here, (
        "nobody took a ticket meanwhile: the comparison would say nothing"
    )
    assert _tickets(cluster, old) == there, "somebody wrote where nobody leads"
    old.kill_postgres()
    old.patroni.start()
    cluster.database.wait_whole()
    watched.assert_whole()


def _promote_by_hand(node: Node) -> None:
    """Start a node's PostgreSQL without Patroni, as a primary that takes writes on one disk alone."""
    data = node.folder / "data"
    for name in ("standby.signal", "recovery.signal"):
        (data / name).unlink(missing_ok=True)
    postgres, owner = program("postgres"), account()
    assert postgres is not None
    subprocess.Popen(
        [postgres, "-D", str(data), "-c", f"port={node.port}", "-c", "synchronous_standby_names="],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
        start_new_session=True,
    )


def _tickets(cluster: Cluster, node: Node) -> int:
    until = time.monotonic() + 60
    while True:
        try:
            with psycopg.connect(cluster.database.conninfo(node)) as connection:
                row = connection.execute("SELECT count(*) FROM ticket").fetchone()
        except psycopg.OperationalError:
            assert time.monotonic() < until, f"{node.name} does not come up"
            time.sleep(0.1)
        else:
            assert row is not None
            return int(row[0])


def _unmount(mounted: list[Path]) -> None:
    while mounted:
        subprocess.run(["umount", "--lazy", mounted.pop()], check=False)
