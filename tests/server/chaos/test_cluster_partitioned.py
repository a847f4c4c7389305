"""The primary's machine is cut off while people on its side go on: there is one truth, and nothing of it is lost.

The machine is a namespace of the network with etcd, PostgreSQL under Patroni and a server of its own. Its cable
to the others is a port of a bridge, people on its side have a cable of their own. That server asks PostgreSQL
alone which node takes writes: nothing but the cluster itself keeps it from writing where nobody leads any more.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

import pytest

from deploy.cluster.database import Timing
from deploy.cluster.engine import Engine, Machine
from deploy.cluster.people import Answered, Hall
from deploy.cluster.running import Cluster, is_ready
from tests.server.chaos.clusters import Watched, lead, need_engines, started

pytestmark = [pytest.mark.long, pytest.mark.timeout(1_800)]
_AWAY, _BRIDGE, _WIRE, _HALL = (f"nq{letter}{os.getpid()}" for letter in "pbwh")
_OTHERS, _CUT_OFF, _PEOPLE, _THEIR_SERVER = "10.232.8.1", "10.232.8.2", "10.232.9.1", "10.232.9.2"
_PORT = 8080
_STEPS = (
    f"link add {_BRIDGE} type bridge",
    f"address add {_OTHERS}/24 dev {_BRIDGE}",
    f"link set {_BRIDGE} up",
    f"netns add {_AWAY}",
    f"-n {_AWAY} link set lo up",
    f"link add {_WIRE} type veth peer name wire netns {_AWAY}",
    f"link set {_WIRE} master {_BRIDGE} up",
    f"-n {_AWAY} address add {_CUT_OFF}/24 dev wire",
    f"-n {_AWAY} link set wire up",
    f"link add {_HALL} type veth peer name hall netns {_AWAY}",
    f"address add {_PEOPLE}/30 dev {_HALL}",
    f"link set {_HALL} up",
    f"-n {_AWAY} address add {_THEIR_SERVER}/30 dev hall",
    f"-n {_AWAY} link set hall up",
)


def _ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], capture_output=True, text=True, check=True)


@pytest.fixture(scope="module")
def away() -> Iterator[Machine]:
    """Give a machine of its own, with both of its cables."""
    need_engines()
    try:
        for step in _STEPS:
            _ip(step)
        yield Machine(_CUT_OFF, _AWAY)
    except FileNotFoundError:
        pytest.skip("iproute2 is not there")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no namespaces of the network here: {error.stderr.strip()}")
    finally:
        for what in (f"link del {_WIRE}", f"link del {_HALL}", f"link del {_BRIDGE}", f"netns del {_AWAY}"):
            subprocess.run(["ip", *what.split()], capture_output=True, check=False)


@pytest.fixture(scope="module")
def cluster(away: Machine) -> Iterator[Cluster]:
    """Give a cluster whose first node is that machine, with a server on it."""
    others = Machine(_OTHERS)
    with started(Timing(), machines=(away, others, others)) as made:
        server = _server(made, away)
        server.start()
        try:
            server.wait_until(lambda: is_ready(_PORT, _THEIR_SERVER), 180)
            yield made
        finally:
            server.kill()


def _server(cluster: Cluster, machine: Machine) -> Engine:
    """Lay out a server that looks for a PostgreSQL that takes writes, whatever Patroni says of it."""
    folder = cluster.folder / "server-away"
    folder.mkdir(mode=0o700)
    hosts = "&".join(f"host={each.address}:{each.port}" for each in cluster.database.nodes)
    secret = cluster.database.passwords.numerek
    url = f"postgresql+psycopg://numerek:{secret}@/numerek?{hosts}&target_session_attrs=read-write"
    return cluster.server_in(
        folder,
        machine,
        address=_THEIR_SERVER,
        port=_PORT,
        database_url=url,
        session_database_url=url,
        read_database_url="",
        proxies="",
        limits_store="",
    )


@pytest.mark.parametrize("is_synchronous", [True, False], ids=["synchronous", "control: asynchronous"])
def test_only_one_side_of_a_cut_network_acknowledges(cluster: Cluster, is_synchronous: bool) -> None:
    database, node = cluster.database, cluster.database.nodes[0]
    lead(cluster, node)
    if not is_synchronous:
        node.change(synchronous_mode=False, synchronous_mode_strict=False, maximum_lag_on_failover=1 << 30)
    try:
        _cut(cluster, is_synchronous)
    finally:
        database.wait_primary().change(
            synchronous_mode=True, synchronous_mode_strict=True, maximum_lag_on_failover=1 << 20
        )


def _cut(cluster: Cluster, is_synchronous: bool) -> None:
    database, node = cluster.database, cluster.database.nodes[0]
    watched = Watched(cluster)
    inside = Hall(_PORT, cluster.told | {"reservations": []}, kiosks=3, counters=0, host=_THEIR_SERVER)
    inside.start()
    inside.wait_answered(40)
    log_began = len(node.patroni.log.read_bytes())
    cut_at = 0.0

    def cut() -> None:
        nonlocal cut_at
        _ip(f"link set {_WIRE} nomaster")
        cut_at = time.monotonic()

    watched.harm("primary cut off", cut)
    leader = database.wait_primary(node)
    alone = [each for each in inside.answered if each.began > cut_at]
    print(f"\n{_told(alone, cut_at)}; {leader.name} leads")
    said = node.patroni.log.read_bytes()[log_began:].decode("utf-8", "replace")
    print("\n".join(line for line in said.splitlines() if "emot" in line)[:600])
    watched.harm("cable back", lambda: _ip(f"link set {_WIRE} master {_BRIDGE}"))
    inside.wait_answered(20, seconds=180)
    if is_synchronous:
        database.wait_whole()
        assert alone == [], "the side without the others acknowledged something"
        assert inside.sent_away, "nobody was at a kiosk there"
        watched.assert_whole(inside)
        assert not inside.faults, inside.faults[:5]
    else:
        verdict = watched.verdict(inside)
        watched.tell(verdict)
        assert alone, "the control: nobody was served there"
        wrong = {each.number for each in alone} & {*verdict.lost, *verdict.doubled}
        assert wrong, "the control: what was acknowledged there is neither lost nor given a second time"


def _told(alone: list[Answered], cut_at: float) -> str:
    last = f", the last {alone[-1].ended - cut_at:.1f} s after the cut" if alone else ""
    return f"cut off: {len(alone)} acknowledged there{last}"
