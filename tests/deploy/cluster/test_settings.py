"""The files that operators take are those that the demo fills in, and say what makes a fail-over safe."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from deploy.cluster.database import QUICKEST, Timing
from deploy.cluster.engine import (
    ETC,
    ClusterError,
    Engine,
    answers,
    fill_in,
    found,
    free_ports,
)
from deploy.cluster.running import SERVERS, Cluster
from server.portal.guard.shared_counts import SharedCounts
from server.services.release.arrivals import GIVEN
from tests.house.tracked import ROOT
from tests.server.chaos.clusters import need_engines
from wire.settings import load_settings


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    """Give the folder of a cluster that was not started."""
    need_engines()
    Cluster(tmp_path, Timing())
    return tmp_path


def test_every_file_is_used_and_nothing_is_left_to_fill_in(laid_out: Path) -> None:
    written = {file.name for file in laid_out.rglob("*") if file.is_file()}
    expected = {file.name for file in ETC.iterdir()}
    # The demo's cluster is not backed up: the drill of tests/server_admin fills that one in.
    assert expected - {"numerek.toml", "pgbackrest.conf"} <= written
    for file in laid_out.rglob("*"):
        assert not file.is_file() or "${" not in file.read_text()


def test_files_with_passwords_are_for_their_owner_only(laid_out: Path) -> None:
    for file in (each for each in laid_out.rglob("*") if each.is_file()):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_servers_read_their_settings_and_share_one_key(laid_out: Path) -> None:
    own = [load_settings(laid_out / f"server{n + 1}/config.toml", {}) for n in range(SERVERS)]
    assert len({each.server.port for each in own}) == SERVERS
    assert len({each.server.secrets_file for each in own}) == 1
    assert {each.portal.limits_store.partition("://")[0] for each in own} == {"redis"}
    assert {each.server.trusted_proxies for each in own} == {("127.0.0.1/32",)}


def test_who_is_postgres_on_the_machine_comes_in_by_the_socket_as_the_docs_and_the_backup_do() -> None:
    local = [
        line.split()[1:] for line in (ETC / "patroni.yml").read_text().splitlines() if "- local " in line
    ]
    assert local == [["local", "all", "postgres", "peer"]]
    backup = (ETC / "pgbackrest.conf").read_text()
    assert "pg1-socket-path=" in backup
    assert "`user` postgres" in (ROOT / "docs/cluster.md").read_text()


def test_nothing_is_acknowledged_on_one_disk_alone() -> None:
    text = (ETC / "patroni.yml").read_text()
    for line in ("synchronous_mode: true", "synchronous_mode_strict: true", "synchronous_node_count: 1"):
        assert line in text


def test_the_demo_runs_at_patronis_own_timing() -> None:
    assert Timing() == Timing(ttl=30, loop_wait=10, retry_timeout=10)
    for each in (Timing(), QUICKEST):
        assert each.loop_wait + 2 * each.retry_timeout <= each.ttl, "Patroni refuses it"


def test_the_docs_say_what_to_fill_in() -> None:
    docs = (ROOT / "docs/cluster.md").read_text()
    rows = dict(re.findall(r"(?m)^\| `([\w.]+)` \|(.*)$", docs))
    assert set(rows) == {file.name for file in ETC.iterdir()}
    lists = {"servers_checked", "servers_unchecked", "nodes"}  # told as lines to write
    several = {
        "client_port",
        "peer_port",
        "database_url",
        "session_database_url",
        "read_database_url",
        "mail",
    }
    for name, row in rows.items():
        words = set(re.findall(r"\$\{?(\w+)", (ETC / name).read_text())) - lists - several
        unsaid = {word for word in words if word not in row and "passwords" not in row}
        assert unsaid == set(), name


def test_a_value_that_is_missing_is_no_file_with_holes(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        fill_in("redis.conf", tmp_path / "redis.conf", address="127.0.0.1")
    assert not (tmp_path / "redis.conf").exists()


def test_a_redis_that_dies_keeps_the_line_in_front(tmp_path: Path) -> None:
    need_engines()
    (port,) = free_ports(1)
    values = {"address": "127.0.0.1", "port": port, "password": "word", "data": tmp_path}
    redis = Engine(
        "redis",
        ["redis-server", str(fill_in("redis.conf", tmp_path / "redis.conf", **values))],
        tmp_path / "log",
        is_ours=True,
    )
    try:
        redis.start()
        redis.wait_until(lambda: answers(port), 60)
        SharedCounts(f"redis://:word@127.0.0.1:{port}").add(GIVEN, 70_000)
        redis.kill()
        redis.start()
        redis.wait_until(lambda: answers(port), 60)
        assert SharedCounts(f"redis://:word@127.0.0.1:{port}").read({}) == (70_000, 0)
    finally:
        redis.stop()


def test_an_engine_that_is_missing_or_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    assert found("no-such-engine") is None
    with pytest.raises(ClusterError, match=r"apt-cluster\.txt"):
        Engine("none", ["no-such-engine"], tmp_path / "log").start()
    engine = Engine("brief", ["sh", "-c", "echo out of paper"], tmp_path / "log", is_ours=True)
    engine.start()
    with pytest.raises(ClusterError, match=r"brief ended(.|\n)*out of paper"):
        engine.wait_until(lambda: False, 30)


def test_ports_are_below_those_of_outgoing_connections() -> None:
    ports = free_ports(5)
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert len(set(ports)) == 5
    assert max(ports) < first
